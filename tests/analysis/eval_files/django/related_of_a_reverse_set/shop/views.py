from django.http import HttpResponse

from shop.models import Author


def x(request):
    author = Author.objects.get(pk=1)  # expect: WB212 django.db.models.QuerySet.get via ANY /x/
    names = []
    for book in author.book_set.all():  # expect: WB212 django.db.models.QuerySet.__iter__ via ANY /x/
        names.append(book.author.name)  # ok: Django knows whose books they are
    return HttpResponse(names)
