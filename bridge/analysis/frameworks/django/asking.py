"""What a program asks of a value: is it true, what is in it, what is under a key."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

from bridge.analysis.frameworks.django.data import (
    Bound,
    Class,
    External,
    Function,
    Instance,
    Made,
    ModuleRef,
    Native,
    Property,
    Raised,
    Super,
    Unknown,
)
from bridge.analysis.frameworks.django.interpreter import Interpreter

__all__ = ["elements", "is_hashable", "item", "truth"]

LONGEST = 20_000  # elements; a longer sequence is no configuration

Maybe = bool | None


def truth(interpreter: Interpreter, value: Any) -> Maybe:
    """Return whether `value` is true, None where that is unknown."""
    if isinstance(value, Made):
        is_view = value.function == External("<as_view>")
        return (
            True if is_view or any(isinstance(each, (Function, Class)) for each in value.arguments) else None
        )
    if isinstance(value, (Unknown, External)):
        return None
    if isinstance(value, Instance) and interpreter.find(value.cls, "__bool__")[1] is not None:
        return None
    if isinstance(value, (Instance, Class, Function, Bound, ModuleRef, Native, Property, Super, PurePath)):
        return True
    return bool(value)


def elements(interpreter: Interpreter, value: Any) -> list[Any] | None:
    """Return what a loop over `value` sees, None where that is unknown."""
    if isinstance(value, (list, tuple, set, frozenset, dict, str, range)):
        return list(value) if len(value) <= LONGEST else None
    if isinstance(value, External):
        followed = interpreter.follow(value)
        return None if isinstance(followed, External) else elements(interpreter, followed)
    if isinstance(value, Instance) and value.cls.keywords.get("tuple"):
        return list(value.attributes.values())
    if isinstance(value, Instance):
        method, owner = interpreter.find(value.cls, "__iter__")
        if owner is not None and isinstance(method, Function):
            given = interpreter.call(Bound(method, value), (), {}, value.cls.place)
            return None if given is value else elements(interpreter, given)
        if value.native is not None:
            return _native_elements(interpreter, value)
    return None


def _native_elements(interpreter: Interpreter, value: Instance) -> list[Any] | None:
    assert value.native is not None
    method = value.native.member(interpreter, value, "__iter__")
    return (
        None if method is None else elements(interpreter, interpreter.call(method, (), {}, value.cls.place))
    )


def item(interpreter: Interpreter, value: Any, key: Any, place: Any) -> Any:
    """Return `value[key]`."""
    if isinstance(value, External) and value.name == "os.environ":
        raise Raised("KeyError", str(key))
    if isinstance(value, External) and value.name == "sys.modules" and isinstance(key, str):
        return ModuleRef(key)
    if isinstance(value, (list, tuple, dict, str)) and is_hashable(key) and not isinstance(key, Unknown):
        try:
            return value[key]
        except Exception as error:
            raise Raised(type(error).__name__, str(error)) from error
    if isinstance(value, Instance):
        method, owner = interpreter.find(value.cls, "__getitem__")
        if owner is not None:
            return interpreter.call(Bound(method, value), (key,), {}, place)
        if value.native is not None and (native := value.native.member(interpreter, value, "__getitem__")):
            return interpreter.call(native, (key,), {}, place)
        if isinstance(key, int) and value.cls.keywords.get("tuple"):
            return item(interpreter, list(value.attributes.values()), key, place)
        if isinstance(value.attributes.get("<items>"), dict):
            return item(interpreter, value.attributes["<items>"], key, place)
    if isinstance(value, (Class, External)):
        return value  # a generic class
    return Unknown("an element of an unknown object")


def is_hashable(value: Any) -> bool:
    """Return whether `value` can be a key."""
    try:
        hash(value)
    except TypeError:
        return False
    return True
