"""Legacy code that calls something slow, in the greenlet lane: beside native asyncio, threads and gevent."""

from __future__ import annotations

import resource
import socket

from scripts.benchmarks.apps.content import (
    DATABASE_SECONDS,
    HELLO,
    POOL,
    SERVICE_SECONDS,
    SERVICE_VARIABLE,
    database_port,
)
from scripts.benchmarks.errors import BenchmarkError, WrongAnswerError
from scripts.benchmarks.load import burst
from scripts.benchmarks.load.slow_service import slow_service
from scripts.benchmarks.load.transfer import exchange
from scripts.benchmarks.results import Metric
from scripts.benchmarks.scenarios.base import Figures, Scenario, Settings, cpu_figures
from scripts.benchmarks.server import Meter, serving
from scripts.benchmarks.targets import Measure, Medians, Target, ratio, value

__all__ = ["CALLING", "DATABASE", "REQUESTS"]

SPARE_DESCRIPTORS = 200  # of a server, beside two for each request
MANY = min(10_000, (resource.getrlimit(resource.RLIMIT_NOFILE)[0] - SPARE_DESCRIPTORS) // 2)
MANY_QUICK = 500
THREADS = 40
WAVES = (
    5  # of the thread lane: more clients would only wait longer, and more than its queue holds are refused
)
FLASK_CLIENTS = 500
DATABASE_CLIENTS = 100
KIB = 1024
PATH = "/call"

_RATE = Metric("rate", "requests/s", 1, more_is_better=True)
_P99 = Metric("p99_ms", "p99 ms")
_CPU = Metric("cpu_us", "CPU us/request")


def _check(app: str, contender: str, settings: Settings) -> None:
    with (
        slow_service(SERVICE_SECONDS / 10) as port,
        serving(
            contender,
            app,
            threads=THREADS,
            place=settings.place,
            environment={SERVICE_VARIABLE: str(port)},
        ) as server,
    ):
        answer = exchange(server.port, PATH, limit=settings.limit)
    if answer != (200, HELLO):
        raise WrongAnswerError(f"{answer[0]} {answer[1][:60]!r} instead of 200 {HELLO!r}")


def _figures(found: burst.Burst, meter: Meter) -> dict[str, float]:
    return {
        "rate": found.rate,
        "p99_ms": found.p99_ms,
        **cpu_figures("cpu_us", meter.cpu_seconds(), scale=1e6 / found.requests),
    }


def _measure(app: str, contender: str, settings: Settings, clients: int, each: int) -> Figures:
    with (
        slow_service(SERVICE_SECONDS) as port,
        serving(
            contender,
            app,
            threads=THREADS,
            place=settings.place,
            environment={SERVICE_VARIABLE: str(port)},
        ) as server,
    ):
        meter = server.meter()
        found = burst.run(burst.Crowd(server.port, PATH, clients, each, settings.limit))
        peak = meter.peak_over_idle()
        memory = {} if peak is None else {"kib": peak / KIB / clients}
        return {**_figures(found, meter), **memory, "seconds": found.seconds, "clients": clients}


def _measure_calling(contender: str, settings: Settings) -> Figures:
    clients = MANY_QUICK if settings.quick else MANY
    threads = contender == "wsgi-bridge"
    return _measure("call", contender, settings, THREADS * WAVES if threads else clients, 1)


def _measure_requests(contender: str, settings: Settings) -> Figures:
    each = 1 if contender == "wsgi-bridge" or settings.quick else 3
    return _measure("flask-call", contender, settings, FLASK_CLIENTS, each)


def _measure_database(contender: str, settings: Settings) -> Figures:
    with serving(contender, "django-call", threads=POOL, place=settings.place) as server:
        warm_up = burst.Crowd(server.port, PATH, DATABASE_CLIENTS, 1, settings.limit)  # opens the connections
        burst.run(warm_up)
        meter = server.meter()
        each = 2 if settings.quick else 10
        crowd = burst.Crowd(server.port, PATH, DATABASE_CLIENTS, each, settings.limit)
        return _figures(burst.run(crowd), meter)


def _check_database(contender: str, settings: Settings) -> None:
    port = database_port()
    try:
        socket.create_connection(("127.0.0.1", port), timeout=2).close()
    except OSError as absent:
        raise BenchmarkError(f"skipped: no PostgreSQL answers on port {port}") from absent
    _check("django-call", contender, settings)


def _over_native(metric: str, contender: str) -> Measure:
    def measure(medians: Medians) -> float | None:
        own, native = value(contender, metric)(medians), value("native", metric)(medians)
        return None if own is None or native is None else own - native

    return measure


def _share_of_pool(medians: Medians) -> float | None:
    rate = value("greenlets", "rate")(medians)
    return None if rate is None else rate / (POOL / DATABASE_SECONDS)


CALLING = Scenario(
    name="calling",
    title=(
        f"{MANY:,} requests at once that call a service of {SERVICE_SECONDS:g} s with http.client"
        f" ({THREADS} threads: {THREADS * WAVES} of them)"
    ),
    contenders=("native", "wsgi-bridge", "greenlets", "gevent"),
    metrics=(
        _RATE,
        Metric("seconds", "all after s", 2),
        _P99,
        _CPU,
        Metric("clients", "at once"),
        Metric("kib", "peak KiB/request", 1),
    ),
    targets=(
        Target("time <= 1.3 x native", ratio("seconds", "greenlets", "native"), 1.3),
        Target("memory <= 32 KiB a request over native", _over_native("kib", "greenlets"), 32, unit="KiB"),
        Target("requests/s >= gevent", ratio("rate", "greenlets", "gevent"), 1.0, at_least=True),
    ),
    check=lambda contender, settings: _check("call", contender, settings),
    measure=_measure_calling,
    max_rounds=3,
)
REQUESTS = Scenario(
    name="requests",
    title=f"Flask and requests: {FLASK_CLIENTS} clients, a service of {SERVICE_SECONDS:g} s, {THREADS} threads",
    contenders=("wsgi-bridge", "greenlets", "gevent"),
    metrics=(_RATE, _P99, _CPU),
    targets=(
        Target("requests/s >= 8 x threads", ratio("rate", "greenlets", "wsgi-bridge"), 8.0, at_least=True),
        Target("requests/s >= 0.9 x gevent", ratio("rate", "greenlets", "gevent"), 0.9, at_least=True),
    ),
    check=lambda contender, settings: _check("flask-call", contender, settings),
    measure=_measure_requests,
    max_rounds=2,
)
DATABASE = Scenario(
    name="database",
    title=(
        f"Django and psycopg2: {DATABASE_CLIENTS} clients, pg_sleep({DATABASE_SECONDS:g}), {POOL} connections,"
        f" {POOL} threads"
    ),
    contenders=("wsgi-bridge", "greenlets"),
    metrics=(_RATE, _P99, _CPU),
    targets=(
        Target(f"requests/s >= 0.9 of what {POOL} connections allow", _share_of_pool, 0.9, at_least=True),
    ),
    check=_check_database,
    measure=_measure_database,
    max_rounds=3,
)
