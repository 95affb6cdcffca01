from django.http import HttpResponse

from shop.models import Author, Book


def shown(book):
    return book.author.name  # ok: it was given to the constructor


def x(request):
    author = Author.objects.get(pk=1)  # expect: WB212 django.db.models.QuerySet.get via ANY /x/
    return HttpResponse(shown(Book(title="new", author=author)))
