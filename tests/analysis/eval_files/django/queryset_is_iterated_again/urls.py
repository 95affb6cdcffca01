from django.urls import path
from shop import views

urlpatterns = [
    path("again/", views.again),
    path("narrowed/", views.narrowed),
    path("two/", views.two),
]
