"""An endpoint that waits for something slow: how many wait at once, and what the others feel of it."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from scripts.benchmarks.apps.content import HELLO, WAIT
from scripts.benchmarks.errors import WrongAnswerError
from scripts.benchmarks.load import closed_loop
from scripts.benchmarks.load.transfer import exchange
from scripts.benchmarks.results import Metric
from scripts.benchmarks.scenarios.base import ALL, Figures, Scenario, Settings, cpu_figures
from scripts.benchmarks.server import serving
from scripts.benchmarks.targets import Target, ratio, value

__all__ = ["BESIDE", "GREENLETS", "WAITING"]

CLIENTS = 200
MANY_CLIENTS = 1000  # at the greenlet lane: threads would take 12 s for each wave of them
THREADS = 40
POSSIBLE = THREADS / WAIT  # requests per second that 40 threads allow: 80
SPARE_THREADS = 24  # beside the 40 that wait
HELLO_CONNECTIONS = 8  # fewer than the spare threads, so that no hello has to queue
LEAST_SECONDS = 6.5  # three waves of 200 clients through 40 threads, and a little


def _check(contender: str, settings: Settings) -> None:
    with serving(contender, "wait", threads=THREADS, place=settings.place) as server:
        answer = exchange(server.port, "/wait", limit=settings.limit)
    if answer != (200, HELLO):
        raise WrongAnswerError(f"{answer[0]} {answer[1][:60]!r} instead of 200 {HELLO!r}")


def _measure_waiting(contender: str, settings: Settings) -> Figures:
    seconds = max(LEAST_SECONDS, settings.seconds)
    with serving(contender, "wait", threads=THREADS, place=settings.place) as server:
        meter = server.meter()
        load = closed_loop.run(closed_loop.Plan(server.port, "/wait", CLIENTS, seconds, "python"))
        cpu = meter.cpu_seconds()
    return {
        "rate": load.rate,
        "p99_ms": load.p99_ms,
        **cpu_figures("cpu_us", cpu, scale=1e6 / load.requests),
    }


def _measure_greenlets(contender: str, settings: Settings) -> Figures:
    seconds = max(LEAST_SECONDS, settings.seconds)
    with serving(contender, "wait", threads=THREADS, place=settings.place) as server:
        meter = server.meter()
        load = closed_loop.run(closed_loop.Plan(server.port, "/wait", MANY_CLIENTS, seconds, "python"))
        cpu = meter.cpu_seconds()
    return {
        "rate": load.rate,
        "p99_ms": load.p99_ms,
        **cpu_figures("cpu_us", cpu, scale=1e6 / load.requests),
    }


def _measure_beside(contender: str, settings: Settings) -> Figures:
    seconds = max(2.0, settings.seconds)
    threads = THREADS + SPARE_THREADS
    with (
        serving(contender, "wait", threads=threads, place=settings.place) as server,
        ThreadPoolExecutor(1) as background,
    ):
        slow = closed_loop.Plan(server.port, "/wait", THREADS, seconds + 2, "python")
        waiting = background.submit(closed_loop.run, slow)
        time.sleep(1)  # all 40 are asked and wait; the warm-up of this scenario
        hello = replace(
            slow, path="/", connections=HELLO_CONNECTIONS, seconds=seconds, generator=settings.generator
        )
        load = closed_loop.run(hello)
        return {"p99_ms": load.p99_ms, "rate": load.rate, "waiting_rate": waiting.result().rate}


WAITING = Scenario(
    name="waiting",
    title=f"{CLIENTS} clients at an endpoint that waits {WAIT} s, {THREADS} threads",
    contenders=ALL,
    metrics=(
        Metric("rate", "requests/s", 1, more_is_better=True),
        Metric("p99_ms", "p99 ms"),
        Metric("cpu_us", "CPU us/request"),
    ),
    targets=(
        Target(
            f"requests/s >= 0.95 of the {POSSIBLE:.0f} possible",
            lambda medians: _share(value("wsgi-bridge", "rate")(medians)),
            0.95,
            at_least=True,
        ),
    ),
    check=_check,
    measure=_measure_waiting,
    max_rounds=2,
)
GREENLETS = Scenario(
    name="greenlets",
    title=f"{MANY_CLIENTS} clients at an endpoint that waits {WAIT} s, in greenlets",
    contenders=("native", "greenlets"),
    metrics=(
        Metric("rate", "requests/s", 1, more_is_better=True),
        Metric("p99_ms", "p99 ms"),
        Metric("cpu_us", "CPU us/request"),
    ),
    targets=(
        Target("requests/s >= 0.95 of native", ratio("rate", "greenlets", "native"), 0.95, at_least=True),
    ),
    check=_check,
    measure=_measure_greenlets,
    max_rounds=3,
)
BESIDE = Scenario(
    name="beside",
    title=f"Hello beside {THREADS} waiting requests, {THREADS + SPARE_THREADS} threads",
    contenders=ALL,
    metrics=(
        Metric("p99_ms", "hello p99 ms", 1),
        Metric("rate", "hello/s", more_is_better=True),
        Metric("waiting_rate", "waits/s", 1, more_is_better=True),
    ),
    targets=(Target("hello p99 < 50 ms", value("wsgi-bridge", "p99_ms"), 50.0, unit="ms"),),
    check=_check,
    measure=_measure_beside,
    max_rounds=2,
)


def _share(rate: float | None) -> float | None:
    return None if rate is None else rate / POSSIBLE
