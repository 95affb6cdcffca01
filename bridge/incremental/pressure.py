"""Whether there is time for calls that nobody waits for: a loop that is behind gets no second calls for a while.

A second call costs the same processor as the calls that people wait for. Below saturation that is free; where
the second calls themselves saturate the process, each of them delays somebody. How late the loop comes to
what is ready tells the two apart. So as not to be late one request in a hundred, which is what a p99
would show, each pause after a late one is twice as long as the last.
"""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter

__all__ = ["Pressure"]

LATE = 0.005  # seconds; as long as another thread may keep the interpreter (sys.getswitchinterval)
SHORTEST, LONGEST = 0.1, 5.0  # seconds of a pause
CALM = 1.0  # seconds without a late call after which pauses begin at the shortest again


class Pressure:
    """Remembers when the loop was late, for one worker."""

    def __init__(self, clock: Callable[[], float] = perf_counter) -> None:
        self.clock = clock
        self._pause = SHORTEST
        self._until = 0.0

    def is_high(self) -> bool:
        """Tell whether there is a pause now."""
        return self.clock() < self._until

    def was_late(self, ready_at: float) -> bool:
        """Note how late what was ready at `ready_at` runs now; True: too late, and a pause begins."""
        now = self.clock()
        if now - ready_at <= LATE:
            return False
        if now >= self._until:  # of several that were late together only the first begins a pause
            self._pause = (
                min(self._pause * 2, LONGEST) if now < self._until + self._pause + CALM else SHORTEST
            )
            self._until = now + self._pause
        return True
