from django.http import HttpResponse
from shop.remote import fetch


def x(request):
    return HttpResponse(fetch())
