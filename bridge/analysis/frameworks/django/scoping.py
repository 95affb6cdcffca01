"""What a name means in a scope, and the functions that look at the scope they are called in."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from types import MappingProxyType
from typing import Any

from bridge.analysis.frameworks.django.data import (
    Class,
    External,
    Scope,
    Super,
    Unknown,
)
from bridge.analysis.frameworks.django.interpreter import Interpreter

__all__ = ["SPECIAL", "home", "lookup"]


def lookup(interpreter: Interpreter, scope: Scope, name: str) -> Any:
    """Return what a name means in a scope: class bodies are seen only from inside themselves."""
    current: Scope | None = scope
    while current is not None:
        if name in current.names and (current is scope or current.kind != "class"):
            return interpreter.settled(current.names, name)
        current = current.outer
    if hasattr(builtins, name):
        return External(f"builtins.{name}")
    return Unknown(f"the name {name}")


def home(scope: Scope, name: str) -> Scope:
    """Return the scope around `scope` that has `name`: where `nonlocal` and `global` assign."""
    current = scope.outer
    while current is not None and current.outer is not None and name not in current.names:
        current = current.outer
    return scope if current is None else current


def _super(interpreter: Interpreter, scope: Scope) -> Any:
    current: Scope | None = scope
    while current is not None and not (current.outer is not None and current.outer.kind == "class"):
        current = current.outer
    if current is None or current.outer is None or not current.names:
        return Unknown("super() outside of a method")
    owner = current.outer.names.get("<class>")
    return (
        Super(owner, next(iter(current.names.values()))) if isinstance(owner, Class) else Unknown("super()")
    )


def _globals(interpreter: Interpreter, scope: Scope) -> Any:
    while scope.outer is not None:
        scope = scope.outer
    return scope.names


def _locals(interpreter: Interpreter, scope: Scope) -> Any:
    return scope.names


SPECIAL: MappingProxyType[str, Callable[[Interpreter, Scope], Any]] = MappingProxyType(
    {"super": _super, "globals": _globals, "locals": _locals, "vars": _locals}
)
