from django.http import HttpResponse

from shop.models import Book



def x(request):
    if Book.objects.filter(title="a").exists():  # expect: WB212 django.db.models.QuerySet.exists via ANY /x/
        return HttpResponse(str(Book.objects.count()))  # expect: WB212 django.db.models.QuerySet.count via ANY /x/
    return HttpResponse("none")
