from django.urls import path
from shop import views

urlpatterns = [
    path("books/", views.Books.as_view()),
    path("others/", views.Others.as_view()),
]
