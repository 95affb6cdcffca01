"""Locks that were made before the installation: those of modules and classes are exchanged, others are named.

A C lock can't be made cooperative, but a module or class that keeps one in a variable can be given another. That is
right only if nothing else has it: a `Condition` made of it, a bound method, a second structure would go on with
the old one, and two would be inside. So each lock's referrers are looked at, and a lock stays if there is any
other, or if it is held just now. What stays is reported, in one warning.
"""

from __future__ import annotations

import _thread
import gc
import logging
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from types import FrameType, ModuleType
from typing import Any

from bridge.cooperative.locks import Lock, RLock
from bridge.cooperative.patching import Patch

__all__ = ["patches"]

logger = logging.getLogger("bridge.cooperative")

_KINDS: dict[type, type] = {type(_thread.allocate_lock()): Lock, _thread.RLock: RLock}
_EXEMPT = ("bridge", "uvloop", "greenlet")  # and the standard library: `locks` exchanges what matters of it
_TRANSIENT = (FrameType, tuple)  # the functions that look for them, and the arguments of the look
_NAMED = 5  # at most in the warning; the rest are counted


@dataclass(frozen=True, slots=True)
class _Place:
    """A variable that holds a lock."""

    owner: Any
    name: str
    lock: Any

    def __str__(self) -> str:
        owner = self.owner
        where = (
            owner.__name__ if isinstance(owner, ModuleType) else f"{owner.__module__}.{owner.__qualname__}"
        )
        return f"{where}.{self.name}"


def patches() -> Iterator[Patch]:
    """Yield an exchange for each lock that only modules and classes of the application and its libraries have."""
    places: dict[int, list[_Place]] = {}
    for place in _found():
        places.setdefault(id(place.lock), []).append(place)
    shared = _known_elsewhere([place for found in places.values() for place in found])
    stay = []
    for number, found in places.items():
        if number in shared or _held(found[0].lock):
            stay.append(str(found[0]))
            continue
        replacement = _KINDS[type(found[0].lock)]()
        for place in found:
            yield Patch(place.owner, place.name, replacement)
    if stay:
        _warn(stay)


def _warn(stay: list[str]) -> None:
    more = f" and {len(stay) - _NAMED} more" if len(stay) > _NAMED else ""
    logger.warning(
        "locks made before bridge.cooperative.install() stay as they are: %s%s; a request that waits while it "
        "holds one, and another that wants it, stop the event loop: call install() before these imports",
        ", ".join(stay[:_NAMED]),
        more,
    )


def _found() -> Iterator[_Place]:
    """Yield each such variable of modules, and of the classes that they define."""
    for module in list(sys.modules.values()):
        top = str(getattr(module, "__name__", "")).partition(".")[0]
        if type(module) is not ModuleType or top in _EXEMPT or top in sys.stdlib_module_names:
            continue
        for name, value in list(vars(module).items()):
            if type(value) in _KINDS:
                yield _Place(module, name, value)
            # Not isinstance: a lazy object, Django's settings say, would be loaded by the question.
            elif issubclass(type(value), type) and value.__module__ == module.__name__:
                yield from (
                    _Place(value, each, lock) for each, lock in vars(value).items() if type(lock) in _KINDS
                )


def _held(lock: Any) -> bool:
    """Tell whether somebody holds it; an RLock of this thread's own, too."""
    if isinstance(lock, _thread.RLock):
        if lock._is_owned():  # type: ignore[attr-defined]  # noqa: SLF001 - what Condition asks for
            return True
        if not lock.acquire(blocking=False):
            return True
        lock.release()
        return False
    return bool(lock.locked())


def _known_elsewhere(places: list[_Place]) -> set[int]:
    """Return the ids of the locks that anything but these variables refers to."""
    homes = {id(places)} | {id(place) for place in places}
    for place in places:
        owner = place.owner
        # The dictionary of a class can't be had itself, only what vars() makes of it.
        dictionaries = [vars(owner)] if isinstance(owner, ModuleType) else gc.get_referents(owner)
        homes |= {id(each) for each in dictionaries if isinstance(each, dict)}
    locks = [place.lock for place in places]
    homes.add(id(locks))
    numbers = {id(lock) for lock in locks}
    elsewhere: set[int] = set()
    for referrer in gc.get_referrers(*locks):
        if id(referrer) not in homes and type(referrer) not in _TRANSIENT:
            elsewhere |= numbers & {id(each) for each in gc.get_referents(referrer)}
    return elsewhere
