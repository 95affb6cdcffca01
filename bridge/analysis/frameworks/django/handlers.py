"""What the handlers of a view call: the framework's own handlers, and what validates or saves."""

from __future__ import annotations

import ast

from bridge.analysis.frameworks.django.data import Class, Function, Made
from bridge.analysis.frameworks.django.interpreter import Interpreter

__all__ = ["SHOWING", "calls_handler", "lists", "may_validate"]

VALIDATING = frozenset({"is_valid", "run_validation", "validate", "save", "create", "update"})
ANSWERING = ("get", "list", "retrieve", "filter_queryset", "paginate_queryset", "check_", "get_")


# Handlers of REST framework's own that answer with what a serializer shows; the last two show nothing.
SHOWING = frozenset(["list", "retrieve", "create", "update", "partial_update", "get", "post", "put", "patch"])
HANDLERS = SHOWING | {"destroy", "delete"}


def calls_handler(handler: object) -> bool:
    """Return whether a handler calls one of the framework's own: what it stands in the place of, or `self.list(...)`."""
    function = _plain(handler)
    return function is None or any(
        (isinstance(each, ast.Name) and each.id == "super")
        or (
            isinstance(each, ast.Attribute)
            and each.attr in HANDLERS
            and isinstance(each.value, ast.Name)
            and each.value.id == "self"
        )
        for each in ast.walk(function.node)
    )


def lists(interpreter: Interpreter, cls: Class, handler: str) -> bool:
    """Return whether the framework's handler answers with many rows."""
    bases = (each.rpartition(".")[2] for each in interpreter.external_bases(cls))
    return handler == "list" or (handler == "get" and any(each.startswith("List") for each in bases))


def _plain(handler: object) -> Function | None:
    """Return the function that a handler is behind its decorators, None where that is not known."""
    while isinstance(handler, Made):
        handler = next((each for each in handler.arguments if isinstance(each, (Made, Function))), None)
    return handler if isinstance(handler, Function) else None


def may_validate(handler: object) -> bool:
    """Return whether a handler may validate or save what it is sent: itself, or by a method of the view's own."""
    handler = _plain(handler)
    if handler is None:
        return True
    called = [each.func for each in ast.walk(handler.node) if isinstance(each, ast.Call)]
    return any(
        each.attr in VALIDATING
        or (
            isinstance(each.value, ast.Name)
            and each.value.id == "self"
            and not each.attr.startswith(ANSWERING)
        )
        for each in called
        if isinstance(each, ast.Attribute)
    )
