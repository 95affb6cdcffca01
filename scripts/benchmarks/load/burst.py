"""Many clients that all ask at the same moment, each a given number of times: how long until all have their answers.

They connect first, a few at a time, so that no connection is lost in a full backlog and none is measured.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import asdict, dataclass

from scripts.benchmarks.errors import TimedOutError, WrongAnswerError
from scripts.benchmarks.load.wire import request, response_end
from scripts.benchmarks.quantiles import percentile

__all__ = ["Burst", "Crowd", "run"]

AT_ONCE = 100  # connections that are opened together; servers' backlogs are larger
_READ = 65_536


@dataclass(frozen=True, slots=True)
class Crowd:
    """Who asks: `clients` that ask `each` times, one request after the other, within `limit` seconds."""

    port: int
    path: str
    clients: int
    each: int
    limit: float


@dataclass(frozen=True, slots=True)
class Burst:
    """What came back: `seconds` from the first request to the last answer, and how long one took."""

    requests: int
    seconds: float
    p50_ms: float
    p99_ms: float
    failures: int

    @property
    def rate(self) -> float:
        """Answers per second."""
        return self.requests / self.seconds


def run(crowd: Crowd) -> Burst:
    """Asks from a process of its own.

    Raises TimedOutError when not all have been answered in time, WrongAnswerError when an answer was not a 200.
    """
    options = [str(crowd.port), crowd.path, str(crowd.clients), str(crowd.each)]
    command = [sys.executable, "-m", __name__, *options]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=crowd.limit)
    except subprocess.TimeoutExpired:
        raise TimedOutError(crowd.limit) from None
    except subprocess.CalledProcessError as failure:
        raise WrongAnswerError(failure.stderr.strip().splitlines()[-1]) from failure
    burst = Burst(**json.loads(done.stdout))
    if burst.failures:
        raise WrongAnswerError(f"{burst.failures} of {burst.requests} requests failed")
    return burst


class _Client:
    """One connection and what it has seen; `latencies` is shared."""

    def __init__(self, question: bytes, latencies: list[float]) -> None:
        self._question = question
        self._latencies = latencies
        self.failures = 0

    async def connect(self, port: int) -> None:
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", port)

    async def ask(self, times: int) -> None:
        for _ in range(times):
            began = time.monotonic()
            self._writer.write(self._question)
            answer = b""
            while response_end(answer) is None:
                received = await self._reader.read(_READ)
                if not received:
                    self.failures += 1
                    return
                answer += received
            self._latencies.append(time.monotonic() - began)
            self.failures += answer[9:12] != b"200"


async def _drive(port: int, path: str, clients: int, each: int) -> Burst:
    question, latencies = request(path), list[float]()
    crowd = [_Client(question, latencies) for _ in range(clients)]
    for start in range(0, clients, AT_ONCE):
        await asyncio.gather(*(client.connect(port) for client in crowd[start : start + AT_ONCE]))
    began = time.monotonic()
    await asyncio.gather(*(client.ask(each) for client in crowd))
    ordered = sorted(latencies) or [0.0]
    return Burst(
        requests=clients * each,
        seconds=time.monotonic() - began,
        p50_ms=1000 * percentile(ordered, 0.50),
        p99_ms=1000 * percentile(ordered, 0.99),
        failures=sum(client.failures for client in crowd),
    )


def _main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("path")
    parser.add_argument("clients", type=int)
    parser.add_argument("each", type=int)
    options = parser.parse_args()
    with suppress(ImportError):  # faster where it is installed, the same figures without
        import uvloop

        uvloop.install()
    burst = asyncio.run(_drive(options.port, options.path, options.clients, options.each))
    print(json.dumps(asdict(burst)))


if __name__ == "__main__":
    _main()
