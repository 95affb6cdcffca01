"""Streamed responses: many small blocks as fast as they go, and blocks that stand alone."""

from __future__ import annotations

import statistics

from scripts.benchmarks.apps.content import BEAT_PAUSE, BLOCK
from scripts.benchmarks.errors import WrongAnswerError
from scripts.benchmarks.load.transfer import block_ages, download, exchange
from scripts.benchmarks.load.wire import body_of
from scripts.benchmarks.results import Metric
from scripts.benchmarks.scenarios.base import ALL, Figures, Scenario, Settings, cpu_figures
from scripts.benchmarks.server import serving
from scripts.benchmarks.targets import Target, ratio, value

__all__ = ["BEATS", "STREAM"]

WARM_UP_BLOCKS = 500
BEAT_COUNT = 25  # stamped blocks a round; with its pause of 20 ms, half a second
CHECKED_BEATS = 3


def _check_stream(contender: str, settings: Settings) -> None:
    with serving(contender, "stream", threads=settings.threads, place=settings.place) as server:
        _expect_blocks(exchange(server.port, f"/?{WARM_UP_BLOCKS}", limit=settings.limit)[1], WARM_UP_BLOCKS)


def _measure_stream(contender: str, settings: Settings) -> Figures:
    with serving(contender, "stream", threads=settings.threads, place=settings.place) as server:
        download(server.port, f"/?{WARM_UP_BLOCKS}", limit=settings.limit, keep=False)
        meter = server.meter()
        transfer = download(server.port, f"/?{settings.blocks}", limit=settings.limit, keep=True)
        cpu = meter.cpu_seconds()
    _expect_blocks(body_of(transfer.kept), settings.blocks)
    return {"ms": transfer.seconds * 1000, **cpu_figures("cpu_ms", cpu, scale=1000)}


def _expect_blocks(body: bytes, count: int) -> None:
    if body != BLOCK * count:
        raise WrongAnswerError(f"{len(body)} bytes of stream instead of {count * len(BLOCK)}, or other ones")


def _check_beats(contender: str, settings: Settings) -> None:
    with serving(contender, "beats", threads=settings.threads, place=settings.place) as server:
        ages = block_ages(server.port, f"/?{CHECKED_BEATS}", limit=settings.limit)
    if len(ages) != CHECKED_BEATS:
        raise WrongAnswerError(f"{len(ages)} stamped blocks instead of {CHECKED_BEATS}")


def _measure_beats(contender: str, settings: Settings) -> Figures:
    with serving(contender, "beats", threads=settings.threads, place=settings.place) as server:
        block_ages(server.port, "/?2", limit=settings.limit)
        ages = block_ages(server.port, f"/?{BEAT_COUNT}", limit=settings.limit)
    if len(ages) != BEAT_COUNT:
        raise WrongAnswerError(f"{len(ages)} stamped blocks instead of {BEAT_COUNT}")
    return {"age_ms": 1000 * statistics.median(ages), "oldest_ms": 1000 * max(ages)}


STREAM = Scenario(
    name="stream",
    title="Stream of {blocks:,} blocks of 1 KiB",
    contenders=ALL,
    metrics=(Metric("ms", "time ms", 1), Metric("cpu_ms", "CPU ms", 1)),
    targets=(
        Target("time <= 0.8 x native", ratio("ms", "wsgi-bridge", "native"), 0.8),
        Target("time <= 1/20 of a2wsgi", ratio("ms", "wsgi-bridge", "a2wsgi"), 1 / 20),
    ),
    check=_check_stream,
    measure=_measure_stream,
)
BEATS = Scenario(
    name="beats",
    title=f"A block every {BEAT_PAUSE * 1000:.0f} ms: its age when it arrives",
    contenders=ALL,
    metrics=(Metric("age_ms", "median ms", 2), Metric("oldest_ms", "oldest ms", 2)),
    targets=(
        # "Leaves at once": a block held back for the next one would be as old as the pause, 20 ms.
        Target("median age <= 2 ms", value("wsgi-bridge", "age_ms"), 2.0, unit="ms"),
        Target(
            "the oldest leaves before the next is made", value("wsgi-bridge", "oldest_ms"), 20.0, unit="ms"
        ),
    ),
    check=_check_beats,
    measure=_measure_beats,
)
