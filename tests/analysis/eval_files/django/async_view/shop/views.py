from django.http import HttpResponse

from shop.models import Book



async def x(request):
    return HttpResponse((await Book.objects.aget(pk=1)).title)  # ok
# verdict: ANY /x/ ready thread
