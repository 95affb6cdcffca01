"""What a greenlet starts: a child process, to wait for and to talk to, and a thread.

A new thread is waited for until it runs, and that wait must be a real one. `ThreadPoolExecutor.submit` is in the middle
of it with a lock of the whole process held, made before any installation: another request that submits something would
stop the loop for ever. And `start()` that is cancelled would have started a thread that nobody knows of.
"""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Iterator
from time import monotonic
from typing import Any

from bridge.cooperative.clocks import sleep
from bridge.cooperative.patching import Patch, replacing
from bridge.cooperative.readiness import wait_until_ready
from bridge.cooperative.switch import call_outside

__all__ = ["patches"]

_POLL_EVERY = 0.01  # seconds between two looks where the system has no descriptor for a process
_communicate = subprocess.Popen.communicate


def patches() -> Iterator[Patch]:
    """Yield what makes child processes cooperative, `run` and its relatives are made of these; and threads safe."""
    yield from replacing(subprocess.Popen, _wait=_wait_for_end, communicate=_talk)
    original = threading.Thread.start  # whose ever: profilers and tracers replace it, too
    yield from replacing(threading.Thread, start=lambda thread: call_outside(original, thread))


def _talk(self: Any, input: Any = None, timeout: float | None = None) -> Any:  # noqa: A002 - as the original
    # Without a limit the original reads a single pipe in C; with one it uses a selector, which is cooperative.
    return _communicate(self, input, threading.TIMEOUT_MAX if timeout is None else timeout)


def _wait_for_end(self: Any, timeout: float | None) -> int:
    """Return the exit code; raises `TimeoutExpired`."""
    deadline = None if timeout is None else monotonic() + timeout
    while self.poll() is None:
        if deadline is not None and monotonic() >= deadline:
            raise subprocess.TimeoutExpired(self.args, timeout or 0)
        _wait_for_process(self.pid, None if deadline is None else deadline - monotonic())
    code: int = self.returncode
    return code


def _wait_for_process(pid: int, timeout: float | None) -> None:
    try:
        descriptor = os.pidfd_open(pid)
    except (AttributeError, OSError):  # not Linux, an old one, or the process has just gone
        sleep(_POLL_EVERY if timeout is None else min(_POLL_EVERY, max(0.0, timeout)))
        return
    try:
        wait_until_ready(descriptor, writing=False, timeout=None if timeout is None else max(0.0, timeout))
    except TimeoutError:
        pass
    finally:
        os.close(descriptor)
