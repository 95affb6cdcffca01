from django.http import HttpResponse


def x(request):
    request.session["seen"] = True  # expect: WB212 django.http.HttpRequest.session.__setitem__ via ANY /x/
    return HttpResponse("")
