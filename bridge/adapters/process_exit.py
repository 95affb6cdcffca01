"""Calls things when the process ends, while they can still use threads.

`atexit` is too late for code that ends an event loop: by then the interpreter has shut down
`concurrent.futures`, so a cleanup that awaits `asyncio.to_thread` or `run_in_executor` fails with
"cannot schedule new futures after shutdown". `threading._register_atexit`, with which
`concurrent.futures` itself does that (CPython 3.9 and later), runs before, last registered first.
It is private, so `atexit` stands in where it is missing. Early releases of Python 3.12 (seen: 3.12.1)
start no thread once the exit has begun, whatever is registered where: there a cleanup that needs one
wants `close()` called before, by the server's own hook (gunicorn: `worker_exit`).

A process that ends by a signal's default action runs neither: gunicorn's workers and
Ctrl-C end in order, `kill` of a waitress or wsgiref process does not unless it handles SIGTERM.
"""

from __future__ import annotations

import atexit
import concurrent.futures.thread  # registers its own shutdown first, so that ours runs before it
import logging
import threading
from collections.abc import Callable

from bridge.adapters.forking import tell_after_fork

__all__ = ["at_exit", "not_at_exit"]

logger = logging.getLogger("bridge.asgi")

assert concurrent.futures.thread.ThreadPoolExecutor is not None


class _Closing:
    """What is to be called; one object per process."""

    def __init__(self) -> None:
        self._registered = False
        self.after_fork()

    def after_fork(self) -> None:
        """Forget what belongs to the parent; the registration itself is inherited."""
        self.callbacks: dict[Callable[[], None], None] = {}  # a dict keeps their order

    def register(self) -> None:
        if self._registered:
            return
        self._registered = True
        register = getattr(threading, "_register_atexit", atexit.register)
        try:
            register(self.run)
        except RuntimeError:  # the interpreter is shutting down already: only atexit still takes one
            atexit.register(self.run)

    def run(self) -> None:
        """Call them, last come first; one that fails doesn't keep the others from it."""
        while self.callbacks:
            callback, _ = self.callbacks.popitem()
            try:
                callback()
            except Exception:
                logger.exception("closing at exit failed")


_closing = _Closing()
tell_after_fork(_closing)


def at_exit(callback: Callable[[], None]) -> None:
    """Have `callback` called, in the main thread, when this process ends. Not inherited by forked children."""
    _closing.callbacks[callback] = None
    _closing.register()


def not_at_exit(callback: Callable[[], None]) -> None:
    """Take `at_exit` back; does nothing if it was not registered."""
    _closing.callbacks.pop(callback, None)
