from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass, replace
from typing import Any

import pytest
from prometheus_client import REGISTRY, CollectorRegistry, Counter
from prometheus_client.openmetrics import parser as openmetrics
from prometheus_client.parser import text_string_to_metric_families

from bridge import ExecutorStatistics, ThreadExecutor, WsgiToAsgi
from bridge.errors import MissingExtra
from bridge.observe.metrics import COUNTERS, GAUGES, LABELS, SUMMARIES, ExecutorCollector, MetricsPage
from tests.asgi_driver import AsgiCall, AsgiLifespan

NUMBERS = ExecutorStatistics(
    max_threads=40,
    max_queue=1000,
    threads=5,
    active=3,
    idle=2,
    queued=7,
    started=103,
    finished=100,
    rejected=11,
    queue_timeouts=12,
    abandoned=13,
    wait_seconds=1.5,
    run_seconds=250.25,
)

TEXT = """\
# HELP wsgi_bridge_threads Threads that exist now.
# TYPE wsgi_bridge_threads gauge
wsgi_bridge_threads{lane="bridge",pid="PID"} 5.0
# HELP wsgi_bridge_threads_active Threads that run a request now.
# TYPE wsgi_bridge_threads_active gauge
wsgi_bridge_threads_active{lane="bridge",pid="PID"} 3.0
# HELP wsgi_bridge_threads_idle Threads that wait for a request now.
# TYPE wsgi_bridge_threads_idle gauge
wsgi_bridge_threads_idle{lane="bridge",pid="PID"} 2.0
# HELP wsgi_bridge_threads_max Most threads that may exist.
# TYPE wsgi_bridge_threads_max gauge
wsgi_bridge_threads_max{lane="bridge",pid="PID"} 40.0
# HELP wsgi_bridge_requests_queued Requests that wait for a thread now.
# TYPE wsgi_bridge_requests_queued gauge
wsgi_bridge_requests_queued{lane="bridge",pid="PID"} 7.0
# HELP wsgi_bridge_requests_queued_max Most requests that may wait for a thread.
# TYPE wsgi_bridge_requests_queued_max gauge
wsgi_bridge_requests_queued_max{lane="bridge",pid="PID"} 1000.0
# HELP wsgi_bridge_requests_started_total Requests that were given a thread.
# TYPE wsgi_bridge_requests_started_total counter
wsgi_bridge_requests_started_total{lane="bridge",pid="PID"} 103.0
# HELP wsgi_bridge_requests_finished_total Requests whose application has returned.
# TYPE wsgi_bridge_requests_finished_total counter
wsgi_bridge_requests_finished_total{lane="bridge",pid="PID"} 100.0
# HELP wsgi_bridge_requests_rejected_total Requests answered with 503 because the queue was full.
# TYPE wsgi_bridge_requests_rejected_total counter
wsgi_bridge_requests_rejected_total{lane="bridge",pid="PID"} 11.0
# HELP wsgi_bridge_requests_queue_timeouts_total Requests answered with 503 because they waited too long for a thread.
# TYPE wsgi_bridge_requests_queue_timeouts_total counter
wsgi_bridge_requests_queue_timeouts_total{lane="bridge",pid="PID"} 12.0
# HELP wsgi_bridge_requests_abandoned_total Requests whose client went away while they waited for a thread.
# TYPE wsgi_bridge_requests_abandoned_total counter
wsgi_bridge_requests_abandoned_total{lane="bridge",pid="PID"} 13.0
# HELP wsgi_bridge_request_wait_seconds Time that finished requests had waited for a thread, in seconds.
# TYPE wsgi_bridge_request_wait_seconds summary
wsgi_bridge_request_wait_seconds_count{lane="bridge",pid="PID"} 100.0
wsgi_bridge_request_wait_seconds_sum{lane="bridge",pid="PID"} 1.5
# HELP wsgi_bridge_request_run_seconds Time that finished requests had run in their thread, in seconds.
# TYPE wsgi_bridge_request_run_seconds summary
wsgi_bridge_request_run_seconds_count{lane="bridge",pid="PID"} 100.0
wsgi_bridge_request_run_seconds_sum{lane="bridge",pid="PID"} 250.25
"""


