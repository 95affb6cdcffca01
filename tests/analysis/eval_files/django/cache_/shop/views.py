from django.core.cache import cache
from django.http import HttpResponse


def x(request):
    return HttpResponse(cache.get("a"))  # expect: WB225 django.core.cache.cache.get via ANY /x/
