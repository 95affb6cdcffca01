from django.views.generic import ListView

from shop.models import Book


class Books(ListView):  # ok: the template asks
    model = Book
    template_name = "books.html"


class Others(ListView):  # expect: WB212 django.db.models.QuerySet.__iter__ via GET /others/
    model = Book
    template_name = "of_a_library.html"
