"""`threading.local` for greenlets: each request has its own values, as each thread has elsewhere.

`threading.local` is a C type that knows threads only, so the name gets this class. One made before the
installation stays a C one and is shared by all greenlets of the thread.
"""

from __future__ import annotations

import _thread
import itertools
import threading
from collections.abc import Iterator
from typing import Any

from greenlet import getcurrent

from bridge.cooperative.patching import Patch
from bridge.cooperative.switch import BridgeGreenlet

__all__ = ["CooperativeLocal", "patches"]

_keys = itertools.count()
_MISSING: Any = object()
_inherited = object.__getattribute__


def patches() -> Iterator[Patch]:
    """Yield what gives each request its own thread-locals."""
    yield Patch(threading, "local", CooperativeLocal, everywhere=True)


class _State:
    """What a local knows about itself: its key in a greenlet, its values in threads, its arguments."""

    __slots__ = ("arguments", "key", "options", "threads")

    def __init__(self, arguments: tuple[Any, ...], options: dict[str, Any]) -> None:
        self.key = next(_keys)
        self.threads = _thread._local()  # noqa: SLF001 - threading.local has our name now
        self.arguments = arguments
        self.options = options


class CooperativeLocal:
    """Values of the request greenlet that asks, or of the thread; `__init__` runs for each of them."""

    __slots__ = ("__weakref__", "_local__state")

    _local__state: _State

    def __new__(cls, /, *arguments: Any, **options: Any) -> Any:
        """Make one, with arguments only for a subclass that has an `__init__`."""
        if (arguments or options) and cls.__init__ is object.__init__:
            raise TypeError("Initialization arguments are not supported")
        self = object.__new__(cls)
        state = _State(arguments, options)
        object.__setattr__(self, "_local__state", state)
        _begin(state)  # for whoever makes it, Python itself calls __init__
        return self

    def __getattribute__(self, name: str) -> Any:
        # As `_values`, without the call: libraries look here several times a request.
        state: _State = _state_of(self)
        current = getcurrent()
        if type(current) is BridgeGreenlet:
            values = current.values.get(state.key)
        else:
            values = getattr(state.threads, "values", None)
        if values is None:
            values = _values(self)
        value = values.get(name, _MISSING)
        if value is not _MISSING:
            return value
        return values if name == "__dict__" else _inherited(self, name)

    def __setattr__(self, name: str, value: Any) -> None:
        if type(self) is CooperativeLocal and name not in _of_the_class:  # not subclassed, as nearly all
            state: _State = _state_of(self)  # as `_values`, without the call
            current = getcurrent()
            if type(current) is BridgeGreenlet:
                values = current.values.get(state.key)
            else:
                values = getattr(state.threads, "values", None)
            if values is None:
                values = _values(self)
            values[name] = value
        elif name == "__dict__":
            raise AttributeError(f"{type(self).__name__!r} object attribute '__dict__' is read-only")
        elif hasattr(getattr(type(self), name, None), "__set__"):  # a property of a subclass
            object.__setattr__(self, name, value)
        else:
            _values(self)[name] = value

    def __delattr__(self, name: str) -> None:
        if hasattr(getattr(type(self), name, None), "__delete__"):
            object.__delattr__(self, name)
            return
        try:
            del _values(self)[name]
        except KeyError:
            raise AttributeError(name) from None


_of_the_class = frozenset(dir(CooperativeLocal)) - {"_local__state"}
_state_of = CooperativeLocal.__dict__["_local__state"].__get__  # the slot, past __getattribute__


def _begin(state: _State) -> dict[str, Any]:
    """Return the values of the greenlet or thread that asks: empty ones, from now on."""
    current = getcurrent()
    values: dict[str, Any] = {}
    if type(current) is BridgeGreenlet:
        current.values[state.key] = values
    else:
        state.threads.values = values
    return values


def _values(local: CooperativeLocal) -> dict[str, Any]:
    state: _State = _state_of(local)
    current = getcurrent()
    if type(current) is BridgeGreenlet:
        found = current.values.get(state.key)
    else:
        found = getattr(state.threads, "values", None)
    if found is not None:
        return found  # type: ignore[no-any-return]  # what _begin put there
    values = _begin(state)
    kind = type(local)
    if kind.__init__ is not object.__init__:
        kind.__init__(local, *state.arguments, **state.options)
    return values
