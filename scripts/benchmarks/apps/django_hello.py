"""Django's hello world: one view behind the two middlewares that need no database."""

from __future__ import annotations

import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path

from scripts.benchmarks.apps.content import HELLO

__all__ = ["app", "urlpatterns"]


def hello(request: HttpRequest) -> HttpResponse:
    """13 bytes of HTML."""
    return HttpResponse(HELLO)


urlpatterns = [path("", hello)]

settings.configure(
    ALLOWED_HOSTS=["*"],
    DEBUG=False,
    MIDDLEWARE=[
        "django.middleware.security.SecurityMiddleware",
        "django.middleware.common.CommonMiddleware",
    ],
    ROOT_URLCONF=__name__,
    SECRET_KEY="only for the benchmark",  # noqa: S106  signs nothing here
)
django.setup()
app = get_wsgi_application()
