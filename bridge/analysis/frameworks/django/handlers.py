"""What the handlers of a view call: the framework's own handlers, and what validates or saves."""

from __future__ import annotations

import ast
from typing import NamedTuple
from weakref import WeakKeyDictionary

from bridge.analysis.frameworks.django.data import Class, Function, Made
from bridge.analysis.frameworks.django.interpreter import Interpreter

__all__ = ["SHOWING", "calls_handler", "has_object", "lists", "may_validate"]

VALIDATING = frozenset({"is_valid", "run_validation", "validate", "save", "create", "update"})
ANSWERING = ("get", "list", "retrieve", "filter_queryset", "paginate_queryset", "check_", "get_")


# Handlers of REST framework's own that answer with what a serializer shows; the last two show nothing.
SHOWING = frozenset(["list", "retrieve", "create", "update", "partial_update", "get", "post", "put", "patch"])
HANDLERS = SHOWING | {"destroy", "delete"}


def calls_handler(handler: object) -> bool:
    """Return whether a handler calls one of the framework's own: what it stands in the place of, or `self.list(...)`."""
    function = _plain(handler)
    return function is None or _asked(function.node).handler


def lists(interpreter: Interpreter, cls: Class, handler: str) -> bool:
    """Return whether the framework's handler answers with many rows."""
    bases = (each.rpartition(".")[2] for each in interpreter.external_bases(cls))
    return handler == "list" or (handler == "get" and any(each.startswith("List") for each in bases))


def has_object(interpreter: Interpreter, cls: Class, handler: str) -> bool:
    """Return whether the framework's handler looks up one object: not where it lists, or makes one."""
    return handler not in {"create", "post"} and not lists(interpreter, cls, handler)


def _plain(handler: object) -> Function | None:
    """Return the function that a handler is behind its decorators, None where that is not known."""
    while isinstance(handler, Made):
        handler = next((each for each in handler.arguments if isinstance(each, (Made, Function))), None)
    return handler if isinstance(handler, Function) else None


def may_validate(handler: object) -> bool:
    """Return whether a handler may validate or save what it is sent: itself, or by a method of the view's own."""
    function = _plain(handler)
    return function is None or _asked(function.node).validating


class _Asked(NamedTuple):
    handler: bool
    validating: bool


_known: WeakKeyDictionary[ast.AST, _Asked] = WeakKeyDictionary()


def _asked(node: ast.AST) -> _Asked:
    """Return what the code of a function asks for; remembered, as hundreds of views inherit one handler."""
    found = _known.get(node)
    if found is None:
        nodes = list(ast.walk(node))
        found = _known[node] = _Asked(
            any(_is_handler(each) for each in nodes),
            any(_is_validating(each.func) for each in nodes if isinstance(each, ast.Call)),
        )
    return found


def _is_handler(node: ast.AST) -> bool:
    if isinstance(node, ast.Name):
        return node.id == "super"
    return isinstance(node, ast.Attribute) and node.attr in HANDLERS and _is_self(node.value)


def _is_validating(called: ast.expr) -> bool:
    return isinstance(called, ast.Attribute) and (
        called.attr in VALIDATING or (_is_self(called.value) and not called.attr.startswith(ANSWERING))
    )


def _is_self(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "self"
