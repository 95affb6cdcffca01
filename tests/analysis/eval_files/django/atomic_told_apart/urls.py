from django.urls import path
from shop import views

urlpatterns = [path("any/", views.any_of_them), path("post/", views.post), path("other/", views.other)]
