from django.core.mail import send_mail
from django.http import HttpResponse


def x(request):
    send_mail("a", "b", "c@a", ["d@a"])  # expect: WB204 django.core.mail.send_mail via ANY /x/
    return HttpResponse("sent")
