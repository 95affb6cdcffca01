"""What one call of an ASGI application costs, without server and sockets: `python -m scripts.benchmarks.load.calls APP`.

CPU time of the whole process, so that what other threads do for a request counts, and other processes do not.
Where microseconds are told apart, a server's own 70 and their spread would hide them.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

from scripts.benchmarks.apps import APPS, load
from scripts.benchmarks.errors import BenchmarkError, WrongAnswerError

if TYPE_CHECKING:
    from scripts.benchmarks.apps.native import Scope

__all__ = ["cpu_of_a_call"]

CALLS = 20_000  # in a batch
BATCHES = 7  # the cheapest counts: whatever disturbs makes a call dearer, nothing makes it cheaper
SETTLE = 0.4  # seconds after a batch in which other threads do what is left of it
LIMIT = 60.0  # seconds


def cpu_of_a_call(app: str, path: str) -> float:
    """Microseconds of CPU that a call of `app` takes, measured in a process of its own. Raises BenchmarkError."""
    command = [sys.executable, "-m", "scripts.benchmarks.load.calls", app, path]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=LIMIT)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as failure:
        raise BenchmarkError(f"{failure}: {failure.stderr!r}") from failure
    return float(json.loads(done.stdout))


def _scope(path: str) -> Scope:
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(b"host", b"127.0.0.1"), (b"accept", b"*/*")],
        "client": ("127.0.0.1", 50_000),
        "server": ("127.0.0.1", 8000),
        "state": {},
    }


async def _measure(app: Any, path: str) -> float:
    scope, bodies = _scope(path), list[bytes]()

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(event: dict[str, Any]) -> None:
        if event["type"] == "http.response.body":
            bodies[:] = [event["body"]]

    async def batch() -> float:
        began = time.process_time()
        for _ in range(CALLS):
            await app(dict(scope), receive, send)
        await asyncio.sleep(SETTLE)
        return (time.process_time() - began) / CALLS

    cheapest = min([await batch() for _ in range(BATCHES)])
    if bodies != [b"Hello, World!"]:
        raise WrongAnswerError(f"{bodies!r} instead of a hello")
    return cheapest * 1e6


def _main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("app", choices=APPS)
    parser.add_argument("path")
    options = parser.parse_args()
    print(json.dumps(asyncio.run(_measure(load(APPS[options.app].native or ""), options.path))))


if __name__ == "__main__":
    _main()
