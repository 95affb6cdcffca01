from django.db import transaction
from django.http import HttpResponse


@transaction.atomic  # expect: WB621 django.db.transaction.atomic via ANY /x/
def x(request):
    return HttpResponse("a")


def y(request):
    with transaction.atomic():  # expect: WB621 django.db.transaction.Atomic.__enter__ via ANY /y/
        return HttpResponse("a")
