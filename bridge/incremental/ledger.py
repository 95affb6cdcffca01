"""The thread between requests and the store: counts go out in batches, settings come in.

    event loop                         ledger's thread, every INTERVAL
    ----------                         -------------------------------
    note(), count(), keep() --deque--> add up; write to the store in one batch
    submit(comparison) -------deque--> compare, count, keep
    rule table <----------------------- what the store's settings make of it
                                       the configuration's file, the guard

A request never waits for the store, nor fails by it. What can't be written stays added up here, which is
as large as there are routes and counters, and is written when the store is back.
"""

from __future__ import annotations

import logging
import os
import threading
import time
import uuid
from collections import Counter, deque
from collections.abc import Callable, Sequence

from bridge.incremental.counters import bucket_of
from bridge.incremental.errors import StoreUnavailable
from bridge.incremental.store.base import Batch, Counters, Difference, Settings, Store

__all__ = ["INTERVAL", "Ledger", "Tally"]

logger = logging.getLogger("bridge.incremental")

INTERVAL = 0.25  # seconds: a change is in force everywhere well within one
A_MOMENT = 1e-5  # seconds
RETRY_AFTER = 1.0  # seconds after the store could not be reached
WORK_LIMIT = 512  # comparisons that may wait, while a slow disk holds up the thread
WORK_BYTES = 48 * 1024 * 1024  # of response bodies in them
DIFFERENCES_LIMIT = 200  # that may wait for a store that is away


class Tally:
    """What one side has answered on one route, in one mode, and nobody has added up yet: latencies in seconds, and errors.

    The loop appends, the ledger's thread takes from the front; each is one step under the interpreter's lock.
    """

    __slots__ = ("failures", "latencies")

    def __init__(self) -> None:
        self.latencies: list[float] = []
        self.failures: list[None] = []

    def take(self) -> tuple[list[float], int]:
        """Return latencies and the number of errors, and have them no more."""
        taken, failed = self.latencies[:], len(self.failures)
        del self.latencies[: len(taken)], self.failures[:failed]
        return taken, failed


