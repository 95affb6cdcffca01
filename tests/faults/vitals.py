"""What a server process tells about itself, past the bridge: even with a full pool it answers.

GET /-/vitals     the numbers as they are
GET /-/settled    as soon as no request runs or waits, or after `SETTLE_LIMIT` seconds
"""

from __future__ import annotations

import asyncio
import dataclasses
import gc
import json
import os
import threading
from pathlib import Path
from typing import Any

from bridge import WsgiToAsgi

__all__ = ["SETTLE_LIMIT", "Vitals", "Watched"]

SETTLE_LIMIT = 15.0  # seconds; more than the server needs to hear of a client that has gone
LOOK_EVERY = 0.01  # seconds


@dataclasses.dataclass(frozen=True, slots=True)
class Vitals:
    """Numbers of one process; `resident` is in bytes, and 0 off Linux like `descriptors`.

    `greenlets` that exist are counted for "settled" only: it takes a look at every object.
    """

    threads: int
    tasks: int
    descriptors: int
    resident: int
    active: int
    queued: int
    started: int
    finished: int
    rejected: int
    queue_timeouts: int
    abandoned: int
    greenlets: int = 0

    @property
    def settled(self) -> bool:
        """Whether no request runs or waits."""
        return self.active == 0 and self.queued == 0 and self.started == self.finished


class Watched:
    """A bridge as an ASGI application, with the two addresses above."""

    def __init__(self, bridge: WsgiToAsgi) -> None:
        self.bridge = bridge

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        path = scope.get("path", "")
        if scope["type"] != "http" or not path.startswith("/-/"):
            await self.bridge(scope, receive, send)
            return
        body = json.dumps(dataclasses.asdict(await self._look(wait=path == "/-/settled"))).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _look(self, *, wait: bool) -> Vitals:
        deadline = asyncio.get_running_loop().time() + (SETTLE_LIMIT if wait else 0)
        tasks = -1  # those of requests that left the queue end a moment later: looked at until none does
        while not (vitals := self.vitals()).settled or vitals.tasks != tasks:
            if asyncio.get_running_loop().time() >= deadline:
                break
            tasks = vitals.tasks
            await asyncio.sleep(LOOK_EVERY)
        if wait:
            gc.collect()  # garbage that waits for its turn is no leak
            vitals = dataclasses.replace(self.vitals(), greenlets=_greenlets())
        return vitals

    def vitals(self) -> Vitals:
        """Return the numbers as they are."""
        statistics = self.bridge.executor.statistics()
        return Vitals(
            threads=threading.active_count(),
            tasks=len(asyncio.all_tasks()),
            descriptors=_descriptors(),
            resident=_resident(),
            active=statistics.active,
            queued=statistics.queued,
            started=statistics.started,
            finished=statistics.finished,
            rejected=statistics.rejected,
            queue_timeouts=statistics.queue_timeouts,
            abandoned=statistics.abandoned,
        )


def _greenlets() -> int:
    return sum(type(each).__name__ == "BridgeGreenlet" and not each.dead for each in gc.get_objects())


def _descriptors() -> int:
    folder = Path("/proc/self/fd")
    return len(list(folder.iterdir())) if folder.exists() else 0


def _resident() -> int:
    file = Path("/proc/self/statm")
    return int(file.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") if file.exists() else 0
