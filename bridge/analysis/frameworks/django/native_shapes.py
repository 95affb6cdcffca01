"""What functions that the interpreter knows have in common: their shape, and the simplest of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePath
from typing import Any

from bridge.analysis.frameworks.django.data import (
    Place,
    Property,
    Raised,
    Unknown,
    is_known,
)
from bridge.analysis.frameworks.django.interpreter import Interpreter

__all__ = [
    "Arguments",
    "Keywords",
    "Run",
    "cached_property_of",
    "first",
    "named",
    "nothing",
    "property_of",
    "pure",
]

Keywords = dict[str, Any]
Arguments = tuple[Any, ...]
Run = Callable[[Interpreter, Arguments, Keywords, Place], Any]


def pure(function: Callable[..., Any]) -> Callable[[Interpreter, Arguments, Keywords, Place], Any]:
    """Return the native of a function that needs plain values, and gives Unknown for any other."""

    def run(interpreter: Interpreter, arguments: Arguments, keywords: Keywords, place: Place) -> Any:
        values = (*arguments, *keywords.values())
        if not all(is_known(each) or isinstance(each, PurePath) for each in values):
            return Unknown(f"{function.__name__} of something unknown")
        try:
            return function(*arguments, **keywords)
        except Exception as error:
            raise Raised(type(error).__name__, str(error)) from error

    return run


def named(native: Run, *names: str) -> Run:
    """Return `native` with the arguments that a call gives by these names in their places."""

    def run(interpreter: Interpreter, arguments: Arguments, keywords: Keywords, place: Place) -> Any:
        left = dict(keywords)
        placed = list(arguments)
        for name in names[len(arguments) :]:
            if name not in left:
                break
            placed.append(left.pop(name))
        return native(interpreter, tuple(placed), left, place)

    return run


def first(interpreter: Interpreter, arguments: Arguments, keywords: Keywords, place: Place) -> Any:
    """Give the first argument back, as `copy.copy` and what translates texts do."""
    return arguments[0] if arguments else Unknown("nothing")


def nothing(interpreter: Interpreter, arguments: Arguments, keywords: Keywords, place: Place) -> Any:
    """Give None: what is called for its effect."""
    return None


def property_of(interpreter: Interpreter, arguments: Arguments, keywords: Keywords, place: Place) -> Any:
    """Give a property."""
    return Property(arguments[0]) if arguments else Unknown("a property")


def cached_property_of(
    interpreter: Interpreter, arguments: Arguments, keywords: Keywords, place: Place
) -> Any:
    """Give a property whose value is computed once an object."""
    return Property(arguments[0], cached=True) if arguments else Unknown("a property")
