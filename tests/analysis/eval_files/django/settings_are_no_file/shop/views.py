from django.conf import settings
from django.http import HttpResponse


def x(request):
    return HttpResponse(settings.DEBUG and "a" or "b")  # ok
