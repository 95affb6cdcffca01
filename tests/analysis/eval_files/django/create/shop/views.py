from django.http import HttpResponse

from shop.models import Book



def x(request):
    return HttpResponse(Book.objects.create(title="a").title)  # expect: WB212 django.db.models.QuerySet.create via ANY /x/
