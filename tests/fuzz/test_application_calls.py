"""Any order of what an application can do, run on real threads, becomes a legal ASGI exchange or a clean break."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from bridge import ErrorResponse, ThreadExecutor, WsgiToAsgi
from tests.asgi_driver import AsgiCall, IllegalEvent
from tests.faults.rig import settled
from tests.fuzz.scale import FACTOR

EXAMPLES = 250 * FACTOR
BODYLESS = {204, 304}


class OwnError(Exception):
    """What the application under test raises."""


# ---------------------------------------------------------------- what an application does

STATUSES = [
    *("200 OK", "200", "204 No Content", "304 Not Modified", "404 ", "299 Custom", "503 Busy"),
    *("", "99 Low", "1000 High", "abc", "200\r\nX: 1", 200, None),
]
HEADER_LISTS: list[Any] = [
    [],
    [("Content-Type", "text/plain")],
    [("Content-Length", "0")],
    [("Content-Length", "4")],
    [("Content-Length", "100000")],
    [("Content-Length", "4"), ("Content-Length", "4")],
    [("Content-Length", "4"), ("Content-Length", "5")],
    [("Content-Length", "many")],
    [("Connection", "close"), ("Transfer-Encoding", "chunked")],
    [("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")],
    [("Trailer", "X-Sum")],
    [("X-Split", "a\r\nX-Forged: 1")],
    [("X-Snow", "\u2603")],
    [(b"X-Bytes", b"1")],
    [("X-Alone",)],
    "X: no list",
    None,
]
BLOCKS: list[Any] = [b"", b"a", b"four", b"x" * 3000, "text", None, 7, bytearray(b"array")]

Step = tuple[Any, ...]
STEPS = st.one_of(
    st.tuples(st.just("start"), st.sampled_from(STATUSES), st.sampled_from(HEADER_LISTS)),
    st.tuples(st.just("start"), st.just("200 OK"), st.just([("Content-Type", "text/plain")])),
    st.tuples(st.just("restart"), st.sampled_from(STATUSES), st.sampled_from(HEADER_LISTS)),
    st.tuples(st.just("write"), st.sampled_from(BLOCKS)),
    st.tuples(st.just("read"), st.sampled_from([0, 1, 5, -1])),
    st.tuples(st.just("trailers"), st.sampled_from(HEADER_LISTS)),
    st.tuples(st.just("hint"), st.just([("Link", "</a.css>; rel=preload")])),
    st.tuples(st.just("ask")),
    st.tuples(st.just("raise"), st.sampled_from([OwnError, OSError, SystemExit, StopIteration])),
    st.tuples(st.just("swallow"), st.tuples(st.just("start"), st.just("200 OK"), st.just([]))),
)
YIELDS = st.one_of(st.tuples(st.just("yield"), st.sampled_from(BLOCKS)), STEPS)
GOOD_YIELDS = st.tuples(st.just("yield"), st.sampled_from([b"", b"a", b"four", b"x" * 3000]))


@dataclass(frozen=True)
class Script:
    """An application, as the steps of its call and of its iteration, and how it answers its client."""

    calling: list[Step]
    iterating: list[Step]
    kind: str
    close_raises: bool
    method: str
    extensions: list[str]
    options: dict[str, Any] = field(default_factory=dict)


SCRIPTS = st.builds(
    Script,
    calling=st.lists(STEPS, max_size=4),
    iterating=st.lists(st.one_of(GOOD_YIELDS, YIELDS), max_size=6),
    kind=st.sampled_from(["generator", "iterable", "list", "tuple", "nothing", "text", "bytes"]),
    close_raises=st.booleans(),
    method=st.sampled_from(["GET", "POST", "HEAD"]),
    extensions=st.lists(
        st.sampled_from(["http.response.trailers", "http.response.early_hint", "http.response.pathsend"]),
        unique=True,
    ),
    options=st.fixed_dictionaries(
        {"high_water": st.sampled_from([1, 1000, 256 * 1024]), "body_window": st.sampled_from([1, 64 * 1024])}
    ),
)


class Scripted:
    """A WSGI application that does what its script says."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.returned = 0
        self.closes = 0
        self._start_response: Any = None
        self._write: Any = None

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        self._start_response = start_response
        for step in self.script.calling:
            self._do(step, environ)
        blocks = self._iterate(environ)
        kinds: dict[str, Callable[[], Any]] = {
            "generator": lambda: _Closing(blocks, self),
            "iterable": lambda: _Closing(iter(list(blocks)), self),
            "list": lambda: list(blocks),
            "tuple": lambda: tuple(blocks),
            "nothing": lambda: None,
            "text": lambda: "text",
            "bytes": lambda: b"bytes",
        }
        result = kinds[self.script.kind]()
        self.returned += isinstance(result, _Closing)
        return result

    def _iterate(self, environ: dict[str, Any]) -> Iterator[Any]:
        for step in self.script.iterating:
            if step[0] == "yield":
                yield step[1]
            else:
                self._do(step, environ)

    def _do(self, step: Step, environ: dict[str, Any]) -> None:
        verb, *arguments = step
        if verb == "start":
            self._write = self._start_response(*arguments)
        elif verb == "restart":
            self._restart(*arguments)
        elif verb == "write" and self._write is not None:
            self._write(*arguments)
        elif verb == "read":
            environ["wsgi.input"].read(*arguments)
        elif verb == "trailers" and "bridge.trailers" in environ:
            environ["bridge.trailers"](*arguments)
        elif verb == "hint" and "wsgi.early_hints" in environ:
            environ["wsgi.early_hints"](*arguments)
        elif verb == "ask":
            environ["bridge.disconnected"]()
        elif verb == "raise":
            raise arguments[0]("asked to")
        elif verb == "swallow":
            with contextlib.suppress(Exception):
                self._do(arguments[0], environ)

    def _restart(self, status: Any, headers: Any) -> None:
        try:
            raise OwnError("handled by starting anew")
        except OwnError:
            self._write = self._start_response(status, headers, sys.exc_info())


