from django.http import HttpResponse

from shop.models import Book



def x(request):
    found = Book.objects.filter(title="a").order_by("title")  # ok
    return HttpResponse(str(found.query))  # ok
