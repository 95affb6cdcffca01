"""WebSockets: what a message costs, there and back."""

from __future__ import annotations

from scripts.benchmarks.load import closed_loop
from scripts.benchmarks.results import Metric
from scripts.benchmarks.scenarios.base import Figures, Scenario, Settings, cpu_figures
from scripts.benchmarks.server import serving
from scripts.benchmarks.targets import Target, ratio

__all__ = ["MESSAGES", "SOCKS"]

CONNECTIONS = 32
THREADS = 40  # a connection keeps its thread
CHECK_SECONDS = 0.3

METRICS = (
    Metric("cpu_us", "CPU us/message", 1),
    Metric("rate", "messages/s", more_is_better=True),
    Metric("p99_ms", "p99 ms", 1),
)


def _measure(path: str, contender: str, settings: Settings, seconds: float) -> Figures:
    with serving(contender, "talking", threads=THREADS, place=settings.place) as server:
        meter = server.meter()
        plan = closed_loop.Plan(server.port, path, CONNECTIONS, seconds, "messages")
        load = closed_loop.run(plan)  # raises WrongAnswerError for what is no echo
        cpu = meter.cpu_seconds()
    figures = cpu_figures("cpu_us", cpu, scale=1e6 / load.requests)
    return {"rate": load.rate, "p99_ms": load.p99_ms, **figures}


def _scenario(name: str, title: str, path: str, contenders: tuple[str, ...], target: Target) -> Scenario:
    return Scenario(
        name=name,
        title=title,
        contenders=contenders,
        metrics=METRICS,
        targets=(target,),
        check=lambda contender, settings: _check(path, contender, settings),
        measure=lambda contender, settings: _measure(path, contender, settings, settings.seconds),
    )


def _check(path: str, contender: str, settings: Settings) -> None:
    _measure(path, contender, settings, CHECK_SECONDS)


SOCKS = _scenario(
    "socks",
    f"A message echoed by Flask-Sock, {CONNECTIONS} WebSockets",
    "/sock",
    ("native", "wsgi-bridge", "greenlets", "gunicorn", "gevent"),
    # Its frames are read and written once more, between the library's socket and the server's messages.
    Target("CPU a message <= 4 x gunicorn's gthread", ratio("cpu_us", "wsgi-bridge", "gunicorn"), 4.0),
)
MESSAGES = _scenario(
    "messages",
    f"A message echoed by environ['wsgi.websocket'], {CONNECTIONS} WebSockets",
    "/messages",
    ("native", "wsgi-bridge", "greenlets"),
    Target("CPU a message in greenlets <= 4 x native", ratio("cpu_us", "greenlets", "native"), 4.0),
)
