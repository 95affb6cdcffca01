from django.urls import path
from shop import views

urlpatterns = [
    path("loaded/", views.loaded),
    path("each/", views.each),
    path("columns/", views.columns),
]
