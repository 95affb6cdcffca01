"""`queue.SimpleQueue`, which waits in C, for greenlets.

`queue.Queue` and its kin are written in Python on top of `threading`, and need nothing. This one is the original
with a look before it waits: so `put` stays safe in signal handlers, finalizers and while a `put` runs.
"""

from __future__ import annotations

import queue
from collections.abc import Iterator
from typing import Any

from greenlet import getcurrent

from bridge.cooperative.lines import Line, wait_in_line
from bridge.cooperative.patching import Patch
from bridge.cooperative.switch import BridgeGreenlet

__all__ = ["SimpleQueue", "patches"]

_Original: Any = queue.SimpleQueue
_put = _Original.put
_get = _Original.get


def patches() -> Iterator[Patch]:
    """Yield what makes simple queues made from now on cooperative; older ones are C objects."""
    yield Patch(queue, "SimpleQueue", SimpleQueue, everywhere=True)


class SimpleQueue(_Original):  # type: ignore[misc]  # Any: C's, or the one in Python where there is no _queue
    """`queue.SimpleQueue`, whose greenlets let the event loop go on while there is nothing."""

    _line: Line | None = None  # the class's until the first has to wait: making one calls nothing in Python

    def put(self, item: Any, block: bool = True, timeout: float | None = None) -> None:  # noqa: ARG002, FBT001, FBT002 - as the original
        """Put an item in, without ever waiting; wake the first greenlet that waits."""
        _put(self, item)
        if self._line:
            self._line.wake_next()

    def put_nowait(self, item: Any) -> None:
        """`put`."""
        _put(self, item)
        if self._line:
            self._line.wake_next()

    def get(self, block: bool = True, timeout: float | None = None) -> Any:  # noqa: FBT001, FBT002 - as the original
        """Take the oldest item; `queue.Empty` if there is none, or none comes within `timeout` seconds."""
        current = getcurrent()
        if type(current) is not BridgeGreenlet or not block:
            return _get(self, block, timeout)
        if timeout is not None and timeout < 0:
            return _get(self, block, timeout)  # raises ValueError
        found: list[Any] = []

        def take() -> bool:
            try:
                found.append(_get(self, False))
            except queue.Empty:
                return False
            return True

        if take() or wait_in_line(self, current, take, -1 if timeout is None else timeout):
            return found[0]
        raise queue.Empty
