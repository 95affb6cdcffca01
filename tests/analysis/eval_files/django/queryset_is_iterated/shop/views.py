from django.http import HttpResponse

from shop.models import Book



def x(request):
    titles = [book.title for book in Book.objects.all()]  # expect: WB212 django.db.models.QuerySet.__iter__ via ANY /x/
    return HttpResponse(", ".join(titles))
