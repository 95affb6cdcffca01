"""Wake-ups of an event loop from other threads, many for the price of one.

`call_soon_threadsafe` writes to a pipe or an eventfd every time, a system call. Workers that finish
while the loop is still busy share one:

    worker 1:  append letter, nothing scheduled -> call_soon_threadsafe(_deliver)
    worker 2:  append letter, already scheduled -> nothing to do
    loop:      _deliver: scheduled = False, then call every letter that is there

Why no letter is lost: a worker appends before it looks at `_scheduled`, and the loop clears
`_scheduled` before it looks at the letters. A worker that still saw True appended before
the loop began to read.
"""

from __future__ import annotations

import asyncio
import weakref
from collections import deque
from collections.abc import Callable

__all__ = ["ThreadMailbox"]


class ThreadMailbox:
    """Takes letters from any thread for one event loop, and calls them there."""

    __slots__ = ("_letters", "_loop", "_scheduled")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = weakref.ref(loop)  # weak: mailboxes are kept in a table keyed by loop
        self._letters: deque[Callable[[], None]] = deque()
        self._scheduled = False

    def post(self, letter: Callable[[], None]) -> None:
        """Have `letter` called on the loop soon; dropped if the loop has been closed."""
        self._letters.append(letter)
        if not self._scheduled:
            self._scheduled = True
            self._schedule()

    def _schedule(self) -> None:
        loop = self._loop()
        try:
            if loop is not None:
                loop.call_soon_threadsafe(self._deliver)
        except RuntimeError:  # the loop is closed: nobody is left who could care
            self._letters.clear()

    def _deliver(self) -> None:
        self._scheduled = False
        letters = self._letters
        # Only what is here now: later letters have scheduled a delivery of their own, and a
        # flood of them must not keep the loop from its sockets.
        for _ in range(len(letters)):
            letters.popleft()()
