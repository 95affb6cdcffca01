"""Requests that come when they come, whether the last ones have been answered or not: the load of a website.

A closed loop asks less when a server slows down, and so hides it. Here requests arrive by chance (a Poisson process
with a fixed seed, the same for every contender) at a rate that is given; one that finds all connections busy waits,
and its waiting counts.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import subprocess
import sys
import time
from collections import deque
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import cast

from scripts.benchmarks.errors import TimedOutError, WrongAnswerError
from scripts.benchmarks.load.wire import request, response_end
from scripts.benchmarks.quantiles import percentile

__all__ = ["Latencies", "Stream", "run"]

CONNECTIONS = 64
GRACE = 20.0  # seconds beyond its duration until a load is given up
DRAIN = 5.0  # seconds for the last answers
_SEED = 5


@dataclass(frozen=True, slots=True)
class Stream:
    """What to ask: `rate` requests per second for `seconds`."""

    port: int
    path: str
    rate: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Latencies:
    """What came back: milliseconds, and requests that were not answered with 200."""

    requests: int
    p50_ms: float
    p99_ms: float
    failures: int


def run(stream: Stream) -> Latencies:
    """Sends the requests from a process of its own.

    Raises TimedOutError when it does not end, WrongAnswerError when a request failed.
    """
    command = [sys.executable, "-m", "scripts.benchmarks.load.open_loop", str(stream.port), stream.path]
    command += [str(stream.rate), str(stream.seconds)]
    limit = stream.seconds + DRAIN + GRACE
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=limit)
    except subprocess.TimeoutExpired:
        raise TimedOutError(limit) from None
    found = Latencies(**json.loads(done.stdout))
    if found.failures or not found.requests:
        raise WrongAnswerError(f"{found.failures} requests failed, {found.requests} were answered")
    return found


class _Load:
    """Arrivals, those that wait for a connection, and the connections that are free."""

    def __init__(self, question: bytes) -> None:
        self.question = question
        self.free: list[_Connection] = []
        self.waiting: deque[float] = deque()
        self.latencies: list[float] = []
        self.failures = 0
        self._answer = asyncio.Event()

    def arrive(self, at: float) -> None:
        if self.free:
            self.free.pop().ask(at)
        else:
            self.waiting.append(at)

    def answered(self, connection: _Connection, at: float, *, good: bool) -> None:
        self.latencies.append(time.monotonic() - at)
        self.failures += not good
        self._answer.set()
        if self.waiting:
            connection.ask(self.waiting.popleft())
        else:
            self.free.append(connection)

    async def all_answered(self, sent: int) -> None:
        while len(self.latencies) < sent:
            self._answer.clear()
            await self._answer.wait()

    def summary(self, sent: int) -> Latencies:
        ordered = sorted(self.latencies) or [0.0]
        return Latencies(
            requests=len(self.latencies),
            p50_ms=1000 * percentile(ordered, 0.50),
            p99_ms=1000 * percentile(ordered, 0.99),
            failures=self.failures + sent - len(self.latencies),
        )


class _Connection(asyncio.Protocol):
    """One connection, one request at a time."""

    def __init__(self, load: _Load) -> None:
        self._load = load
        self._buffer = bytearray()
        self._arrived = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's are no subclass of it
        self._load.free.append(self)

    def ask(self, arrived: float) -> None:
        """Sends the request that came at `arrived`."""
        self._arrived = arrived
        self.transport.write(self._load.question)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        end = response_end(self._buffer)
        if end is not None:
            good = self._buffer[9:12] == b"200"
            del self._buffer[:end]
            self._load.answered(self, self._arrived, good=good)


async def _drive(stream: Stream) -> Latencies:
    load, loop = _Load(request(stream.path)), asyncio.get_running_loop()
    opened = [
        (await loop.create_connection(lambda: _Connection(load), "127.0.0.1", stream.port))[1]
        for _ in range(CONNECTIONS)
    ]
    chance, sent = random.Random(_SEED), 0  # noqa: S311 - arrivals, no secret
    begun = time.monotonic()
    due = begun + chance.expovariate(stream.rate)
    while (now := time.monotonic()) < begun + stream.seconds:
        while due <= now:
            # From now on: that a timer of this process is a little late is not the server's.
            load.arrive(now)
            sent += 1
            due += chance.expovariate(stream.rate)
        await asyncio.sleep(max(0.0, due - time.monotonic()))
    with suppress(asyncio.TimeoutError):
        await asyncio.wait_for(load.all_answered(sent), DRAIN)
    for connection in opened:
        connection.transport.abort()
    return load.summary(sent)


def _main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("path")
    parser.add_argument("rate", type=float)
    parser.add_argument("seconds", type=float)
    options = parser.parse_args()
    with suppress(ImportError):  # faster where it is installed
        import uvloop

        uvloop.install()
    stream = Stream(options.port, options.path, options.rate, options.seconds)
    print(json.dumps(asdict(asyncio.run(_drive(stream)))))


if __name__ == "__main__":
    _main()
