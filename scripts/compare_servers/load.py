"""A light load: some connections asking for the visited pages at once, to see that statuses and logs stay as they were."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import cycle, islice

from scripts.compare_servers.exchange import Client, Request

__all__ = ["Load", "put_load"]

CONNECTIONS = 8


@dataclass(slots=True)
class Load:
    """`surprises`: "GET /x: 200 became 500" and how often."""

    requests: int = 0
    seconds: float = 0.0
    surprises: Counter[str] = field(default_factory=Counter)


def put_load(client: Client, expected: Mapping[str, int], seconds: float) -> Load:
    """Ask for the targets of `expected` (their statuses) for `seconds`, with `client`'s cookies."""
    load, lock = Load(), threading.Lock()
    began = time.monotonic()

    def work(number: int) -> None:
        own = client.twin()
        try:
            for target in islice(cycle(expected), number, None):
                if time.monotonic() - began > seconds:
                    break
                answer = own.ask(Request("GET", target))
                became = answer.broken or f"{answer.status} {answer.maybe_header('location') or ''}".rstrip()
                with lock:
                    load.requests += 1
                    if answer.status != expected[target] or answer.broken:
                        load.surprises[f"GET {target}: {expected[target]} became {became}"] += 1
        finally:
            own.close()

    threads = [threading.Thread(target=work, args=(7 * number,)) for number in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    load.seconds = time.monotonic() - began
    return load
