"""Finds out who holds the event loop: a thread that asks the loop for a sign of life, and looks when none comes.

    watchdog thread                         event loop
    ---------------                         ----------
    call_soon_threadsafe(answer) ---------> (busy with a request that computes, or waits in C)
    no answer for `limit` seconds:
      the stack of the loop's thread        ... still there
      whose is it, which line               ...
    <-------------------------------------- answer: it was held for so long

A request pays nothing for it; the loop is asked `LOOKS` times per limit, and only when it has answered.
What it finds is logged with its stack once per place, and counted for each request it names.
"""

from __future__ import annotations

import asyncio
import linecache
import logging
import re
import sys
import sysconfig
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import FrameType, ModuleType
from typing import Any

__all__ = ["DEFAULT_HOLD_LIMIT", "Hold", "LoopWatchdog", "calls_in_line"]

logger = logging.getLogger("bridge.watchdog")

DEFAULT_HOLD_LIMIT = 0.1  # seconds; a person notices a delay of that length
STANDSTILL = (
    5.0  # seconds; arbitrary: few requests compute for so long, and nobody waits in silence for longer
)
LOOKS = 4  # per limit: a hold is found after at most one and a quarter of it
MOST_SUBJECTS = 1000  # requests that are counted apart; later ones together: paths may be without end
SUBJECT_LIMIT = 200  # characters of a request's path that are kept and logged: a client may send 64 KB of it
OTHERS = "(others)"
_LIBRARIES = tuple({sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")})
_OURS = __file__.rpartition("observe")[0]


@dataclass(frozen=True, slots=True)
class Hold:
    """One time that the loop was held: by which request (None: no request), where, with which stack."""

    subject: str | None
    place: str  # file, line and function of the innermost line that is no library's
    stack: str
    note: str | None  # what is known about the call, None: nothing


class LoopWatchdog:
    """Watches one event loop from a thread of its own, from `start` to `stop`.

    `limit` is in seconds. `subject_of(frame)` returns whose work a stack is, None where it is nobody's.
    `note_of(frame)` returns what is known about the call that it is in. `live`: a line for each hold, not only
    for each place. After `standstill` seconds it is said before the end, which may never come.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        *,
        limit: float = DEFAULT_HOLD_LIMIT,
        subject_of: Callable[[FrameType], str | None],
        note_of: Callable[[FrameType], str | None] = lambda _frame: None,
        live: bool = False,
        standstill: float = STANDSTILL,
    ) -> None:
        self._loop = loop
        self._limit = limit
        self._subject_of = subject_of
        self._note_of = note_of
        self._live = live
        self._standstill = standstill
        self._thread_id = 0
        self._answered = threading.Event()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._places: set[str] = set()
        self.holds: Counter[str] = Counter()  # by subject

    def start(self) -> None:
        """Begin; called in the loop's thread."""
        self._thread_id = threading.get_ident()
        self._thread = threading.Thread(target=self._watch, name="bridge-watchdog", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End; returns when its thread is about to."""
        self._stopping.set()
        self._answered.set()

    # ------------------------------------------------------------ in its thread

    def _watch(self) -> None:
        while not self._stopping.wait(self._limit / LOOKS):
            self._answered.clear()
            asked = time.monotonic()
            try:
                self._loop.call_soon_threadsafe(self._answered.set)
            except RuntimeError:  # the loop is closed
                return
            if self._stopping.is_set() or self._answered.wait(self._limit):
                continue
            hold = self._look()
            if not self._answered.wait(self._standstill) and hold is not None:
                self._tell_standstill()
            self._answered.wait()  # the loop goes on, or stop() was called
            if hold is not None:
                self._tell(hold, time.monotonic() - asked)

    def _look(self) -> Hold | None:
        frame = sys._current_frames().get(self._thread_id)  # noqa: SLF001 - its only name; documented
        if frame is None:  # the loop's thread has ended
            return None
        guilty = _guilty(frame)
        code = guilty.f_code
        place = f"{code.co_filename}:{guilty.f_lineno} in {code.co_name}"
        stack = "".join(traceback.format_stack(frame))
        return Hold(self._subject_of(frame), place, stack, self._note_of(guilty))

    def _tell_standstill(self) -> None:
        """Say now what may have no end: a loop that is stopped for ever never answers."""
        hold = self._look()  # where it is now
        if hold is not None:
            logger.error(
                "%s still holds the event loop at %s; all requests wait. If it is a lock, a request that waits may "
                "have it: neither will go on. Locks made before bridge.cooperative.install() are like that\n%s",
                hold.subject or "no request",
                hold.place,
                hold.stack,
            )

    def _tell(self, hold: Hold, seconds: float) -> None:
        subject = (hold.subject or "no request")[:SUBJECT_LIMIT]
        first = hold.place not in self._places
        if first or self._live:
            self._places.add(hold.place)
            note = f"; {hold.note}" if hold.note else ""
            stack = f"\n{hold.stack}" if first else ""
            logger.warning(
                "%s held the event loop for %.0f ms at %s%s%s",
                subject,
                seconds * 1000,
                hold.place,
                note,
                stack,
            )
        self.holds[subject if subject in self.holds or len(self.holds) < MOST_SUBJECTS else OTHERS] += 1


def _guilty(frame: FrameType) -> FrameType:
    """Return the innermost frame of the application's own code; the innermost of all where it has none."""
    for each in _outwards(frame):
        name = each.f_code.co_filename
        if not name.startswith((*_LIBRARIES, _OURS, "<")):
            return each
    return frame


def _outwards(frame: FrameType | None) -> Iterator[FrameType]:
    while frame is not None:
        yield frame
        frame = frame.f_back


def calls_in_line(frame: FrameType) -> Iterator[str]:
    """Yield the dotted names of what the line of a frame calls, as far as its names say what they are."""
    line = linecache.getline(frame.f_code.co_filename, frame.f_lineno)
    for name in re.findall(r"([A-Za-z_][\w.]*)\s*\(", line):
        head, dot, rest = name.partition(".")
        found: Any = frame.f_locals.get(head, frame.f_globals.get(head))
        if isinstance(found, ModuleType):
            yield f"{found.__name__}{dot}{rest}"
        elif callable(found):
            yield f"{found.__module__}.{getattr(found, '__qualname__', head)}{dot}{rest}"
        elif found is not None:
            yield f"{type(found).__module__}.{type(found).__qualname__}{dot}{rest}"
