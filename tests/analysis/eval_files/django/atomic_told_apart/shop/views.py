from django.db import transaction
from django.http import HttpResponse


class Mail:
    def send(self):
        return "mail"


class Paper:
    def send(self):
        return "paper"


class Pigeon:
    def send(self):
        return "pigeon"


class Radio:
    def send(self):
        return "radio"


class Bottle:
    @transaction.atomic  # expect: low WB621 django.db.transaction.atomic via ANY /any/
    def send(self):
        return "bottle"


class Post:
    @transaction.atomic  # expect: WB621 django.db.transaction.atomic via ANY /post/
    def send(self):
        return "post"


WAYS = {"a": Mail(), "b": Paper(), "c": Pigeon(), "d": Radio(), "e": Bottle(), "f": Post()}


def any_of_them(request):
    return HttpResponse(WAYS[request.GET["way"]].send())


def post(request):
    return HttpResponse(Post().send())


def other(request):
    return HttpResponse("")  # ok