class _Closing:
    def __init__(self, blocks: Iterator[Any], app: Scripted) -> None:
        self._blocks = blocks
        self._app = app

    def __iter__(self) -> Iterator[Any]:
        return self._blocks

    def close(self) -> None:
        self._app.closes += 1
        if self._app.script.close_raises:
            raise OwnError("in close")


# ---------------------------------------------------------------- the laws


def run(script: Script, **options: Any) -> tuple[AsgiCall, BaseException | None, Scripted]:
    """Run the script on an executor of its own; returns the call, what it raised, and the application."""
    app = Scripted(script)
    executor = ThreadExecutor(max_threads=2, shutdown_timeout=10.0)
    bridge = WsgiToAsgi(app, executor=executor, **script.options, **options)
    body = [b"some ", b"body"] if script.method == "POST" else b""
    headers = [(b"content-length", b"9")] if script.method == "POST" else []
    call = AsgiCall(
        bridge,
        method=script.method,
        headers=headers,
        body=body,
        extensions={name: {} for name in script.extensions},
    )

    async def request() -> BaseException | None:
        try:
            await call.run()  # judges every event, and raises IllegalEvent
        except IllegalEvent:
            raise
        except Exception as error:
            return error
        finally:
            assert await executor.drain() == [], "a worker is stuck"
        return None

    raised = asyncio.run(request())
    settled(executor.statistics())
    return call, raised, app


@settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.too_slow])
@given(script=SCRIPTS)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_any_order_of_calls_is_answered_whole_or_broken_off(script: Script) -> None:
    call, raised, app = run(script)
    answer = call.answer()
    assert not isinstance(raised, TimeoutError), "it hangs"
    assert answer.complete == (raised is None), "neither whole nor broken off"
    assert app.closes == app.returned
    if answer.status is None:
        assert raised is not None
        return
    length = answer.header(b"content-length")
    if script.method == "HEAD" or answer.status in BODYLESS:
        assert answer.body == b""
    elif length is not None and answer.complete:
        assert len(answer.body) == int(length)


async def _answer_later(error: BaseException, scope: Any) -> ErrorResponse:
    await asyncio.sleep(0)
    return ErrorResponse(503, body=b"later")


@settings(max_examples=EXAMPLES // 2, suppress_health_check=[HealthCheck.too_slow])
@given(script=SCRIPTS)
def test_any_order_of_calls_with_an_async_error_handler(script: Script) -> None:
    """An application that fails before its first block is answered by the handler, always."""
    call, raised, app = run(script, on_error=_answer_later)
    answer = call.answer()
    assert answer.complete == (raised is None)
    assert app.closes == app.returned
    assert answer.status != 500, "the handler was not asked"


@settings(max_examples=EXAMPLES // 2, suppress_health_check=[HealthCheck.too_slow])
@given(
    status=st.sampled_from(["200 OK", "404 Not Found", "299"]),
    blocks=st.lists(st.sampled_from([b"", b"a", b"four", b"x" * 3000]), max_size=8),
    kind=st.sampled_from(["generator", "iterable", "list", "tuple"]),
    written=st.lists(st.sampled_from([b"", b"w", b"written"]), max_size=3),
    high_water=st.sampled_from([1, 100, 256 * 1024]),
)
def test_an_application_without_fault_is_answered_to_the_byte(
    status: str, blocks: list[bytes], kind: str, written: list[bytes], high_water: int
) -> None:
    script = Script(
        calling=[
            ("start", status, [("Content-Type", "text/plain")]),
            *[("write", block) for block in written],
        ],
        iterating=[("yield", block) for block in blocks],
        kind=kind,
        close_raises=False,
        method="GET",
        extensions=[],
        options={"high_water": high_water},
    )
    call, raised, _ = run(script)
    answer = call.answer()
    assert raised is None
    assert answer.complete
    assert answer.status == int(status[:3])
    assert answer.body == b"".join([*written, *blocks])
