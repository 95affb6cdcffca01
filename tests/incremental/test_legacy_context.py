"""Legacy code called from modern code, in the legacy application's request context, on its threads."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import flask
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route
from werkzeug.middleware.proxy_fix import ProxyFix

from bridge import run_legacy
from bridge.errors import ExecutorClosed
from bridge.incremental.errors import LegacyRefused, NoLegacyContext, NotInMigration
from bridge.incremental.sessions import cookies_of, flask_session
from tests.asgi_driver import AsgiCall, exchange, http_scope
from tests.incremental.applications import asked, legacy, migrated

ROOT = Path(__file__).resolve().parents[2]


def shop(**config: Any) -> flask.Flask:
    app = flask.Flask("shop")
    app.config.update(SECRET_KEY="s3cret", **config)

    @app.get("/login/<name>")
    def login(name: str) -> str:
        flask.session["user"] = name
        return "welcome"

    return app


def cookie_of(app: flask.Flask, name: str = "ann") -> bytes:
    client = app.test_client()
    client.get(f"/login/{name}")
    found = client.get_cookie("session")
    assert found is not None
    return f"a=1; session={found.value}".encode()


def who_is_it() -> str:
    return f"{flask.session.get('user')} {flask.request.path} {threading.current_thread().name.split('-')[0]}"


async def me(request: Request) -> PlainTextResponse:
    return PlainTextResponse(await run_legacy(who_is_it))


MODERN = Starlette(routes=[Route("/me", me)])


@pytest.mark.parametrize("mode", ["modern", "fallback", "dark", "canary:100"])
async def test_flask_s_session_is_there_in_every_mode_of_modern(mode: str) -> None:
    app = shop()
    async with migrated({"GET /me": mode}, legacy=app, modern=MODERN) as migration:
        answered = await asked(migration, path="/me", headers=[(b"cookie", cookie_of(app))])
    user, path, thread = answered.body.decode().split()
    assert (user, path) == ("ann", "/me")
    assert thread != "MainThread"


def guarded() -> flask.Flask:
    """Return a shop as Flask's tutorial writes it: who is there is asked before each request."""
    app = shop()

    @app.before_request
    def load_user() -> Any:
        flask.g.user = flask.session.get("user")
        if flask.request.path == "/me" and flask.g.user is None:
            return flask.redirect("/login/")
        if flask.g.user == "mallory":
            flask.abort(403)
        return None

    @app.errorhandler(403)
    def forbidden(error: Exception) -> tuple[str, int]:
        return "not you", 403

    return app


async def as_legacy_has_it(request: Request) -> PlainTextResponse:
    try:
        return PlainTextResponse(await run_legacy(lambda: flask.g.user))
    except LegacyRefused as refused:
        return PlainTextResponse(refused.body, refused.status, dict(refused.headers))


async def without_hooks(request: Request) -> PlainTextResponse:
    return PlainTextResponse(str(await run_legacy(lambda: "user" in flask.g, hooks=False)))


GUARDED = Starlette(routes=[Route("/me", as_legacy_has_it), Route("/without", without_hooks)])


async def test_functions_of_before_request_have_run() -> None:
    app = guarded()
    async with migrated(default="modern", legacy=app, modern=GUARDED) as migration:
        headers = [(b"cookie", cookie_of(app))]
        assert (await asked(migration, path="/me", headers=headers)).body == b"ann"
        assert (await asked(migration, path="/without", headers=headers)).body == b"False"


async def test_what_before_request_answers_by_itself_can_be_handed_on() -> None:
    app = guarded()
    cookie = mallory_s(app)
    async with migrated(default="modern", legacy=app, modern=GUARDED) as migration:
        stranger = await asked(migration, path="/me")
        refused = await asked(migration, path="/me", headers=[(b"cookie", cookie)])
    assert (stranger.status, dict(stranger.headers)[b"location"]) == (302, b"/login/")
    assert (refused.status, refused.body) == (403, b"not you")


def mallory_s(app: flask.Flask) -> bytes:
    serializer = flask.sessions.SecureCookieSessionInterface().get_signing_serializer(app)
    assert serializer is not None
    return f"session={serializer.dumps({'user': 'mallory'})}".encode()


