"""OpenTelemetry's ASGI middleware around the bridge: spans of the application belong to the request's."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from opentelemetry.instrumentation.asgi import OpenTelemetryMiddleware
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode, get_current_span

from bridge import WsgiToAsgi
from tests.asgi_driver import AsgiCall
from tests.faults.rig import LIMIT, Counted, Meeting

Bridged = Callable[..., WsgiToAsgi]


class Traced:
    """A tracer provider of its own, not the process's, and the spans that ended."""

    def __init__(self) -> None:
        self._exporter = InMemorySpanExporter()
        self.provider = TracerProvider(shutdown_on_exit=False)
        self.provider.add_span_processor(SimpleSpanProcessor(self._exporter))
        self.tracer = self.provider.get_tracer("legacy")

    def around(self, app: Any) -> OpenTelemetryMiddleware:
        return OpenTelemetryMiddleware(app, tracer_provider=self.provider)

    def spans(self) -> dict[str, ReadableSpan]:
        return {span.name: span for span in self._exporter.get_finished_spans()}

    def server_span(self) -> ReadableSpan:
        (span,) = [span for span in self._exporter.get_finished_spans() if span.kind is SpanKind.SERVER]
        return span


@pytest.fixture
def traced() -> Traced:
    return Traced()


def is_child(child: ReadableSpan, parent: ReadableSpan) -> bool:
    assert child.parent is not None
    assert parent.context is not None
    return child.parent.span_id == parent.context.span_id and child.parent.trace_id == parent.context.trace_id


async def test_spans_made_in_the_application_are_children_of_the_requests(
    bridged: Bridged, traced: Traced
) -> None:
    def app(environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        with traced.tracer.start_as_current_span("query"), traced.tracer.start_as_current_span("connect"):
            pass
        start_response("200 OK", [("Content-Type", "text/plain")])
        yield b"one"
        with traced.tracer.start_as_current_span("render"):
            yield b"two"

    answer = await AsgiCall(traced.around(bridged(Counted(app)))).run()
    assert answer.body == b"onetwo"
    spans = traced.spans()
    assert is_child(spans["query"], traced.server_span())
    assert is_child(spans["render"], traced.server_span())
    assert is_child(spans["connect"], spans["query"])


async def test_a_trace_that_the_client_began_goes_on(bridged: Bridged, traced: Traced) -> None:
    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b"%032x" % get_current_span().get_span_context().trace_id]

    trace = b"0af7651916cd43dd8448eb211c80319c"
    headers = [(b"traceparent", b"00-" + trace + b"-b7ad6b7169203331-01")]
    assert (await AsgiCall(traced.around(bridged(app)), headers=headers).run()).body == trace


async def test_an_error_before_the_headers_is_on_the_span_as_a_500(bridged: Bridged, traced: Traced) -> None:
    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        raise ValueError("the application's own")

    assert (await AsgiCall(traced.around(bridged(app))).run()).status == 500
    assert traced.server_span().status.status_code is StatusCode.ERROR


async def test_an_error_after_the_headers_is_on_the_span(bridged: Bridged, traced: Traced) -> None:
    def app(environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        start_response("200 OK", [("Content-Type", "text/plain")])
        yield b"one"
        raise ValueError("the application's own")

    with pytest.raises(ValueError, match="own"):
        await AsgiCall(traced.around(bridged(Counted(app)))).run()
    span = traced.server_span()
    assert span.status.status_code is StatusCode.ERROR
    assert "ValueError" in str(span.status.description)


async def test_a_cancelled_request_ends_its_spans(bridged: Bridged, traced: Traced) -> None:
    inside = Meeting()

    def app(environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        start_response("200 OK", [("Content-Type", "text/plain")])
        with traced.tracer.start_as_current_span("stream"):
            while True:
                inside.pass_by()
                yield b"for ever"

    bridge = bridged(Counted(app))
    task = asyncio.ensure_future(AsgiCall(traced.around(bridge))._call())
    await inside.arrived()
    task.cancel()
    await asyncio.wait([task], timeout=LIMIT)
    assert await bridge.executor.drain() == []
    assert is_child(traced.spans()["stream"], traced.server_span())
