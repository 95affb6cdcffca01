"""Traffic for a while against one server, whose vitals are looked at all along."""

from __future__ import annotations

import asyncio
import dataclasses

from scripts.soaking.traffic import Traffic
from tests.faults.uvicorn_server import UvicornServer
from tests.faults.vitals import Vitals

__all__ = ["Samples", "soak"]

MAX_THREADS = 20


@dataclasses.dataclass(frozen=True, slots=True)
class Samples:
    """What a soak has seen. `before` and `after` are of the idle server, `during` one a `interval` seconds."""

    seconds: float
    requests: dict[str, int]
    wrong: list[str]
    before: Vitals
    during: list[Vitals]
    after: Vitals
    max_threads: int = MAX_THREADS


def soak(http: str, *, seconds: float, clients: int, seed: int, interval: float = 1.0) -> Samples:
    """Return the samples of a soak on uvicorn's protocol `http`.

    A first tenth warms the server up before it is looked at: caches fill, threads start, malloc settles.
    """
    with UvicornServer(http, max_threads=MAX_THREADS, queue_timeout=None) as server:
        asyncio.run(Traffic(server.address, clients=clients, seed=seed).run(seconds / 10))
        before = server.settled()
        traffic = Traffic(server.address, clients=clients, seed=seed + 1_000_000)
        during = asyncio.run(_watched(server, traffic, seconds, interval))
        after = server.settled()
        if traffic.wrong:
            traffic.wrong.append(server.log()[-2000:])
    return Samples(seconds, dict(traffic.requests), traffic.wrong, before, during, after)


async def _watched(server: UvicornServer, traffic: Traffic, seconds: float, interval: float) -> list[Vitals]:
    running = asyncio.ensure_future(traffic.run(seconds))
    samples = []
    while not running.done():
        samples.append(await asyncio.to_thread(server.vitals))
        await asyncio.wait([running], timeout=interval)
    await running
    return samples
