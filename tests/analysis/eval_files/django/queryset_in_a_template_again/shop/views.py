from django.shortcuts import render

from shop.models import Author, Book


def books(request):
    context = {"books": Book.objects.all(), "author": Author.objects.get(pk=1)}  # expect: WB212 django.db.models.QuerySet.get via ANY /books/
    return render(request, "books.html", context)
