"""Flask and Django applications that put a value everywhere, wait, and look for it again."""

from __future__ import annotations

import contextvars
import threading
import time
from collections.abc import Callable
from typing import Any

__all__ = ["WAITS", "django_app", "flask_app"]

WAITS = 3
WsgiApp = Callable[..., Any]


def flask_app(database: str) -> WsgiApp:
    """Return an application that answers `OK`, or what it has seen of another request."""
    import flask
    import sqlalchemy
    from sqlalchemy.orm import scoped_session, sessionmaker
    from werkzeug.local import Local

    app = flask.Flask("isolation")
    app.secret_key = "test"
    variable: contextvars.ContextVar[str] = contextvars.ContextVar("variable")
    local, threads = Local(), threading.local()
    session = scoped_session(sessionmaker(sqlalchemy.create_engine(database, poolclass=sqlalchemy.NullPool)))

    @app.get("/<number>")
    def view(number: str) -> str:
        assert not hasattr(threads, "number")
        variable.set(number)
        local.number = threads.number = flask.g.number = flask.session["number"] = number
        mine = session()
        mine.info["number"] = number
        for _ in range(WAITS):
            time.sleep(0.001)
            seen = [variable.get(), local.number, threads.number, flask.g.number, flask.session["number"]]
            seen += [flask.request.view_args["number"], session().info["number"]]  # type: ignore[index]  # a route with an argument
            if set(seen) != {number} or session() is not mine:
                return f"{number} saw {seen}"
        session.remove()
        return "OK"

    @app.get("/async/<number>")
    async def async_view(number: str) -> str:
        import asyncio

        flask.g.number = number
        await asyncio.sleep(0.001)
        time.sleep(0.001)  # even here: the coroutine runs in the request's greenlet
        return "OK" if flask.g.number == number else "another's"

    return app


# For each of Django's engines: to keep a number in the connection, to wait, to read the number; with the connection's id.
DATABASES = {
    "postgresql": (
        "SELECT set_config('bridge.number', %s, true), pg_backend_pid()",
        "SELECT pg_sleep(0.005)",
        "SELECT current_setting('bridge.number'), pg_backend_pid()",
    ),
    "mysql": (
        "SELECT @number := %s, CONNECTION_ID()",
        "SELECT SLEEP(0.005)",
        "SELECT @number, CONNECTION_ID()",
    ),
}


def django_app(port: int, engine: str = "postgresql") -> WsgiApp:
    """Return an application that keeps a transaction of its own open over its waits; on MariaDB by PyMySQL."""
    import django
    from django.conf import settings
    from django.core.wsgi import get_wsgi_application
    from django.http import HttpRequest, HttpResponse
    from django.urls import path

    if engine == "mysql":
        import pymysql  # type: ignore[import-untyped]  # it has no types

        pymysql.install_as_MySQLdb()
    database = {
        "ENGINE": f"django.db.backends.{engine}",
        "HOST": "127.0.0.1",
        "PORT": port,
        "USER": {"postgresql": "postgres", "mysql": "root"}[engine],
        "NAME": "test",
        "CONN_MAX_AGE": 60,  # which the bridge closes with the request all the same
        # PyMySQL makes a TLS context for each connection, 20 ms of CPU, of which this is no test.
        "OPTIONS": {"ssl_disabled": True} if engine == "mysql" else {},
    }
    if not settings.configured:
        settings.configure(ROOT_URLCONF=__name__, DATABASES={"default": database}, ALLOWED_HOSTS=["*"])
        django.setup()
    from django.db import connection, transaction

    keep, wait, read = DATABASES[engine]

    def view(request: HttpRequest, number: int) -> HttpResponse:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(keep, [str(number)])
            pid = cursor.fetchone()[1]
            for _ in range(WAITS):
                cursor.execute(wait)
                cursor.execute(read)
                if cursor.fetchone() != (str(number), pid):
                    return HttpResponse("another's transaction")
        return HttpResponse(f"OK {pid}")

    async def async_view(request: HttpRequest, number: int) -> HttpResponse:
        import asyncio

        loop = asyncio.get_running_loop()
        await asyncio.sleep(0.001)
        return HttpResponse(f"OK {id(loop)} {request.body.decode()}")

    global urlpatterns  # noqa: PLW0603 - where Django looks for them
    urlpatterns = [path("<int:number>", view), path("async/<int:number>", async_view)]
    return get_wsgi_application()


urlpatterns: list[Any] = []
