from django.http import HttpResponse

from shop.models import Book


def named(request):
    book = Book.objects.get(pk=1)  # expect: WB212 django.db.models.QuerySet.get via ANY /named/
    if hasattr(book, "author"):  # expect: WB214 django.db.models.fields.related_descriptors.ForwardManyToOneDescriptor.__get__ via ANY /named/
        return HttpResponse(book.author.name)  # ok: hasattr has loaded it
    return HttpResponse(book.title)


def fetched(request):
    book = Book.objects.select_related("author").get(pk=1)  # expect: WB212 django.db.models.QuerySet.get via ANY /fetched/
    return HttpResponse(str(hasattr(book, "author")) + str(hasattr(book, "title")))  # ok: it is there
