from django.http import HttpResponse

from shop.models import Book



async def x(request):
    return HttpResponse(Book.objects.get(pk=1).title)  # expect: WB753 django.db.models.QuerySet.get via ANY /x/