class Ledger:
    """Keeps one worker's part of a migration in step with the store.

    `on_settings` is called, in the thread, with the store's settings when they have changed; `every` is
    called each INTERVAL. What they raise is logged.
    """

    def __init__(
        self,
        store: Store,
        on_settings: Callable[[Settings], None],
        every: Sequence[Callable[[], None]] = (),
        *,
        interval: float = INTERVAL,
    ) -> None:
        self.store = store
        self.running = False
        self._on_settings = on_settings
        self._every = every
        self._interval = interval
        self._tallies: dict[tuple[str, str, str], Tally] = {}
        self._counts: deque[tuple[str, str, int]] = deque()
        self._work: deque[tuple[Callable[[], None], int]] = deque()
        self._work_bytes = [0, 0]  # put in by the loop, taken out by the thread: each writes its own
        self._differences: deque[Difference] = deque(maxlen=DIFFERENCES_LIMIT)
        self._pending: dict[str, dict[str, int]] = {}
        self._sending: tuple[Counters, Sequence[Difference], Batch] | None = None
        self._writer, self._batches = uuid.uuid4().hex, 0
        self._revision: int | None = None
        self._known: dict[str, str] = {}  # the settings of that revision
        self._available = True
        self._not_before = 0.0  # time.monotonic() of the next attempt
        self._wake = threading.Event()
        self._ending = False
        self._turn = threading.Lock()  # one turn at a time: stop() and tests take turns, too
        self._thread: threading.Thread | None = None

    # ------------------------------------------------------------ from the event loop: none of it waits

    def note(self, route: str, side: str, mode: str, *, failed: bool, seconds: float) -> None:
        """Count one answer of `side`, "legacy" or "modern", in a mode of the route, and its latency."""
        tally = self.tally(route, side, mode)
        tally.latencies.append(seconds)
        if failed:
            tally.failures.append(None)

    def tally(self, route: str, side: str, mode: str) -> Tally:
        """Return where the answers of `side` in a mode of the route are noted; always the same one."""
        return self._tallies.setdefault((route, side, mode), Tally())

    def count(self, route: str, name: str, number: int = 1) -> None:
        """Add to one counter."""
        self._counts.append((route, name, number))

    def keep(self, difference: Difference) -> None:
        """Have a difference kept."""
        self._differences.append(difference)

    def submit(self, work: Callable[[], None], size: int = 0) -> bool:
        """Have `work`, which holds `size` bytes, called in the thread; False if too much waits already."""
        put, taken = self._work_bytes
        if len(self._work) >= WORK_LIMIT or (self._work and put + size - taken > WORK_BYTES):
            return False
        self._work_bytes[0] += size
        self._work.append((work, size))
        self._wake.set()
        return True

    def hand_in(self, work: Callable[[], None]) -> None:
        """Have `work` called in the thread: what another thread has found out. From any thread."""
        self._work.append((work, 0))
        self._wake.set()

    # ------------------------------------------------------------ lifetime

    def start(self) -> None:
        """Start the thread; does nothing if it runs."""
        if not self.running:
            self.running, self._ending = True, False
            self._thread = threading.Thread(target=self._run, name="bridge-migration", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End the thread, write what is left and close the store."""
        thread, self._thread = self._thread, None
        self._ending = True
        self._wake.set()
        if thread is not None:
            thread.join()
        self.turn()
        while self._work:
            self.turn()
        self.running = False
        self.store.close()

    def _run(self) -> None:
        while not self._ending:
            self.turn()
            if not self._work:
                self._wake.wait(self._interval)
                self._wake.clear()

    def turn(self) -> None:
        """Do once what the thread does again and again; never raises."""
        with self._turn:
            self._compare()
            self._add_up()
            for look in self._every:
                self._safely(look)
            if time.monotonic() >= self._not_before:
                self._meet_store()

    def _compare(self) -> None:
        """Compare what waits, for an interval at most: however much comes, settings and the guard get their turn."""
        end = time.monotonic() + self._interval
        while self._work:
            work, size = self._work.popleft()
            self._safely(work)
            self._work_bytes[1] += size
            # A thread that computes keeps the interpreter for 5 ms once the loop wants it (sys.getswitchinterval);
            # one that sleeps for a moment between two comparisons gives it back at once.
            time.sleep(A_MOMENT)
            if time.monotonic() >= end:
                return

    @staticmethod
    def _safely(call: Callable[[], None]) -> None:
        try:
            call()
        except Exception:  # the thread has to live: everything of the migration hangs on it
            logger.exception("the migration's thread goes on after an error")

    def _add_up(self) -> None:
        for (route, side, mode), tally in list(self._tallies.items()):
            latencies, failed = tally.take()
            if latencies:
                self._add(route, f"{side}.requests", len(latencies))
                self._add(route, f"{side}.in.{mode}", len(latencies))
            if failed:
                self._add(route, f"{side}.errors", failed)
            for bucket, number in Counter(map(bucket_of, latencies)).items():
                self._add(route, f"{side}.latency.{bucket}", number)
        for _ in range(len(self._counts)):
            self._add(*self._counts.popleft())

    def _add(self, route: str, name: str, number: int) -> None:
        numbers = self._pending.setdefault(route, {})
        numbers[name] = numbers.get(name, 0) + number

    # ------------------------------------------------------------ the store

    def _meet_store(self) -> None:
        try:
            self._read_settings()
            self._write()
        except Exception as error:  # whatever a store raises: the thread has to live
            self._not_before = time.monotonic() + RETRY_AFTER
            if self._available:
                logger.warning("%s; requests go on by the last known rules, counts wait here", _said(error))
            self._available = False
        else:
            if not self._available:
                logger.warning("the migration store %s is back", self.store.url)
            self._available = True

    def _read_settings(self) -> None:
        if self.store.revision() == self._revision:
            return
        read = self.store.settings()
        # Decided by what was read: between two calls a store can be lost, too.
        settings = self._restored() if read.revision == 0 and self._known else read
        if settings is None:
            return  # another worker has put them back: the next turn reads them
        self._revision, self._known = settings.revision, settings.stored
        self._safely(lambda: self._on_settings(settings))

    def _restored(self) -> Settings | None:
        """Put the last known settings into a store that was lost, and is new; None if it has some by now."""
        logger.warning("the migration store %s is empty; the last known rules go into it", self.store.url)
        return self.store.change(
            self._known,
            by="wsgi-bridge",
            reason="the store was lost; these are the last known settings",
            expected=dict.fromkeys(self._known),
        )

    def _maybe_batch(self) -> tuple[Counters, Sequence[Difference], Batch] | None:
        """Return what goes out next; what may have arrived already goes out once more as the same batch."""
        if self._sending is None and (self._pending or self._differences):
            self._batches += 1
            # The process, too: a worker may be a fork of one that has made this ledger.
            batch = Batch(f"{self._writer}-{os.getpid()}", self._batches)
            differences = [self._differences.popleft() for _ in range(len(self._differences))]
            self._sending, self._pending = (self._pending, differences, batch), {}
        return self._sending

    def _write(self) -> None:
        while sending := self._maybe_batch():
            increments, differences, batch = sending
            try:
                self.store.add(increments, differences, batch=batch)
            except (
                ValueError,
                TypeError,
                ArithmeticError,
            ):  # not the store's trouble: it would fail for ever
                logger.exception("counts and differences are lost: the migration store can't take them")
            self._sending = None


def _said(error: Exception) -> str:
    return str(error) if isinstance(error, StoreUnavailable) else f"the migration store failed: {error!r}"
