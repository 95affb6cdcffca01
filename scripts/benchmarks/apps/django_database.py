"""Django with psycopg2: a view that sleeps in PostgreSQL, behind a pool of connections."""

from __future__ import annotations

import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import path

from scripts.benchmarks.apps.content import DATABASE_SECONDS, HELLO, database_port

__all__ = ["app", "urlpatterns"]


def hello(request: HttpRequest) -> HttpResponse:
    """Prove that it runs, without the database."""
    return HttpResponse(HELLO)


def sleep(request: HttpRequest) -> HttpResponse:
    """Let the database wait."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(%s)", [DATABASE_SECONDS])
    return HttpResponse(HELLO)


urlpatterns = [path("", hello), path("call", sleep)]

settings.configure(
    ALLOWED_HOSTS=["*"],
    DEBUG=False,
    DATABASES={
        "default": {
            "ENGINE": "scripts.benchmarks.apps.pooled_postgresql",
            "HOST": "127.0.0.1",
            "PORT": database_port(),
            "USER": "postgres",
            "NAME": "postgres",
        }
    },
    ROOT_URLCONF=__name__,
    SECRET_KEY="only for the benchmark",  # noqa: S106  signs nothing here
)
django.setup()
app = get_wsgi_application()
