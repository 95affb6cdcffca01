from django.http import HttpResponse


def x(request):
    if not request.user.is_authenticated:  # expect: WB214 django.http.HttpRequest.user via ANY /x/
        return HttpResponse("")
    return HttpResponse(request.session["cart"])  # ok: who the user is stood in the session
