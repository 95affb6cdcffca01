from django.http import HttpResponse

from shop.models import Book


def shown(book):
    return book.author.name  # expect: low WB214 django.db.models.fields.related_descriptors.ForwardManyToOneDescriptor.__get__ via ANY /x/


def x(request):
    books = Book.objects.select_related("author")
    first = books.get(pk=1)  # expect: WB212 django.db.models.QuerySet.get via ANY /x/
    second = Book.objects.get(pk=2)  # expect: WB212 django.db.models.QuerySet.get via ANY /x/
    return HttpResponse(shown(first) + shown(second))