@dataclass
class FakeExecutor:
    """An executor as far as metrics care."""

    name: str = "bridge"
    numbers: ExecutorStatistics = NUMBERS
    reads: int = 0

    def statistics(self) -> ExecutorStatistics:
        self.reads += 1
        return self.numbers


async def application(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": scope["path"].encode()})


def page(*executors: FakeExecutor, **options: Any) -> MetricsPage:
    return MetricsPage(
        application, executors or [FakeExecutor()], **{"registry": CollectorRegistry(), **options}
    )


# ---------------------------------------------------------------- what is shown


async def test_page_shows_every_number_in_the_text_format() -> None:
    answer = await AsgiCall(page(), path="/metrics").run()
    assert answer.status == 200
    assert answer.header(b"content-type") == b"text/plain; version=0.0.4; charset=utf-8"
    assert answer.header(b"content-length") == str(len(answer.body)).encode()
    assert answer.body.decode().replace(f'pid="{os.getpid()}"', 'pid="PID"') == TEXT


async def test_page_speaks_openmetrics_to_those_who_ask() -> None:
    accept = [(b"accept", b"application/openmetrics-text; version=1.0.0, text/plain;q=0.5")]
    answer = await AsgiCall(page(), path="/metrics", headers=accept).run()
    assert (answer.header(b"content-type") or b"").startswith(b"application/openmetrics-text")
    parse: Any = openmetrics.text_string_to_metric_families
    families = list(parse(answer.body.decode()))
    assert len(families) == len(GAUGES) + len(COUNTERS) + len(SUMMARIES)


async def test_page_is_what_prometheus_own_parser_reads() -> None:
    text = (await AsgiCall(page(), path="/metrics").run()).body.decode()
    samples = {
        sample.name: sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    assert samples["wsgi_bridge_requests_rejected_total"] == 11
    assert samples["wsgi_bridge_request_run_seconds_sum"] == 250.25


async def test_page_tells_executors_apart() -> None:
    slow = FakeExecutor("slow", replace(NUMBERS, queued=1))
    text = (await AsgiCall(page(FakeExecutor(), slow), path="/metrics").run()).body.decode()
    queued = re.findall(r'^wsgi_bridge_requests_queued\{lane="(\w+)",pid="\d+"\} (\S+)$', text, re.MULTILINE)
    assert queued == [("bridge", "7.0"), ("slow", "1.0")]


async def test_page_reads_the_numbers_when_it_is_asked_and_once() -> None:
    executor = FakeExecutor()
    served = page(executor)
    assert executor.reads == 0
    await AsgiCall(served, path="/metrics").run()
    executor.numbers = replace(NUMBERS, queued=99)
    text = (await AsgiCall(served, path="/metrics").run()).body.decode()
    assert executor.reads == 2
    assert re.search(r"^wsgi_bridge_requests_queued\{.*\} 99\.0$", text, re.MULTILINE)


async def test_page_brings_along_what_the_application_registered() -> None:
    registry = CollectorRegistry()
    Counter("orders", "Orders of the shop.", registry=registry).inc(3)
    text = (await AsgiCall(page(registry=registry), path="/metrics").run()).body.decode()
    assert "\norders_total 3.0\n" in text
    assert "\nwsgi_bridge_threads{" in text


async def test_page_shows_the_default_registry_and_leaves_it_as_it_is() -> None:
    names = set(REGISTRY._names_to_collectors)
    for _ in range(2):  # two bridges in one process do not collide
        served = MetricsPage(application, [FakeExecutor()])
        text = (await AsgiCall(served, path="/metrics").run()).body.decode()
        assert "\npython_info{" in text
        assert "\nwsgi_bridge_threads{" in text
    assert set(REGISTRY._names_to_collectors) == names


async def test_page_of_a_real_bridge_counts_its_requests() -> None:
    def shop(environ: Any, start_response: Any) -> list[bytes]:
        start_response("200 OK", [])
        return [b"ok"]

    bridge = WsgiToAsgi(shop, executor=ThreadExecutor(max_threads=3))
    served = MetricsPage(bridge, [bridge.executor], registry=CollectorRegistry())
    async with AsgiLifespan(served):
        for _ in range(2):
            assert (await AsgiCall(served).run()).body == b"ok"
        text = (await AsgiCall(served, path="/metrics").run()).body.decode()
    assert re.search(r"^wsgi_bridge_requests_started_total\{.*\} 2\.0$", text, re.MULTILINE)
    assert re.search(r"^wsgi_bridge_threads_max\{.*\} 3\.0$", text, re.MULTILINE)


# ---------------------------------------------------------------- where it is shown


@pytest.mark.parametrize("path", ["/", "/metrics/", "/metrics/x", "/shop/metrics"])
async def test_page_leaves_every_other_path_to_the_application(path: str) -> None:
    assert (await AsgiCall(page(), path=path).run()).body == path.encode()


async def test_page_has_the_path_that_was_asked_for() -> None:
    served = page(path="/status/metrics")
    assert (await AsgiCall(served, path="/metrics").run()).body == b"/metrics"
    assert b"wsgi_bridge_threads" in (await AsgiCall(served, path="/status/metrics").run()).body


@pytest.mark.parametrize("path", ["/metrics", "/shop/metrics"], ids=["cut off", "left in"])
async def test_page_stands_below_the_root_path(path: str) -> None:
    answer = await AsgiCall(page(), path=path, root_path="/shop").run()
    assert b"wsgi_bridge_threads" in answer.body


async def test_page_does_not_take_a_part_of_a_name_for_the_root_path() -> None:
    answer = await AsgiCall(page(path="/metrics"), path="/shop2/metrics", root_path="/shop").run()
    assert answer.body == b"/shop2/metrics"


async def test_page_answers_head_with_the_length_that_get_would_have() -> None:
    answer = await AsgiCall(page(), path="/metrics", method="HEAD").run()
    assert answer.status == 200
    assert int(answer.header(b"content-length") or 0) > 1000


@pytest.mark.parametrize("method", ["POST", "DELETE", "OPTIONS"])
async def test_page_takes_nothing_but_get_and_head(method: str) -> None:
    answer = await AsgiCall(page(), path="/metrics", method=method).run()
    assert (answer.status, answer.header(b"allow"), answer.body) == (405, b"GET, HEAD", b"")


async def test_page_passes_other_scopes_on() -> None:
    seen: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope["type"])

    served = MetricsPage(app, [FakeExecutor()], registry=CollectorRegistry())
    for kind in ("lifespan", "websocket"):
        await served({"type": kind, "path": "/metrics"}, None, None)  # type: ignore[arg-type] # not called
    assert seen == ["lifespan", "websocket"]


def test_page_without_prometheus_client_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    with pytest.raises(MissingExtra) as caught:
        MetricsPage(application, [FakeExecutor()])
    assert caught.value.extra == "metrics"
    assert str(caught.value) == (
        "the metrics page needs the package prometheus-client, which is not installed: "
        "pip install 'wsgi-bridge[metrics]'"
    )


# ---------------------------------------------------------------- names


@pytest.mark.parametrize("table", [GAUGES, COUNTERS, SUMMARIES], ids=["gauges", "counters", "summaries"])
def test_names_follow_the_conventions_of_prometheus(table: Any) -> None:
    for name, field, text in table:
        assert re.fullmatch(r"wsgi_bridge_[a-z]+(_[a-z]+)*", name)
        assert not name.endswith("_total"), "prometheus-client adds it"
        assert field in ExecutorStatistics.__slots__
        assert text.endswith(".")
        assert name.endswith("_seconds") == ("seconds" in field)


def test_every_number_of_the_statistics_is_shown() -> None:
    shown = {field for table in (GAUGES, COUNTERS, SUMMARIES) for _, field, _ in table}
    assert shown | {"held"} == set(ExecutorStatistics.__slots__)


def test_the_collector_labels_every_sample_with_process_and_lane() -> None:
    for family in ExecutorCollector([FakeExecutor()]).collect():
        for sample in family.samples:
            assert tuple(sorted(sample.labels)) == tuple(sorted(LABELS))
