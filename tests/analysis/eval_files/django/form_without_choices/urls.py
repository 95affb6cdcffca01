from django.urls import path
from shop import views

urlpatterns = [
    path("hidden/", views.Hidden.as_view()),
    path("left/", views.LeftOut.as_view()),
    path("own/", views.Own.as_view()),
]
