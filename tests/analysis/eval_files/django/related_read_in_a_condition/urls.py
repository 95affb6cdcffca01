from django.urls import path
from shop import views

urlpatterns = [
    path("same/", views.same),
    path("other/", views.other),
]
