import time

from django.http import HttpResponse


def x(request):
    time.sleep(1)  # expect: WB101 time.sleep via ANY /shop/x/
    return HttpResponse("late")
