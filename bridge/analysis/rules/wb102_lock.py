"""A request that waits for a lock, an event or a condition.

## What it does

Finds `acquire` and `with` on locks, and `wait` on events, conditions, semaphores and barriers of `threading`
and `multiprocessing`.

## Why it blocks

The thread stands still until another thread lets go. Under load requests queue behind the one that holds the
lock; on an event loop the one that would release it may never run again, because the loop that should run it is
waiting.

## Example

    import threading

    prices_lock = threading.Lock()

    def price_of(product):
        with prices_lock:
            return load_price(product)

## Use instead

    import asyncio

    prices_lock = asyncio.Lock()

    async def price_of(product):
        async with prices_lock:
            return await load_price(product)

## References

- https://docs.python.org/3/library/threading.html#lock-objects
- https://docs.python.org/3/library/asyncio-sync.html
"""

from __future__ import annotations

from bridge.analysis.model import Category
from bridge.analysis.rules.base import Rule

__all__ = ["RULE"]

RULE = Rule(
    code="WB102",
    name="lock",
    message="{sink} waits until another thread lets go",
    effort=3,
    sinks=(
        "threading.Lock",
        "threading.RLock",
        "threading.Condition",
        "threading.Event",
        "threading.Semaphore",
        "threading.BoundedSemaphore",
        "threading.Barrier",
        "multiprocessing.Lock",
        "multiprocessing.RLock",
        "multiprocessing.Event",
        "multiprocessing.Condition",
        "multiprocessing.Semaphore",
        "multiprocessing.Barrier",
        "_thread.allocate_lock",
    ),
    categories=(Category.LOCK,),
)
