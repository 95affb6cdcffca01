"""Builtin containers that a project subclasses, Django's lazy object, and named tuples."""

from __future__ import annotations

from typing import Any

from bridge.analysis.frameworks.django.asking import elements
from bridge.analysis.frameworks.django.data import (
    Class,
    Instance,
    Native,
    NativeObject,
    Place,
    Unknown,
)
from bridge.analysis.frameworks.django.interpreter import Interpreter

__all__ = ["CONTAINERS", "Container", "named_tuple"]


class Container(NativeObject):
    """The dictionary or list behind an instance of a project's subclass."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def member(self, interpreter: Interpreter, receiver: Any, name: str) -> Any:
        """Return a method of the builtin, dunders included: `super().__getitem__(key)`."""
        if name == "__init__":
            return Native(name, self._fill)
        if name in {"__getitem__", "__setitem__", "__contains__", "__len__", "__iter__", "__delitem__"}:
            return Native(name, lambda interpreter, arguments, *_: _asked(self.value, name, arguments))
        if hasattr(self.value, name):
            return interpreter.attribute(self.value, name, Place("", 0))
        return None

    def _fill(
        self, interpreter: Interpreter, arguments: tuple[Any, ...], keywords: dict[str, Any], place: Place
    ) -> None:
        for each in arguments:
            if isinstance(self.value, dict):
                self.value.update(each if isinstance(each, dict) else {})
            else:
                self.value.extend(elements(interpreter, each) or [])
        if isinstance(self.value, dict):
            self.value.update(keywords)


def _asked(value: Any, name: str, arguments: tuple[Any, ...]) -> Any:
    from bridge.analysis.frameworks.django.data import Raised

    if name == "__iter__":
        return list(value)
    if any(isinstance(each, Unknown) for each in arguments[:1]):
        return Unknown("an element that is not known")
    try:
        return getattr(value, name)(*arguments)
    except Exception as error:
        raise Raised(type(error).__name__, str(error)) from error


class Deferred(NativeObject):
    """What stands behind a subclass of Django's `LazyObject`: the attributes of what its `_setup` stores."""

    def member(self, interpreter: Interpreter, receiver: Any, name: str) -> Any:
        """Return an attribute of the object inside, which is made when it is first asked for one."""
        if name == "__init__":
            return Native(name, lambda *_: None)
        if name.startswith("_") or not isinstance(receiver, Instance):
            return None
        if "_wrapped" not in receiver.attributes:
            receiver.attributes["_wrapped"] = Unknown("an object that is being made")
            place = receiver.cls.place
            interpreter.call(interpreter.attribute(receiver, "_setup", place), (), {}, place)
        return interpreter.attribute(receiver.attributes["_wrapped"], name, receiver.cls.place)


CONTAINERS = {
    "django.utils.functional.LazyObject": Deferred,
    "builtins.dict": lambda: Container({}),
    "collections.OrderedDict": lambda: Container({}),
    "collections.UserDict": lambda: Container({}),
    "builtins.list": lambda: Container([]),
}


def named_tuple(
    interpreter: Interpreter, arguments: tuple[Any, ...], keywords: dict[str, Any], place: Place
) -> Any:
    """Return the class that `namedtuple("Name", fields)` makes."""
    name, fields = (*arguments, "", "")[:2]
    names = fields.replace(",", " ").split() if isinstance(fields, str) else elements(interpreter, fields)
    if not isinstance(name, str) or names is None:
        return Unknown("a named tuple")
    made = Class(place.file, name, (), {"_replace": Native("_replace", _replace)}, place)
    made.keywords["annotated"] = names
    made.keywords["tuple"] = True
    return made


def _replace(
    interpreter: Interpreter, arguments: tuple[Any, ...], keywords: dict[str, Any], place: Place
) -> Any:
    receiver = arguments[0] if arguments else None
    return (
        Instance(receiver.cls, {**receiver.attributes, **keywords})
        if isinstance(receiver, Instance)
        else None
    )
