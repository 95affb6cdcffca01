from django.http import HttpResponse

from shop.models import Book



def x(request):
    Book(title="a").save()  # expect: WB212 django.db.models.Model.save via ANY /x/
    return HttpResponse("a")
