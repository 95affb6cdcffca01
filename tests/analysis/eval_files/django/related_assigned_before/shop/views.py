from django.http import HttpResponse

from shop.models import Author, Book


def assigned(request):
    book = Book.objects.get(pk=1)  # expect: WB212 django.db.models.QuerySet.get via ANY /assigned/
    author = Author.objects.get(pk=2)  # expect: WB212 django.db.models.QuerySet.get via ANY /assigned/
    book.author = author
    return HttpResponse(book.author.name)  # expect: low WB214 django.db.models.fields.related_descriptors.ForwardManyToOneDescriptor.__get__ via ANY /assigned/


def afterwards(request):
    book = Book.objects.get(pk=1)  # expect: WB212 django.db.models.QuerySet.get via ANY /afterwards/
    name = book.author.name  # expect: WB214 django.db.models.fields.related_descriptors.ForwardManyToOneDescriptor.__get__ via ANY /afterwards/
    book.author = Author(name=name)
    return HttpResponse(name)


def another(request):
    book = Book.objects.get(pk=1)  # expect: WB212 django.db.models.QuerySet.get via ANY /another/
    book.author = Author(name="x")
    book = Book.objects.get(pk=2)  # expect: WB212 django.db.models.QuerySet.get via ANY /another/
    return HttpResponse(book.author.name)  # expect: WB214 django.db.models.fields.related_descriptors.ForwardManyToOneDescriptor.__get__ via ANY /another/


def the_key(request):
    book = Book.objects.get(pk=1)  # expect: WB212 django.db.models.QuerySet.get via ANY /the_key/
    book.author_id = 3
    return HttpResponse(book.author.name)  # expect: WB214 django.db.models.fields.related_descriptors.ForwardManyToOneDescriptor.__get__ via ANY /the_key/
