from django.urls import path

from . import views

urlpatterns = [
    path("books/<int:pk>/borrow/", views.borrow, name="borrow"),
    path("my/loans/", views.my_loans, name="my-loans"),
    path("my/reading-list.txt", views.reading_list, name="reading-list"),
    path("loans/<int:pk>/renew/", views.renew, name="renew"),
    path("loans/<int:pk>/return/", views.give_back, name="give-back"),
]
