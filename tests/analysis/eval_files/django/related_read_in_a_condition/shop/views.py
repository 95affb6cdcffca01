from django.http import HttpResponse

from shop.models import Book


def same(request):
    book = Book.objects.get(pk=1)  # expect: WB212 django.db.models.QuerySet.get via ANY /same/
    name = (
        book.author.name  # ok: the condition has read it
        if book.author is not None  # expect: WB214 django.db.models.fields.related_descriptors.ForwardManyToOneDescriptor.__get__ via ANY /same/
        else ""
    )
    return HttpResponse(name)


def other(request):
    book = Book.objects.get(pk=1)  # expect: WB212 django.db.models.QuerySet.get via ANY /other/
    name = (
        book.editor.name  # expect: WB214 django.db.models.fields.related_descriptors.ForwardManyToOneDescriptor.__get__ via ANY /other/
        if book.author is not None  # expect: WB214 django.db.models.fields.related_descriptors.ForwardManyToOneDescriptor.__get__ via ANY /other/
        else ""
    )
    return HttpResponse(name)
