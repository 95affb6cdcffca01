"""Does a dotted name exist in the library that is installed here?"""

from __future__ import annotations

import dis
import importlib
import importlib.util
import inspect
import select
import sys
import threading
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bridge.analysis.knowledge import Middleware, Offloader, TaskMarker
from bridge.analysis.knowledge.store import Store

__all__ = ["Name", "WrongName", "importable", "names_of", "resolve"]

FACTORIES = (threading.Lock, threading.RLock, select.poll)  # functions that are used as if they were classes


class WrongName(Exception):
    """A name's library is installed, and has no such name."""


@dataclass(frozen=True)
class Name:
    """A name that a row states. `unverified` is the row's reason why it cannot be looked up."""

    name: str
    row: str
    unverified: str = ""


def names_of(store: Store) -> Iterator[Name]:
    """Return every name that the rows of `store` state, whole packages excepted."""
    patterns = [call for calls in store.patterns.values() for call in calls]
    owners = {
        call.name.rpartition(".")[0]: call.unverified for call in store.calls.values() if call.unverified
    }
    for call in (*store.calls.values(), *patterns):
        name = call.name.split("*")[0].rstrip(".")
        yield Name(name, "calls", call.unverified or store.unverified.get(name, ""))
    others: list[Offloader | TaskMarker | Middleware] = [*store.offloaders.values(), *store.tasks.values()]
    for row in (*others, *store.middleware.values()):
        yield Name(row.name, type(row).__name__, row.unverified)
    for table in ("types", "attributes", "aliases", "classes"):
        for name in getattr(store, table):
            yield Name(
                name, f"[{table}]", store.unverified.get(name) or owners.get(name.rpartition(".")[0], "")
            )


def importable(name: str) -> bool:
    """Return whether the library of `name` is installed, and not only as an empty namespace (google, azure, zope)."""
    parts = name.split(".")
    for length in range(1, len(parts) + 1):
        module = ".".join(parts[:length])
        try:
            spec = importlib.util.find_spec(module)
        except ImportError:
            return False
        except ValueError:  # its module has no __spec__: it put another object in its place, so it is there
            return module in sys.modules
        if spec is None:
            return False
        if spec.origin is not None:
            return True
    return False


def resolve(name: str) -> Any:
    """Return what `name` is; `WrongName` where it is nothing."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # deprecated names are names
        found, rest = _module(name.split("."))
        for part in rest:
            found = _member(found, part, name)
    return found


def _module(parts: list[str]) -> tuple[Any, list[str]]:
    for length in range(len(parts), 0, -1):
        try:
            return importlib.import_module(".".join(parts[:length])), parts[length:]
        except ModuleNotFoundError:
            continue
    raise WrongName(f"{'.'.join(parts)}: no module {parts[0]}")


def _member(owner: Any, part: str, name: str) -> Any:
    if owner in FACTORIES:
        owner = type(owner())
    try:
        return inspect.getattr_static(owner, part) if isinstance(owner, type) else getattr(owner, part)
    except AttributeError:
        if isinstance(owner, type) and _instances_have(owner, part):
            return None
        raise WrongName(f"{name}: {owner!r} has no {part!r}") from None


def _instances_have(owner: type, part: str) -> bool:
    """Return whether a class declares an attribute of its instances, or a method of it stores one."""
    return any(
        part in vars(each).get("__annotations__", {})
        or any(part in _stored(method) for method in vars(each).values())
        for each in owner.__mro__[:-1]
    )


def _stored(method: object) -> Iterator[object]:
    if inspect.isfunction(method):
        for instruction in dis.get_instructions(inspect.unwrap(method)):
            if instruction.opname == "STORE_ATTR":
                yield instruction.argval
