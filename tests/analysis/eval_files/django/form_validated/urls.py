from django.urls import path
from shop import views

urlpatterns = [
    path("remark/", views.Remark.as_view()),
    path("without/", views.WithoutName.as_view()),
    path("name/", views.Name.as_view()),
    path("chosen/", views.Chosen.as_view()),
    path("seat/", views.Seats.as_view()),
    path("reader/", views.Readers.as_view()),
    path("named/", views.NamedReaders.as_view()),
    path("guest/", views.Guests.as_view()),
]
