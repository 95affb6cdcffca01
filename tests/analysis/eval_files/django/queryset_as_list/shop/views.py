from django.http import HttpResponse

from shop.models import Book



def x(request):
    return HttpResponse(str(list(Book.objects.all())))  # expect: WB212 django.db.models.QuerySet.__iter__ via ANY /x/
