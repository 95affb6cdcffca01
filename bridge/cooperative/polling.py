"""`select`, `poll`, `epoll` and `selectors` for greenlets.

Each asks the system first, without waiting. If nothing is ready it waits, cooperatively, until any of the
descriptors is, and asks again. An epoll object is itself a descriptor that can be waited for.
"""

from __future__ import annotations

import asyncio
import select
import selectors
from collections.abc import Callable, Iterator
from contextlib import suppress
from time import monotonic
from typing import Any

from greenlet import getcurrent

from bridge.cooperative.clocks import sleep, wait_for
from bridge.cooperative.patching import Patch, replacing
from bridge.cooperative.readiness import unwatch, wait_until_ready, watch
from bridge.cooperative.switch import BridgeGreenlet

__all__ = ["patches"]

_select = select.select
_POLL_READ = getattr(select, "POLLIN", 1) | getattr(select, "POLLPRI", 2)
_POLL_WRITE = getattr(select, "POLLOUT", 4)


def patches() -> Iterator[Patch]:
    """Yield what makes waiting for several descriptors cooperative."""
    yield from replacing(select, select=_cooperative_select)
    for name, wrapper in (("poll", Poll), ("epoll", Epoll)):
        if hasattr(select, name):  # neither exists everywhere
            yield Patch(select, name, _either(getattr(select, name), wrapper), everywhere=True)
    for name in ("SelectSelector", "PollSelector", "EpollSelector"):
        selector = getattr(selectors, name, None)
        if selector is not None:
            yield from replacing(selector, select=_selecting(selector.select))


def _either(original: Callable[..., Any], wrapper: Callable[..., Any]) -> Callable[..., Any]:
    """Return a factory: the original's objects anywhere, wrapped ones in a bridge greenlet."""

    def make(*arguments: Any, **options: Any) -> Any:
        made = original(*arguments, **options)
        return wrapper(made) if type(getcurrent()) is BridgeGreenlet else made

    return make


def _wait_for_any(reading: list[int], writing: list[int], timeout: float | None) -> None:
    """Return when one of the descriptors is ready, or after `timeout` seconds."""
    loop = asyncio.get_running_loop()
    if not reading and not writing:
        sleep(timeout) if timeout is not None else wait_for(loop.create_future(), None)
        return
    future: asyncio.Future[None] = loop.create_future()
    wanted = [(number, False) for number in reading] + [(number, True) for number in writing]
    watched = []
    try:
        for number, for_writing in wanted:
            watch(number, future, writing=for_writing)
            watched.append((number, for_writing))
        wait_for(future, timeout)
    finally:
        for number, for_writing in watched:
            unwatch(number, future, writing=for_writing)


def _cooperative_select(
    rlist: Any, wlist: Any, xlist: Any, timeout: float | None = None, /
) -> tuple[list[Any], list[Any], list[Any]]:
    lists = list(rlist), list(wlist), list(xlist)
    ready = _select(*lists, 0)
    if any(ready) or (timeout is not None and timeout <= 0):
        return ready
    numbers = [[_number(each) for each in part] for part in lists]
    deadline = None if timeout is None else monotonic() + timeout
    while True:
        left = None if deadline is None else max(0.0, deadline - monotonic())
        _wait_for_any(sorted({*numbers[0], *numbers[2]}), sorted({*numbers[1]}), left)
        ready = _select(*lists, 0)
        if any(ready) or (deadline is not None and monotonic() >= deadline):
            return ready


def _number(file: Any) -> int:
    return file if isinstance(file, int) else int(file.fileno())


class Poll:
    """A `select.poll` object of a bridge greenlet."""

    def __init__(self, original: Any) -> None:
        self._original = original
        self._masks: dict[int, int] = {}

    def register(self, fd: Any, eventmask: int = _POLL_READ | _POLL_WRITE) -> None:
        """Watch a descriptor."""
        self._original.register(fd, eventmask)
        self._masks[_number(fd)] = eventmask

    def modify(self, fd: Any, eventmask: int) -> None:
        """Watch it for something else."""
        self._original.modify(fd, eventmask)
        self._masks[_number(fd)] = eventmask

    def unregister(self, fd: Any) -> None:
        """Watch it no more."""
        self._original.unregister(fd)
        self._masks.pop(_number(fd), None)

    def poll(self, timeout: float | None = None) -> list[tuple[int, int]]:
        """Return what is ready; `timeout` is in milliseconds, None or negative: no limit."""
        found: list[tuple[int, int]] = self._original.poll(0)
        if found or timeout == 0 or type(getcurrent()) is not BridgeGreenlet:
            return found or list(self._original.poll(timeout))
        reading = [
            number for number, mask in self._masks.items() if mask & _POLL_READ or not mask & _POLL_WRITE
        ]
        writing = [number for number, mask in self._masks.items() if mask & _POLL_WRITE]
        _wait_for_any(reading, writing, None if timeout is None or timeout < 0 else timeout / 1000)
        return list(self._original.poll(0))


class Epoll:
    """A `select.epoll` object of a bridge greenlet."""

    def __init__(self, original: Any) -> None:
        self._original = original

    def poll(self, timeout: float | None = None, maxevents: int = -1) -> list[tuple[int, int]]:
        """Return what is ready; `timeout` is in seconds, None or negative: no limit."""
        found: list[tuple[int, int]] = self._original.poll(0, maxevents)
        if found or timeout == 0 or type(getcurrent()) is not BridgeGreenlet:
            return found or list(self._original.poll(timeout, maxevents))
        limit = None if timeout is None or timeout < 0 else timeout
        with suppress(TimeoutError):
            wait_until_ready(self._original.fileno(), writing=False, timeout=limit)
        return list(self._original.poll(0, maxevents))

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._original.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._original, name)


def _selecting(original: Callable[..., Any]) -> Callable[..., Any]:
    """Return a selector's `select` that waits cooperatively."""

    def cooperative(self: Any, timeout: float | None = None) -> Any:
        ready = original(self, 0)
        if ready or (timeout is not None and timeout <= 0):
            return ready
        keys = self.get_map().values()
        reading = [key.fd for key in keys if key.events & selectors.EVENT_READ]
        writing = [key.fd for key in keys if key.events & selectors.EVENT_WRITE]
        _wait_for_any(reading, writing, timeout)
        return original(self, 0)

    return cooperative
