"""Starlette's own middleware around the bridge, unmodified."""

from __future__ import annotations

import gzip
import json
from base64 import b64decode
from collections.abc import Callable, Iterator
from typing import Any

import flask
import pytest
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.middleware.httpsredirect import HTTPSRedirectMiddleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware

from bridge import WsgiToAsgi
from tests.asgi_driver import AsgiCall
from tests.faults.rig import Counted, Meeting

Bridged = Callable[..., WsgiToAsgi]


def hello(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain"), ("Vary", "Accept-Language")])
    return [b"hello"]


def never(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    raise AssertionError("the application must not be called")


# ---------------------------------------------------------------- CORS


async def test_cors_adds_its_headers_to_those_of_the_application(bridged: Bridged) -> None:
    app = CORSMiddleware(bridged(hello), allow_origins=["https://shop.example"], allow_credentials=True)
    answer = await AsgiCall(app, headers=[(b"origin", b"https://shop.example")]).run()
    assert (answer.status, answer.body) == (200, b"hello")
    assert answer.header(b"access-control-allow-origin") == b"https://shop.example"
    assert answer.header(b"vary") == b"Accept-Language, Origin"


async def test_cors_answers_a_preflight_without_the_application(bridged: Bridged) -> None:
    app = CORSMiddleware(bridged(never), allow_origins=["*"], allow_methods=["PUT"])
    headers = [(b"origin", b"https://shop.example"), (b"access-control-request-method", b"PUT")]
    answer = await AsgiCall(app, method="OPTIONS", headers=headers).run()
    assert (answer.status, answer.complete) == (200, True)
    assert answer.header(b"access-control-allow-methods") == b"PUT"


# ---------------------------------------------------------------- GZip


ASKS_GZIP = [(b"accept-encoding", b"gzip")]


async def test_gzip_compresses_a_list_and_corrects_its_length(bridged: Bridged) -> None:
    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "10000")])
        return [b"x" * 10_000]

    answer = await AsgiCall(GZipMiddleware(bridged(app)), headers=ASKS_GZIP).run()
    assert answer.header(b"content-encoding") == b"gzip"
    assert answer.header(b"content-length") == b"%d" % len(answer.body)
    assert gzip.decompress(answer.body) == b"x" * 10_000


async def test_gzip_compresses_a_stream_and_sends_each_block_as_it_comes(bridged: Bridged) -> None:
    first_seen = Meeting()

    def app(environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        start_response("200 OK", [("Content-Type", "text/plain")])
        yield b"first" * 1000
        first_seen.arrive()
        yield b"second" * 1000

    call = AsgiCall(GZipMiddleware(bridged(app)), headers=ASKS_GZIP)
    async with call.running():
        await call.event_sent(2)
        await first_seen.arrived()
        assert call.events[1]["more_body"] is True
        first_seen.let_go()
    answer = call.answer()
    assert answer.complete
    assert gzip.decompress(answer.body) == b"first" * 1000 + b"second" * 1000


async def test_gzip_leaves_a_small_response_and_an_encoded_one_alone(bridged: Bridged) -> None:
    def encoded(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        start_response("200 OK", [("Content-Encoding", "br")])
        return [b"x" * 10_000]

    assert (await AsgiCall(GZipMiddleware(bridged(hello)), headers=ASKS_GZIP).run()).body == b"hello"
    assert (await AsgiCall(GZipMiddleware(bridged(encoded)), headers=ASKS_GZIP).run()).body == b"x" * 10_000


async def test_gzip_passes_an_error_after_the_headers_on(bridged: Bridged) -> None:
    def app(environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        start_response("200 OK", [("Content-Type", "text/plain")])
        yield b"x" * 10_000
        raise ValueError("half way")

    call = AsgiCall(GZipMiddleware(bridged(app)), headers=ASKS_GZIP)
    with pytest.raises(ValueError, match="half way"):
        await call.run()
    assert not call.answer().complete


# ---------------------------------------------------------------- Session


async def test_session_is_shared_with_the_application_in_both_directions(bridged: Bridged) -> None:
    """The session is in the scope, and the scope in environ: the very dict that the middleware saves."""

    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        session = environ["asgi.scope"]["session"]
        session["visits"] = session.get("visits", 0) + 1
        start_response("200 OK", [("Set-Cookie", "own=1")])
        return [b"%d" % session["visits"]]

    application = SessionMiddleware(bridged(app), secret_key="for tests only")
    first = await AsgiCall(application).run()
    own, session = first.headers_named(b"set-cookie")
    assert (own, session.startswith(b"session=")) == (b"own=1", True)
    cookie = session.partition(b";")[0]
    assert json.loads(b64decode(cookie.removeprefix(b"session=").partition(b".")[0])) == {"visits": 1}
    second = await AsgiCall(application, headers=[(b"cookie", cookie)]).run()
    assert (first.body, second.body) == (b"1", b"2")


async def test_session_and_the_applications_own_sessions_do_not_mix(bridged: Bridged) -> None:
    legacy = flask.Flask(__name__)
    legacy.secret_key = "for tests only"

    @legacy.get("/")
    def view() -> str:
        flask.session["user"] = "alice"
        return "hello"

    legacy.config["SESSION_COOKIE_NAME"] = "legacy"
    answer = await AsgiCall(SessionMiddleware(bridged(legacy), secret_key="another")).run()
    cookies = [cookie.partition(b"=")[0] for cookie in answer.headers_named(b"set-cookie")]
    assert cookies == [b"legacy"], "an untouched Starlette session sets no cookie"


# ---------------------------------------------------------------- TrustedHost, HTTPSRedirect


async def test_trusted_host_refuses_without_the_application(bridged: Bridged) -> None:
    app = TrustedHostMiddleware(bridged(never), allowed_hosts=["shop.example"])
    assert (await AsgiCall(app).run()).status == 400


async def test_trusted_host_lets_its_hosts_through(bridged: Bridged) -> None:
    counted = Counted(hello)
    app = TrustedHostMiddleware(bridged(counted), allowed_hosts=["testserver"])
    assert (await AsgiCall(app).run()).body == b"hello"
    assert counted.closes == 1


async def test_https_redirect_redirects_without_the_application(bridged: Bridged) -> None:
    answer = await AsgiCall(HTTPSRedirectMiddleware(bridged(never)), path="/a").run()
    assert (answer.status, answer.header(b"location")) == (307, b"https://testserver/a")


# ---------------------------------------------------------------- all of them


async def test_a_pile_of_middleware_works_together(bridged: Bridged) -> None:
    app = bridged(lambda environ, start_response: hello(environ, start_response) * 1000)
    pile = SessionMiddleware(
        GZipMiddleware(CORSMiddleware(TrustedHostMiddleware(app, ["testserver"]), allow_origins=["*"])),
        secret_key="for tests only",
    )
    answer = await AsgiCall(pile, headers=[*ASKS_GZIP, (b"origin", b"https://a.example")]).run()
    assert gzip.decompress(answer.body) == b"hello" * 1000
    assert answer.header(b"access-control-allow-origin") == b"*"
