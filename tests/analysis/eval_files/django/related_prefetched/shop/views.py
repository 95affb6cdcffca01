from django.http import HttpResponse

from shop.models import Author


def titles(author):
    return [book.title for book in author.book_set.all()]  # ok: fetched with the authors


def others(author):
    found = author.book_set.exclude(title="")
    for book in found:  # expect: WB215 django.db.models.QuerySet.__iter__ via ANY /x/
        yield book.title


def x(request):
    authors = Author.objects.prefetch_related("book_set")
    for author in authors:  # expect: WB212 django.db.models.QuerySet.__iter__ via ANY /x/
        titles(author)
        others(author)
    return HttpResponse("")
