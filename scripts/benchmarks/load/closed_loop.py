"""N connections, each asking again as soon as it is answered: the load of a hello world.

`wrk` where it is installed, in C and so never the bottleneck; else this module itself, run as a process of its own
(`python -m scripts.benchmarks.load.closed_loop`). Both print the same figures, and both count what they received.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

from scripts.benchmarks.errors import TimedOutError, WrongAnswerError
from scripts.benchmarks.load.wire import request, response_end
from scripts.benchmarks.quantiles import percentile, steady_rate

__all__ = [
    "Connection",
    "Load",
    "Plan",
    "Record",
    "available_generator",
    "drive",
    "parse_wrk",
    "print_load",
    "run",
]

_WRK_REPORT = Path(__file__).with_name("report.lua")
_MARK = "RESULT "  # in front of the line of JSON that report.lua adds to wrk's own output
GRACE = 20.0  # seconds a generator may take beyond its duration before it is given up


@dataclass(frozen=True, slots=True)
class Plan:
    """What to ask: `connections` of them, for `seconds`, by `generator` (`wrk`, `python`, or `messages` on WebSockets)."""

    port: int
    path: str
    connections: int
    seconds: float
    generator: str


@dataclass(frozen=True, slots=True)
class Load:
    """What came back. `rate` is per second; `busy` the share of its core that the generator used, 1.0 for all."""

    requests: int
    rate: float
    p50_ms: float
    p99_ms: float
    failures: int
    busy: float = 0.0


def available_generator(wanted: str) -> str:
    """`wrk` or `python`, for `auto` whichever is here."""
    if wanted == "auto":
        return "wrk" if shutil.which("wrk") else "python"
    return wanted


def run(plan: Plan) -> Load:
    """Loads the server and returns the figures, in a process of its own.

    Raises TimedOutError when nothing at all was answered, WrongAnswerError when an answer was not a 200.
    """
    command = _wrk_command(plan) if plan.generator == "wrk" else _python_command(plan)
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=True, timeout=plan.seconds + GRACE
        )
    except subprocess.TimeoutExpired:
        raise TimedOutError(plan.seconds + GRACE) from None
    elapsed, after = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    load = parse_wrk(done.stdout, busy=spent / elapsed)
    if load.failures:
        raise WrongAnswerError(f"{load.failures} of {load.requests} requests failed")
    if not load.requests:
        raise TimedOutError(plan.seconds)
    return load


def parse_wrk(output: str, *, busy: float = 0.0) -> Load:
    """The figures in a generator's output: the line that starts with the mark."""
    line = next(line for line in output.splitlines() if line.startswith(_MARK))
    return Load(busy=busy, **json.loads(line.removeprefix(_MARK)))


def _wrk_command(plan: Plan) -> list[str]:
    return [
        *("wrk", "--threads", "1", "--connections", str(plan.connections)),
        *("--duration", f"{max(1, round(plan.seconds))}s", "--timeout", "60s", "--script", str(_WRK_REPORT)),
        f"http://127.0.0.1:{plan.port}{plan.path}",
    ]


def _python_command(plan: Plan) -> list[str]:
    module = "messages" if plan.generator == "messages" else "closed_loop"
    options = [str(plan.port), plan.path, str(plan.connections), str(plan.seconds)]
    return [sys.executable, "-m", f"scripts.benchmarks.load.{module}", *options]


class Record:
    """What all connections add to: latencies and completion times in seconds."""

    def __init__(self) -> None:
        self.latencies: list[float] = []
        self.completions: list[float] = []
        self.failures = 0

    def load(self, connections: int, seconds: float) -> Load:
        """The figures of so many seconds."""
        ordered = sorted(self.latencies) or [0.0]
        return Load(
            requests=len(self.completions),
            rate=steady_rate(self.completions, batch=connections, seconds=seconds),
            p50_ms=1000 * percentile(ordered, 0.50),
            p99_ms=1000 * percentile(ordered, 0.99),
            failures=self.failures,
        )


class Connection(asyncio.Protocol):
    """One connection: asks, waits for the whole answer, asks again. Ends with its loop."""

    def __init__(self, question: bytes, record: Record) -> None:
        self.question = question
        self.record = record
        self.buffer = bytearray()
        self._asked = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Asks for the first time."""
        self.transport = cast(asyncio.Transport, transport)  # uvloop's are no subclass of it
        self.ask()

    def data_received(self, data: bytes) -> None:
        """Asks again once the answer is whole."""
        self.buffer += data
        end = response_end(self.buffer)
        if end is not None:
            self.answered(right=self.buffer[9:12] == b"200")
            del self.buffer[:end]
            self.ask()

    def answered(self, *, right: bool) -> None:
        """Records an answer that has just come."""
        now = time.monotonic()
        self.record.latencies.append(now - self._asked)
        self.record.completions.append(now)
        self.record.failures += not right

    def connection_lost(self, exc: Exception | None) -> None:
        """Counts what stays unanswered."""
        if self._asked:
            self.record.failures += 1

    def close(self) -> None:
        """Ends the connection from this side: what is unanswered is not a failure."""
        self._asked = 0.0
        self.transport.abort()

    def ask(self) -> None:
        """Asks once more."""
        self._asked = time.monotonic()
        self.transport.write(self.question)


async def _drive(port: int, path: str, connections: int, seconds: float) -> Load:
    record, question = Record(), request(path)
    return await drive(port, lambda: Connection(question, record), record, connections, seconds)


async def drive(
    port: int, connect: Callable[[], Connection], record: Record, connections: int, seconds: float
) -> Load:
    """Opens the connections, lets them ask, and returns what they recorded."""
    loop = asyncio.get_running_loop()
    opened = [(await loop.create_connection(connect, "127.0.0.1", port))[1] for _ in range(connections)]
    await asyncio.sleep(seconds)
    for connection in opened:
        connection.close()
    return record.load(connections, seconds)


def print_load(asking: Callable[[int, str, int, float], Coroutine[Any, Any, Load]]) -> None:
    """A generator's program: reads its arguments, asks, prints the line that `run` reads."""
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("path")
    parser.add_argument("connections", type=int)
    parser.add_argument("seconds", type=float)
    options = parser.parse_args()
    with suppress(ImportError):  # faster where it is installed, the same figures without
        import uvloop

        uvloop.install()
    load = asdict(asyncio.run(asking(options.port, options.path, options.connections, options.seconds)))
    load.pop("busy")  # only the parent can tell
    print(_MARK + json.dumps(load))


if __name__ == "__main__":
    print_load(_drive)
