from django.http import HttpResponse
from django.shortcuts import get_object_or_404

from shop.models import Book


def found(number):
    books = Book.objects.filter(pk=number)
    books = books.select_related("author")
    return get_object_or_404(books)  # expect: WB212 django.shortcuts.get_object_or_404 via ANY /x/


def shown(book):
    return book.author.name  # ok: the query of `found` has loaded it


def x(request):
    return HttpResponse(shown(found(1)))
