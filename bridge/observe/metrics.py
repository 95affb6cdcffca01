"""Executor statistics for Prometheus: a collector that reads them at scrape time, and a page that shows them.

Nothing is counted here: an executor keeps its numbers anyway, and a request pays nothing for metrics.
Every process has its own numbers and answers with its own only; the label `pid` keeps several workers
behind one port apart. `prometheus-client` comes with the extra `metrics` and is imported here alone.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Protocol

from bridge.errors import MissingExtra
from bridge.protocol.asgi_types import AsgiApp, Receive, Scope, Send

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry
    from prometheus_client.metrics_core import Metric
    from prometheus_client.registry import Collector

__all__ = ["ExecutorCollector", "HasStatistics", "MetricsPage"]

LABELS = ("pid", "lane")
# Metric name, field of the statistics, HELP. Names follow Prometheus: base unit last, `_total` on counters.
GAUGES = (
    ("wsgi_bridge_threads", "threads", "Threads that exist now."),
    ("wsgi_bridge_threads_active", "active", "Threads that run a request now."),
    ("wsgi_bridge_threads_idle", "idle", "Threads that wait for a request now."),
    ("wsgi_bridge_threads_max", "max_threads", "Most threads that may exist."),
    ("wsgi_bridge_requests_queued", "queued", "Requests that wait for a thread now."),
    ("wsgi_bridge_requests_queued_max", "max_queue", "Most requests that may wait for a thread."),
)
COUNTERS = (
    ("wsgi_bridge_requests_started", "started", "Requests that were given a thread."),
    ("wsgi_bridge_requests_finished", "finished", "Requests whose application has returned."),
    ("wsgi_bridge_requests_rejected", "rejected", "Requests answered with 503 because the queue was full."),
    (
        "wsgi_bridge_requests_queue_timeouts",
        "queue_timeouts",
        "Requests answered with 503 because they waited too long for a thread.",
    ),
    (
        "wsgi_bridge_requests_abandoned",
        "abandoned",
        "Requests whose client went away while they waited for a thread.",
    ),
)
SUMMARIES = (
    (
        "wsgi_bridge_request_wait_seconds",
        "wait_seconds",
        "Time that finished requests had waited for a thread, in seconds.",
    ),
    (
        "wsgi_bridge_request_run_seconds",
        "run_seconds",
        "Time that finished requests had run in their thread, in seconds.",
    ),
)
HOLDS = "wsgi_bridge_loop_holds"
HOLDS_HELP = "How often a request held the event loop for longer than the watchdog allows."


class HasStatistics(Protocol):
    """An executor, as far as metrics care."""

    name: str

    def statistics(self) -> Any:
        """Return an `ExecutorStatistics`, the numbers as they are now; may be called from any thread."""


class ExecutorCollector:
    """A prometheus-client collector; each `collect()` reads `.statistics()` once per executor."""

    def __init__(self, executors: Iterable[HasStatistics]) -> None:
        self.executors = tuple(executors)

    def collect(self) -> Iterator[Metric]:
        """Yield the metric families, each with one sample an executor."""
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, SummaryMetricFamily

        # The pid is read here, not stored: a forked worker must not answer with its parent's.
        pid = str(os.getpid())
        readings = [((pid, executor.name), executor.statistics()) for executor in self.executors]
        for name, field, text in GAUGES:
            gauge = GaugeMetricFamily(name, text, labels=LABELS)
            for labels, statistics in readings:
                gauge.add_metric(labels, getattr(statistics, field))
            yield gauge
        for name, field, text in COUNTERS:
            counter = CounterMetricFamily(name, text, labels=LABELS)
            for labels, statistics in readings:
                counter.add_metric(labels, getattr(statistics, field))
            yield counter
        holds = CounterMetricFamily(HOLDS, HOLDS_HELP, labels=(*LABELS, "request"))
        for labels, statistics in readings:
            for request, count in getattr(statistics, "held", {}).items():
                holds.add_metric((*labels, request), count)
        if holds.samples:  # none outside of the greenlet lane, and until it happens
            yield holds
        for name, field, text in SUMMARIES:
            summary = SummaryMetricFamily(name, text, labels=LABELS)
            for labels, statistics in readings:
                summary.add_metric(labels, statistics.finished, getattr(statistics, field))
            yield summary


class MetricsPage:
    """ASGI middleware: `path` answers with the metrics of `executors`, everything else goes to `app`.

    `collectors`: what else has metrics; each is asked when the page is, in a thread.

    What the application itself has registered with prometheus-client's default registry comes along;
    with `registry` given, what is in that one instead.
    Raises `MissingExtra` when prometheus-client is not installed.
    """

    def __init__(
        self,
        app: AsgiApp,
        executors: Iterable[HasStatistics],
        *,
        path: str = "/metrics",
        collectors: Iterable[Collector] = (),
        registry: CollectorRegistry | None = None,
    ) -> None:
        self.app = app
        self.path = path
        self.registry = _registry([ExecutorCollector(executors), *collectors], registry)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection of any type."""
        if scope["type"] != "http" or _local_path(scope) != self.path:
            await self.app(scope, receive, send)
        elif scope["method"] in {"GET", "HEAD"}:
            await self._show(scope, send)
        else:
            await _answer(send, 405, b"text/plain", b"", (b"allow", b"GET, HEAD"))

    async def _show(self, scope: Scope, send: Send) -> None:
        from prometheus_client.exposition import choose_encoder

        encode, content_type = choose_encoder(_accept(scope))
        # In a thread: the default registry's collectors read files of /proc.
        body = await asyncio.to_thread(encode, self.registry)
        await _answer(send, 200, content_type.encode("latin-1"), body)


def _registry(collectors: Iterable[Collector], beside: CollectorRegistry | None) -> CollectorRegistry:
    try:
        from prometheus_client import REGISTRY, CollectorRegistry
    except ImportError:
        raise MissingExtra("metrics", package="prometheus-client", feature="the metrics page") from None
    # A registry of our own, with the other one as a collector in it: the global one is not touched, and two
    # bridges in one process do not collide.
    registry = CollectorRegistry()
    for collector in collectors:
        registry.register(collector)
    registry.register(beside or REGISTRY)
    return registry


def _local_path(scope: Scope) -> str:
    """Return the path below `root_path`, whether or not the server left that in (ASGI, HTTP scope)."""
    path, root = str(scope["path"]), str(scope.get("root_path", ""))
    return path[len(root) :] if root and path.startswith(f"{root}/") else path


def _accept(scope: Scope) -> str:
    return b",".join(value for name, value in scope["headers"] if name == b"accept").decode("latin-1")


async def _answer(
    send: Send, status: int, content_type: bytes, body: bytes, *headers: tuple[bytes, bytes]
) -> None:
    # The server drops the body of an answer to HEAD (ASGI, Response Body).
    length = (b"content-length", str(len(body)).encode())
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [(b"content-type", content_type), length, *headers],
        }
    )
    await send({"type": "http.response.body", "body": body})