async def test_the_lane_of_the_route_runs_it() -> None:
    from bridge import WsgiToAsgi

    lanes = {"version": 1, "default": "thread", "routes": {"GET /streamed": "stream"}}
    bridge = WsgiToAsgi(shop(), lanes=lanes)
    assert bridge.executor_for(http_scope(path="/x")) is bridge.executors["thread"]
    assert bridge.executor_for({"type": "websocket", "path": "/streamed"}) is bridge.executors["stream"]
    routes = [Route("/streamed", me), Route("/me", me)]
    async with migrated(default="modern", legacy=bridge, modern=Starlette(routes=routes)) as migration:
        for path, lane in (("/streamed", "stream"), ("/me", "thread")):
            await asked(migration, path=path)
            assert bridge.executors[lane].statistics().started == 1
        await bridge.executors["stream"].drain()


async def test_flask_is_found_below_its_middleware() -> None:
    app = shop()
    wrapped = ProxyFix(app.wsgi_app)
    async with migrated({"GET /me": "modern"}, legacy=wrapped, modern=MODERN) as migration:
        answered = await asked(migration, path="/me", headers=[(b"cookie", cookie_of(app))])
    assert answered.body.startswith(b"ann /me")


async def test_a_websocket_handler_finds_the_session_too() -> None:
    said: list[str] = []

    async def chat(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        said.append(await run_legacy(lambda: f"{flask.session['user']} {flask.request.url}"))
        await send({"type": "websocket.close"})

    app = shop()
    async with migrated(legacy=app, modern=chat) as migration:
        headers = [(b"host", b"shop.test"), (b"cookie", cookie_of(app))]
        scope = {"type": "websocket", "path": "/chat", "headers": headers, "scheme": "wss"}
        await exchange(migration, scope, [{"type": "websocket.connect"}])
    assert said == ["ann https://shop.test/chat"]


async def test_what_legacy_code_raises_comes_out() -> None:
    async def view(request: Request) -> PlainTextResponse:
        with pytest.raises(ZeroDivisionError):
            await run_legacy(lambda: 1 // 0)
        with pytest.raises(RuntimeError, match="SystemExit"):
            await run_legacy(sys.exit)
        return PlainTextResponse(str(await run_legacy(max, 3, 5)))

    app = Starlette(routes=[Route("/me", view)])
    async with migrated({"GET /me": "modern"}, legacy=shop(), modern=app) as migration:
        assert (await asked(migration, path="/me")).body == b"5"


async def test_a_context_of_one_s_own_serves_any_framework() -> None:
    left: list[str] = []

    @contextmanager
    def context(environ: dict[str, Any]) -> Any:
        yield environ["PATH_INFO"]
        left.append("left")

    async def view(request: Request) -> PlainTextResponse:
        return PlainTextResponse(await run_legacy(lambda path: f"in {path}"))

    app = Starlette(routes=[Route("/me", view)])
    async with migrated(
        {"GET /me": "modern"}, legacy=legacy, modern=app, legacy_context=context
    ) as migration:
        assert (await asked(migration, path="/me")).body == b"in /me"
    assert left == ["left"]


async def test_an_unknown_framework_is_told() -> None:
    async with migrated({"GET /me": "modern"}, legacy=legacy, modern=MODERN) as migration:
        with pytest.raises(NoLegacyContext, match="legacy_context"):
            await asked(migration, path="/me")


async def test_outside_a_migration_it_is_refused() -> None:
    with pytest.raises(NotInMigration, match="modern="):
        await run_legacy(who_is_it)


async def test_a_pool_that_takes_no_more_is_told() -> None:
    async with migrated({"GET /me": "modern"}, legacy=shop(), modern=MODERN) as migration:
        await migration.legacy.executor.drain()
        with pytest.raises(ExecutorClosed):
            await asked(migration, path="/me")


async def test_a_request_that_is_cancelled_leaves_its_place_in_the_queue() -> None:
    from bridge import WsgiToAsgi

    go = threading.Event()
    ran: list[int] = []

    async def view(request: Request) -> JSONResponse:
        holds = asyncio.ensure_future(run_legacy(go.wait, 20))
        waits = asyncio.ensure_future(run_legacy(ran.append, 1))
        await asyncio.sleep(0)
        waits.cancel()
        await asyncio.wait([waits])
        go.set()
        return JSONResponse(await holds)

    app = Starlette(routes=[Route("/me", view)])
    bridge = WsgiToAsgi(shop(), max_threads=1)
    async with migrated({"GET /me": "modern"}, legacy=bridge, modern=app) as migration:
        assert (await AsgiCall(migration, path="/me").run()).body == b"true"
    assert ran == []


# ---------------------------------------------------------------- sessions, from a scope alone


def test_flask_s_signed_session_is_read_without_flask_running() -> None:
    app = shop()
    scope = http_scope(headers=[(b"cookie", cookie_of(app))])
    assert flask_session(scope, "s3cret") == {"user": "ann"}
    assert flask_session(scope, "new", fallbacks=["older", "s3cret"]) == {"user": "ann"}


@pytest.mark.parametrize("cookie", [b"", b"session=", b"session=forged.x.y", b"session=\xff\xfe", b"other=1"])
def test_a_session_that_is_not_flask_s_is_empty(cookie: bytes) -> None:
    assert flask_session(http_scope(headers=[(b"cookie", cookie)]), "s3cret") == {}


def test_a_session_signed_with_another_key_or_too_old_is_empty() -> None:
    scope = http_scope(headers=[(b"cookie", cookie_of(shop()))])
    assert flask_session(scope, "wrong") == {}
    assert flask_session(scope, "s3cret", max_age=-1) == {}


def test_cookies_may_come_in_several_headers() -> None:
    scope = http_scope(headers=[(b"cookie", b'a="1"; b=2'), (b"cookie", b"c=3; a=9; d")])
    assert cookies_of(scope) == {"a": "1", "b": "2", "c": "3"}


DJANGO = """
import asyncio, sys
from django.conf import settings
settings.configure(
    SECRET_KEY="s", ALLOWED_HOSTS=["*"], ROOT_URLCONF=__name__, USE_TZ=True,
    SESSION_ENGINE=sys.argv[1],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": sys.argv[2]}},
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions"],
    MIDDLEWARE=["django.middleware.security.SecurityMiddleware", "django.middleware.common.CommonMiddleware",
                "django.contrib.sessions.middleware.SessionMiddleware", "django.middleware.csrf.CsrfViewMiddleware",
                "django.contrib.auth.middleware.AuthenticationMiddleware", "__main__.tenant", "__main__.Unused"],
    SECURE_SSL_REDIRECT=True)
import django; django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from django.contrib.auth.models import User
from django.test import Client
User.objects.create_user("ann", password="x")
client = Client(); client.login(username="ann", password="x")
cookie = client.cookies["sessionid"].value
from django.core.wsgi import get_wsgi_application
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route
from bridge import Migration, run_legacy
from bridge.incremental.sessions import django_session
from tests.asgi_driver import AsgiCall
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpResponse
from bridge.incremental.errors import LegacyRefused
urlpatterns = []

def tenant(get_response):
    def middleware(request):
        request.tenant = "north"
        if request.META.get("HTTP_X_BANNED"):
            return HttpResponse("banned", status=403)
        return get_response(request)
    return middleware

def Unused(get_response):
    raise MiddlewareNotUsed

def who(request, greeting):
    request.session["not"] = "saved"
    return f"{greeting} {request.user.username} {request.path} {getattr(request, 'tenant', None)}"

async def me(request):
    session = await asyncio.to_thread(django_session, request.scope)
    assert "not" not in session
    try:
        bare = await run_legacy(who, "bare", hooks=False)
        return JSONResponse([await run_legacy(who, "hello"), session["_auth_user_id"], bare])
    except LegacyRefused as refused:
        return JSONResponse(refused.body.decode(), refused.status)

async def main():
    migration = Migration(get_wsgi_application(), Starlette(routes=[Route("/me", me)]),
                          routes={"GET /me": "modern"}, store="memory:")
    with_session = [(b"cookie", b"sessionid=tossed; sessionid=" + cookie.encode())]  # Django takes the last
    for _ in range(2):
        answer = await AsgiCall(migration, path="/me", headers=with_session).run()
        assert answer.body == b'["hello ann /me north","1","bare ann /me None"]', answer
    answer = await AsgiCall(migration, path="/me", headers=[*with_session, (b"x-banned", b"1")]).run()
    assert (answer.status, answer.body) == (403, b'"banned"'), answer
    assert django_session({"headers": []}) == {}
    await migration.close()
    await migration.legacy.executor.drain()

asyncio.run(main())
"""


@pytest.mark.parametrize("engine", ["db", "signed_cookies", "file"])
def test_django_s_user_and_session_are_there(engine: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", DJANGO, f"django.contrib.sessions.backends.{engine}", str(tmp_path / "db")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=50,
    )
    assert done.returncode == 0, done.stderr
