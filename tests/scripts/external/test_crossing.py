from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from typing import Any
from wsgiref.util import setup_testing_defaults

import pytest

from bridge import WsgiToAsgi
from scripts.external.crossing import BLOCK, Crossing, Rejoined, carried, scope_of


def environ(body: bytes = b"", /, **changes: Any) -> dict[str, Any]:
    made: dict[str, Any] = {"wsgi.input": io.BytesIO(body)}
    setup_testing_defaults(made)
    if body:
        made["CONTENT_LENGTH"] = str(len(body))
    return {**made, **changes}


def ask(
    app: Callable[..., Iterable[bytes]], request: dict[str, Any]
) -> tuple[str, list[tuple[str, str]], bytes]:
    started: list[Any] = []
    crossing = Crossing(WsgiToAsgi(Rejoined(app)))
    answer = crossing(request, lambda status, headers: started.extend([status, headers]))
    body = b"".join(answer)
    return started[0], started[1], body


def test_what_a_request_can_express_is_not_carried_beside_it() -> None:
    assert carried(environ(HTTP_ACCEPT="*/*")) == {}
    assert carried(environ(**{"werkzeug.debug": 1, "REMOTE_USER": "jane"})) == {
        "werkzeug.debug": 1,
        "REMOTE_USER": "jane",
    }


def test_a_scope_is_made_as_a_server_would() -> None:
    scope = scope_of(
        environ(
            SCRIPT_NAME="/r\xc3\xb6",
            PATH_INFO="/a%b",
            QUERY_STRING="q=1",
            HTTP_X_A="b\xe9",
            CONTENT_TYPE="text/plain",
            REMOTE_ADDR="10.0.0.9",
        )
    )
    assert (scope["path"], scope["root_path"]) == ("/r\u00f6/a%b", "/r\u00f6")
    assert scope["raw_path"] == b"/r%C3%B6/a%25b"
    assert scope["query_string"] == b"q=1"
    assert (b"x-a", b"b\xe9") in scope["headers"]
    assert (b"content-type", b"text/plain") in scope["headers"]
    assert (scope["client"], scope["server"]) == (("10.0.0.9", 0), ("127.0.0.1", 80))


@pytest.mark.leaks("one loop in a thread of its own serves every crossing of a process")
def test_a_request_crosses_and_comes_back_whole() -> None:
    body = b"x" * (BLOCK + 1)
    token = object()

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        assert environ["test.token"] is token
        start_response("404 Not Found", [("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")])
        return [environ["wsgi.input"].read()]

    request = environ(body, **{"test.token": token, "REQUEST_METHOD": "POST"})
    status, headers, answer = ask(app, request)
    assert status == "404 Not Found"
    assert [pair for pair in headers if pair[0] == "set-cookie"] == [
        ("set-cookie", "a=1"),
        ("set-cookie", "b=2"),
    ]
    assert answer == body
    assert request["wsgi.input"].read() == body  # left for a client that asks again after a redirect


@pytest.mark.leaks("one loop in a thread of its own serves every crossing of a process")
@pytest.mark.parametrize("error", [LookupError, KeyboardInterrupt], ids=lambda error: error.__name__)
def test_an_error_that_leaves_the_bridge_reaches_the_client(error: type[BaseException]) -> None:
    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        raise error("from the application")

    def on_error(error: BaseException, scope: object) -> None:
        raise error

    crossing = Crossing(WsgiToAsgi(Rejoined(app), on_error=on_error))
    with pytest.raises(error, match="from the application"):
        crossing(environ(), lambda status, headers: None)


@pytest.mark.leaks("one loop in a thread of its own serves every crossing of a process")
def test_a_status_that_is_not_registered_gets_some_phrase() -> None:
    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        start_response("299 Custom", [])
        return []

    assert ask(app, environ())[0] == "299 UNKNOWN"
