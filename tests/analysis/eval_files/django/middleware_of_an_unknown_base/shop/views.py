from django.http import HttpResponse


def x(request):
    return HttpResponse("a")
