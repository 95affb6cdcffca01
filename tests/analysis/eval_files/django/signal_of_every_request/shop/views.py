from django.http import HttpResponse

from shop.signals import seen


def x(request):
    return HttpResponse(str(seen()))
