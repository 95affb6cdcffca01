"""`with` of the interpreter: what stands before a context manager's `yield` runs first, what stands behind it last."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from bridge.analysis.frameworks.django.data import (
    Bound,
    Function,
    Instance,
    NativeObject,
    Place,
    Scope,
)
from bridge.analysis.frameworks.django.interpreter import Interpreter

__all__ = ["MANAGER", "Halves", "Managed", "entered", "halves", "left", "manager"]

MANAGER = "<contextmanager>"  # among the attributes of a function behind `contextlib.contextmanager`


class Halves(NamedTuple):
    """The body of a context manager around its `yield`."""

    before: list[ast.stmt]
    given: ast.expr | None
    after: list[ast.stmt]


@dataclass(eq=False, slots=True)
class Managed(NativeObject):
    """A context manager between its halves: `scope` is its own, `given` what it yielded."""

    scope: Scope
    given: Any
    after: list[ast.stmt]

    def member(self, interpreter: Interpreter, receiver: Any, name: str) -> Any:
        """Return nothing: programs only enter and leave it."""


def manager(
    interpreter: Interpreter, arguments: tuple[Any, ...], keywords: dict[str, Any], place: Place
) -> Any:
    """Mark the function that `contextlib.contextmanager` decorates, and give it back."""
    if arguments and isinstance(arguments[0], Function):
        arguments[0].attributes[MANAGER] = True
    return arguments[0] if arguments else None


def halves(body: Sequence[ast.stmt]) -> Halves | None:
    """Return a body around its `yield`; None where the `yield` stands in a condition or a loop."""
    for index, statement in enumerate(body):
        rest = body[index + 1 :]
        value = getattr(statement, "value", None)
        if isinstance(statement, (ast.Expr, ast.Assign)) and isinstance(value, ast.Yield):
            return Halves([*body[:index]], value.value, [*rest])
        if isinstance(statement, (ast.Try, ast.With)):
            inner = halves(statement.body)
            if inner is not None:
                ending = [*statement.orelse, *statement.finalbody] if isinstance(statement, ast.Try) else []
                return Halves([*body[:index], *inner.before], inner.given, [*inner.after, *ending, *rest])
    return None


def entered(interpreter: Interpreter, value: Any) -> Any:
    """Return what `with value as ...` binds."""
    if isinstance(value, Managed):
        return value.given
    return _asked(interpreter, value, "__enter__", (), value)


def left(interpreter: Interpreter, value: Any) -> None:
    """Run what a `with` runs when its block ends."""
    from bridge.analysis.frameworks.django.statements import run

    if isinstance(value, Managed):
        run(interpreter, value.scope, value.after)
    else:
        _asked(interpreter, value, "__exit__", (None, None, None), None)


def _asked(
    interpreter: Interpreter, value: Any, name: str, arguments: tuple[Any, ...], otherwise: Any
) -> Any:
    if isinstance(value, Instance):
        method, owner = interpreter.find(value.cls, name)
        if owner is not None and isinstance(method, Function):
            return interpreter.call(Bound(method, value), arguments, {}, value.cls.place)
    return otherwise
