from django.urls import path, re_path

from . import views

urlpatterns = [
    path("", views.BookList.as_view(), name="books"),
    path("shelves/<slug:slug>/", views.Shelf.as_view(), name="shelf"),
    path("books/<int:pk>/", views.BookDetail.as_view(), name="book"),
    path("books/<int:pk>/cover.svg", views.cover, name="cover"),
    path("books/<int:pk>/elsewhere/", views.availability, name="elsewhere"),
    path("authors/", views.authors, name="authors"),
    re_path(r"^authors/(?P<pk>[0-9]+)/$", views.AuthorDetail.as_view(), name="author"),
    path("together/", views.together, name="together"),
    path("today.json", views.today, name="today"),
    path("catalogue.csv", views.catalogue_csv, name="catalogue-csv"),
    path("suggest/", views.Suggest.as_view(), name="suggest"),
    path("staff/stocktake/", views.stocktake, name="stocktake"),
    path("lucky/", views.lucky, name="lucky"),
]
