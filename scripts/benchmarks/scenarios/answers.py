"""Small answers under a closed loop: hello world, and the same through Flask and Django."""

from __future__ import annotations

from scripts.benchmarks.apps.content import HELLO
from scripts.benchmarks.errors import WrongAnswerError
from scripts.benchmarks.load import closed_loop
from scripts.benchmarks.load.transfer import exchange
from scripts.benchmarks.results import Metric
from scripts.benchmarks.scenarios.base import ALL, BRIDGES, Figures, Scenario, Settings, cpu_figures
from scripts.benchmarks.server import Server, serving
from scripts.benchmarks.targets import Target, added_share, ratio

__all__ = ["DJANGO", "FLASK", "HELLO_WORLD"]

WARM_UP = 1.0  # seconds: threads started, caches and the allocator warm

_METRICS = (
    Metric("rate", "requests/s", more_is_better=True),
    Metric("cpu_us", "CPU us/request", 1),
    Metric("p50_ms", "p50 ms", 2),
    Metric("p99_ms", "p99 ms", 2),
)


def _scenario(name: str, title: str, contenders: tuple[str, ...], targets: tuple[Target, ...]) -> Scenario:
    return Scenario(
        name=name,
        title=title,
        contenders=contenders,
        metrics=_METRICS,
        targets=targets,
        check=lambda contender, settings: _check(name, contender, settings),
        measure=lambda contender, settings: _measure(name, contender, settings),
    )


def _check(app: str, contender: str, settings: Settings) -> None:
    with serving(contender, app, threads=settings.threads, place=settings.place) as server:
        answer = exchange(server.port, "/", limit=settings.limit)
    if answer != (200, HELLO):
        raise WrongAnswerError(f"{answer[0]} {answer[1][:60]!r} instead of 200 {HELLO!r}")


def _measure(app: str, contender: str, settings: Settings) -> Figures:
    with serving(contender, app, threads=settings.threads, place=settings.place) as server:
        _load(server, settings, min(WARM_UP, settings.seconds))
        meter = server.meter()
        load = _load(server, settings, settings.seconds)
        cpu = meter.cpu_seconds()
    return {
        "rate": load.rate,
        **cpu_figures("cpu_us", cpu, scale=1e6 / load.requests),
        "p50_ms": load.p50_ms,
        "p99_ms": load.p99_ms,
        **({} if cpu is None else {"server_busy": cpu / load.requests * load.rate}),
        "generator_busy": load.busy,
    }


def _load(server: Server, settings: Settings, seconds: float) -> closed_loop.Load:
    plan = closed_loop.Plan(server.port, "/", settings.connections, seconds, settings.generator)
    return closed_loop.run(plan)


HELLO_WORLD = _scenario(
    "hello",
    "Hello world",
    ALL,
    (
        Target("throughput >= 0.80 of native", ratio("rate", "wsgi-bridge", "native"), 0.80, at_least=True),
        Target("throughput >= 4.5 x a2wsgi", ratio("rate", "wsgi-bridge", "a2wsgi"), 4.5, at_least=True),
        Target(
            "CPU added to native <= 1/20 of what a2wsgi adds",
            added_share("cpu_us", "wsgi-bridge", "a2wsgi", "native"),
            1 / 20,
        ),
        Target("p99 <= 2 x native", ratio("p99_ms", "wsgi-bridge", "native"), 2.0),
        Target(
            "greenlets: throughput >= 0.75 of native",
            ratio("rate", "greenlets", "native"),
            0.75,
            at_least=True,
        ),
        Target(
            "greenlets: throughput >= 4 x a2wsgi", ratio("rate", "greenlets", "a2wsgi"), 4.0, at_least=True
        ),
    ),
)
FLASK = _scenario(
    "flask",
    "Flask hello",
    BRIDGES,
    (
        Target(
            "throughput >= 1.0 x gunicorn gthread",
            ratio("rate", "wsgi-bridge", "gunicorn"),
            1.0,
            at_least=True,
        ),
    ),
)
DJANGO = _scenario(
    "django",
    "Django hello",
    BRIDGES,
    (
        Target(
            "throughput >= 1.0 x gunicorn gthread",
            ratio("rate", "wsgi-bridge", "gunicorn"),
            1.0,
            at_least=True,
        ),
    ),
)
