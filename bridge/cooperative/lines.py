"""The greenlets that wait for a lock or for an item of a queue, which anybody may give, in any thread.

greenlet                                  whoever gives, in any thread
--------                                  ----------------------------
can't have it: joins the line
tries once more, await_(future)  <------- gives; a line that is not empty: wakes the first
tries again, or waits again, as the first
"""

from __future__ import annotations

import _thread
import asyncio
from collections import deque
from collections.abc import Callable
from time import monotonic
from typing import Any

from bridge.cooperative.clocks import wait_for
from bridge.cooperative.switch import BridgeGreenlet, ready_to_wait

__all__ = ["Line", "line_of", "wait_in_line"]

_Waiter = asyncio.Future[None]

_beginning = _thread.allocate_lock()  # held for moments, by who makes a line


class Line(deque[_Waiter]):
    """Who waits, the first first. False, and asked in C, when nobody does: most things are never waited for."""

    __slots__ = ()

    def wake_next(self) -> None:
        """Wake the first, who may find nothing if somebody else was faster."""
        try:
            waiter = self.popleft()
        except IndexError:  # another thread woke the last
            return
        loop = waiter.get_loop()
        if asyncio._get_running_loop() is loop:  # noqa: SLF001 - its public twin raises where there is none
            _wake(waiter)
        elif not loop.is_closed():
            loop.call_soon_threadsafe(_wake, waiter)

    def leave(self, waiter: _Waiter, *, content: bool) -> None:
        """Take one out. Who was woken and goes without, being cancelled or late, passes it on."""
        try:
            self.remove(waiter)
        except ValueError:
            if not content:
                self.wake_next()


def wait_in_line(thing: Any, current: BridgeGreenlet, take: Callable[[], bool], timeout: float) -> bool:
    """Wait until `take()` is true; False after `timeout` seconds (-1: no limit).

    The line is kept in `thing._line`, None until the first who waits. Who gives, gives first and then looks there.
    """
    deadline = None if timeout == -1 else monotonic() + timeout
    ready_to_wait(current)  # whoever stands in line is woken in place of others: it must be able to go on
    line = line_of(thing)
    loop = asyncio.get_running_loop()
    join = line.append
    while True:
        waiter: _Waiter = loop.create_future()
        join(waiter)
        try:
            # Given since the first try: nobody may have seen us in line.
            taken, woken = take(), False
            if not taken:
                woken = wait_for(waiter, None if deadline is None else max(0.0, deadline - monotonic()))
                taken = take()
        except BaseException:  # cancelled
            line.leave(waiter, content=False)
            raise
        if taken or not woken:
            line.leave(waiter, content=taken)
            return taken
        join = line.appendleft  # somebody else was faster: at the end, it would be overtaken time after time


def line_of(thing: Any) -> Line:
    """Return the line, one for all that ask for it at once: who stood in another would never be woken."""
    with _beginning:
        line = thing._line  # noqa: SLF001 - as `wait_in_line` asks for
        if line is None:
            line = thing._line = Line()  # noqa: SLF001 - as above
        return line  # type: ignore[no-any-return]  # `thing` is a lock or a queue


def _wake(waiter: _Waiter) -> None:
    if not waiter.done():
        waiter.set_result(None)
