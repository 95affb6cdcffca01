"""Traffic for a while against one server, whose vitals are looked at all along."""

from __future__ import annotations

import asyncio
import dataclasses
import math
import time
from collections.abc import Coroutine
from typing import Any

from scripts.soaking.traffic import Traffic
from tests.faults.uvicorn_server import UvicornServer
from tests.faults.vitals import Vitals

__all__ = ["Samples", "soak"]

MAX_THREADS = 20  # or greenlets


@dataclasses.dataclass(frozen=True, slots=True)
class Samples:
    """What a soak has seen. `before` and `after` are of the idle server, `during` one a `interval` seconds.

    `max_threads`: of the pool, or of greenlets where the `executor` is "greenlet".
    """

    seconds: float
    requests: dict[str, int]
    wrong: list[str]
    before: Vitals
    during: list[Vitals]
    after: Vitals
    max_threads: int = MAX_THREADS
    executor: str = "thread"


def soak(
    http: str,
    *,
    seconds: float,
    clients: int,
    seed: int,
    interval: float = 1.0,
    requests: float = math.inf,
    executor: str = "thread",
) -> Samples:
    """Return the samples of a soak on uvicorn's protocol `http`, which ends after so many seconds or requests.

    A first tenth warms the server up before it is looked at: caches fill, threads start, malloc settles.
    """
    most = "max_greenlets" if executor == "greenlet" else "max_threads"
    options: dict[str, Any] = {most: MAX_THREADS, "executor": executor, "queue_timeout": None}
    with UvicornServer(http, **options) as server:
        asyncio.run(Traffic(server.address, clients=clients, seed=seed).run(seconds / 10, requests / 10))
        before = server.settled()
        traffic = Traffic(server.address, clients=clients, seed=seed + 1_000_000)
        begun = time.monotonic()
        during = asyncio.run(_watched(server, traffic.run(seconds, requests), interval))
        lasted = time.monotonic() - begun
        after = server.settled()
        if traffic.wrong:
            traffic.wrong.append(server.log()[-2000:])
    made = dict(traffic.requests)
    return Samples(lasted, made, traffic.wrong, before, during, after, executor=executor)


async def _watched(server: UvicornServer, run: Coroutine[Any, Any, None], interval: float) -> list[Vitals]:
    running = asyncio.ensure_future(run)
    samples = []
    while not running.done():
        samples.append(await asyncio.to_thread(server.vitals))
        await asyncio.wait([running], timeout=interval)
    await running
    return samples
