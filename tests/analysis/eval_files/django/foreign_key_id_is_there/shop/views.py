from django.http import HttpResponse

from shop.models import Book



def x(request):
    book = Book.objects.get(pk=1)  # expect: WB212 django.db.models.QuerySet.get via ANY /x/
    return HttpResponse(str(book.author_id))  # ok
