from django.http import HttpResponse


def x(request):
    names = request.session.keys()  # expect: WB212 django.http.HttpRequest.session.keys via ANY /x/
    return HttpResponse(" ".join(names))
