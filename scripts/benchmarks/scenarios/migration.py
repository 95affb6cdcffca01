"""`Migration` in front of a modern route: what it adds, by the number of rules; and what shadowing does to users."""

from __future__ import annotations

from functools import lru_cache
from types import MappingProxyType

from bridge.incremental.store import open_store
from scripts.benchmarks.apps.content import HELLO
from scripts.benchmarks.apps.migrated import ASKED, WORK, shadow_store
from scripts.benchmarks.errors import WrongAnswerError
from scripts.benchmarks.load import closed_loop, open_loop
from scripts.benchmarks.load.calls import cpu_of_a_call
from scripts.benchmarks.load.transfer import exchange
from scripts.benchmarks.results import Metric
from scripts.benchmarks.scenarios.base import Figures, Scenario, Settings, cpu_figures
from scripts.benchmarks.server import Server, serving
from scripts.benchmarks.targets import Measure, Medians, Target, ratio, value

__all__ = ["MIGRATION", "ROWS", "RULES", "SHADOW"]

APP_OF = MappingProxyType(
    {
        "native": "hello",
        "10 rules": "rules_10",
        "500 rules": "rules_500",
        "1000 rules": "rules_1000",
        "not shadowed": "alone",
        "shadowed": "shadowed",
    }
)
ROWS = tuple(APP_OF)
_TABLES = ("native", "10 rules", "500 rules", "1000 rules")
_SIDES = ("not shadowed", "shadowed")
WARM_UP = 1.0  # seconds
THREADS = 40  # of the legacy application, as everywhere by default
SHADOW_SECONDS = 5.0  # at least: a p99 is of the slowest fifty


def _check(row: str, settings: Settings) -> None:
    with serving("native", APP_OF[row], threads=THREADS, place=settings.place) as server:
        answer = exchange(server.port, ASKED, limit=settings.limit)
    if answer != (200, HELLO):
        raise WrongAnswerError(f"{answer[0]} {answer[1][:60]!r} instead of 200 {HELLO!r}")


def _load(server: Server, settings: Settings, seconds: float) -> closed_loop.Load:
    plan = closed_loop.Plan(server.port, ASKED, settings.connections, seconds, settings.generator)
    return closed_loop.run(plan)


def _measure_served(row: str, settings: Settings) -> Figures:
    with serving("native", APP_OF[row], threads=THREADS, place=settings.place) as server:
        _load(server, settings, min(WARM_UP, settings.seconds))
        meter = server.meter()
        load = _load(server, settings, settings.seconds)
        cpu = meter.cpu_seconds()
    return {
        "rate": load.rate,
        **cpu_figures("cpu_us", cpu, scale=1e6 / load.requests),
        "p50_ms": load.p50_ms,
        "p99_ms": load.p99_ms,
    }


def _measure_called(row: str, settings: Settings) -> Figures:
    return {"cpu_us": cpu_of_a_call(APP_OF[row], ASKED)}


def _measure_shadow(row: str, settings: Settings) -> Figures:
    rate = _half_the_capacity(settings)
    seconds = max(SHADOW_SECONDS, settings.seconds)
    store = shadow_store(settings.files)
    for path in settings.files.glob(f"{store.rpartition('/')[2]}*"):
        path.unlink()
    with serving("native", APP_OF[row], threads=THREADS, place=settings.place) as server:
        open_loop.run(open_loop.Stream(server.port, ASKED, rate, WARM_UP))
        meter = server.meter()
        found = open_loop.run(open_loop.Stream(server.port, ASKED, rate, seconds))
        cpu = meter.cpu_seconds()
    # The server has stopped, and written what it had counted.
    return {
        "rate": found.requests / seconds,
        "p50_ms": found.p50_ms,
        "p99_ms": found.p99_ms,
        "compared": _compared_share(store) if row == "shadowed" else 0.0,
        **cpu_figures("cpu_us", cpu, scale=1e6 / found.requests),
    }


@lru_cache(maxsize=1)
def _half_the_capacity(settings: Settings) -> float:
    """Requests per second: half of what the server answers at most, without shadowing. Once a run."""
    with serving("native", APP_OF["not shadowed"], threads=THREADS, place=settings.place) as server:
        _load(server, settings, WARM_UP)
        return _load(server, settings, 2.0).rate / 2


def _compared_share(url: str) -> float:
    """Requests that were compared, as a share of all."""
    store = open_store(url)
    try:
        counters = store.counters().get("*", {})
    finally:
        store.close()
    if counters.get("different"):
        raise WrongAnswerError(f"{counters['different']} answers that are the same were called different")
    return counters.get("compared", 0) / max(counters.get("legacy.requests", 0), 1)


def _added(row: str) -> Measure:
    """Microseconds over native."""

    def measure(medians: Medians) -> float | None:
        mine, base = value(row, "cpu_us")(medians), value("native", "cpu_us")(medians)
        return None if mine is None or base is None else mine - base

    return measure


def _growth(medians: Medians) -> float | None:
    """What 1,000 rules add, as a multiple of what 10 add."""
    many, few = _added("1000 rules")(medians), _added("10 rules")(medians)
    return None if many is None or not few else many / few


MIGRATION = Scenario(
    name="migration",
    title="Hello world behind Migration, in a server",
    contenders=("native", "500 rules"),
    metrics=(
        Metric("rate", "requests/s", more_is_better=True),
        Metric("cpu_us", "CPU us/request", 1),
        Metric("p50_ms", "p50 ms", 2),
        Metric("p99_ms", "p99 ms", 2),
    ),
    targets=(
        Target("CPU <= 1.08 x native", ratio("cpu_us", "500 rules", "native"), 1.08),
        Target("time per request <= 1.08 x native", ratio("rate", "native", "500 rules"), 1.08),
    ),
    check=_check,
    measure=_measure_served,
)
RULES = Scenario(
    name="rules",
    title="Hello world behind Migration, called in one process",
    contenders=_TABLES,
    metrics=(Metric("cpu_us", "CPU us/call", 2),),
    targets=(
        Target("500 rules add <= 5 us of CPU", _added("500 rules"), 5.0, unit="us"),
        Target("1,000 rules add <= 1.2 x what 10 add", _growth, 1.2),
    ),
    check=_check,
    measure=_measure_called,
    max_rounds=3,
)
SHADOW = Scenario(
    name="shadow",
    title=f"A page that waits {WORK * 1000:.0f} ms, at half of the capacity, every request shadowed",
    contenders=_SIDES,
    metrics=(
        Metric("p99_ms", "p99 ms", 2),
        Metric("p50_ms", "p50 ms", 2),
        Metric("rate", "requests/s", more_is_better=True),
        Metric("compared", "share compared", 3, more_is_better=True),
        Metric("cpu_us", "CPU us/request", 1),
    ),
    targets=(
        Target("p99 <= 1.15 x not shadowed", ratio("p99_ms", "shadowed", "not shadowed"), 1.15),
        Target("requests compared >= 0.95", value("shadowed", "compared"), 0.95, at_least=True, unit=""),
    ),
    check=_check,
    measure=_measure_shadow,
)
