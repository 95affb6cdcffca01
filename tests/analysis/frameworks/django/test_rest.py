"""What REST framework asks around its views: classes of a view, of a decorator, or of the settings."""

from __future__ import annotations

from tests.analysis.frameworks.django.conftest import Analysed, sinks

MODELS = """
from django.contrib.auth.models import User
from django.db import models

class Book(models.Model):
    owner = models.ForeignKey(User, on_delete=models.CASCADE)
    title = models.CharField(max_length=9)
"""

RULES = """
import time
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import BasePermission

class Token(BaseAuthentication):
    def authenticate(self, request):
        time.sleep(1)

class Owner(BasePermission):
    def has_permission(self, request, view):
        time.sleep(2)
        return True

    def has_object_permission(self, request, view, obj):
        return obj.owner == request.user

class Free(BasePermission):
    def has_permission(self, request, view):
        return True
"""

SETTINGS = """
INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth", "rest_framework", "shop"]
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["shop.rules.Token"],
    "DEFAULT_PERMISSION_CLASSES": ["shop.rules.Owner"],
}
"""

VIEWS = """
from rest_framework.decorators import api_view, authentication_classes, permission_classes
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import ModelViewSet
from shop.models import Book
from shop.rules import Free, Owner

class Books(ModelViewSet):
    queryset = Book.objects.all()

class Shown(APIView):
    permission_classes = [Free]

    def get(self, request):
        return Response({})

@api_view(["GET"])
def plain(request):
    return Response({})

@api_view(["GET"])
@permission_classes([Free])
@authentication_classes([])
def free(request):
    return Response({})

def no_api(request):
    return None
"""

URLS = """
from django.urls import include, path
from rest_framework.routers import SimpleRouter
from shop import views
router = SimpleRouter()
router.register("books", views.Books)
urlpatterns = [
    path("", include(router.urls)),
    path("shown/", views.Shown.as_view()),
    path("plain/", views.plain),
    path("free/", views.free),
    path("no/", views.no_api),
]
"""

ASKED = "time.sleep shop/rules.py:8"  # who it is
ALLOWED = "time.sleep shop/rules.py:12"
OWNER = "db.models.fields.related_descriptors.ForwardManyToOneDescriptor.__get__ shop/rules.py:16"


def test_the_settings_classes_stand_around_views_that_name_none(read: Analysed) -> None:
    found = read(settings=SETTINGS, shop__models=MODELS, shop__rules=RULES, shop__views=VIEWS, urls=URLS)
    around = {
        name: sinks(found, name) & {ASKED, ALLOWED}
        for name in ("GET /books/", "GET /shown/", "GET /plain/", "GET /free/", "ANY /no/")
    }
    assert around == {
        "GET /books/": {ASKED, ALLOWED},
        "GET /shown/": {ASKED},
        "GET /plain/": {ASKED, ALLOWED},
        "GET /free/": set(),
        "ANY /no/": set(),
    }


def test_a_permission_is_asked_about_the_views_own_object_where_there_is_one(read: Analysed) -> None:
    found = read(settings=SETTINGS, shop__models=MODELS, shop__rules=RULES, shop__views=VIEWS, urls=URLS)
    one = "/books/(?P<pk>[^/.]+)/"
    asking = {
        name
        for name in ("GET /books/", "POST /books/", f"GET {one}", f"PATCH {one}", f"DELETE {one}")
        if OWNER in sinks(found, name)
    }
    assert asking == {f"GET {one}", f"PATCH {one}", f"DELETE {one}"}
