from django.urls import path
from shop import views

urlpatterns = [
    path("named/", views.named),
    path("fetched/", views.fetched),
]
