from django.http import HttpResponse

from shop.models import Book



def x(request):
    found = [Book.objects.get(pk=number) for number in range(3)]  # expect: WB215 django.db.models.QuerySet.get via ANY /x/
    return HttpResponse(str(len(found)))
