"""Calls: functions of the files, classes, natives, and what is outside."""

from __future__ import annotations

import ast
from typing import Any

from bridge.analysis.frameworks.django.data import (
    Bound,
    Class,
    External,
    Function,
    Instance,
    Made,
    Native,
    NativeObject,
    Place,
    Raised,
    Scope,
    Unknown,
)
from bridge.analysis.frameworks.django.interpreter import DEEPEST_CALL, Interpreter

__all__ = ["call"]


def call(
    interpreter: Interpreter,
    function: Any,
    arguments: tuple[Any, ...],
    keywords: dict[str, Any],
    place: Place,
) -> Any:
    """Return what calling `function` gives; a Made for what is outside, Unknown for what is unknown."""
    if isinstance(function, Native):
        return _run(interpreter, function, arguments, keywords, place)
    if isinstance(function, External):
        native = interpreter.natives.get(function.name)
        if native is not None:
            return _run(interpreter, native, arguments, keywords, place)
        if function.name in interpreter.constructors:
            return _native_object(interpreter, function.name, arguments, keywords, place)
        return Made(function, arguments, keywords, place)
    if isinstance(function, Made):
        return Made(function, arguments, keywords, place)
    if isinstance(function, NativeObject):
        return function.call(interpreter, arguments, keywords, place)
    if isinstance(function, Bound):
        return _enter(interpreter, function.function, (function.receiver, *arguments), keywords)
    if isinstance(function, Function):
        return _enter(interpreter, function, arguments, keywords)
    if isinstance(function, Class):
        return _construct(interpreter, function, arguments, keywords, place)
    if isinstance(function, Instance):
        value, owner = interpreter.find(function.cls, "__call__")
        if owner is not None and isinstance(value, Function):
            return _enter(interpreter, value, (function, *arguments), keywords)
    return Unknown("the result of an unknown call")


def _run(
    interpreter: Interpreter,
    native: Native,
    arguments: tuple[Any, ...],
    keywords: dict[str, Any],
    place: Place,
) -> Any:
    """Return what a native gives; one that is called in a way that it does not expect must not cost the project its report."""
    try:
        return native.run(interpreter, arguments, keywords, place)
    except (LookupError, TypeError, AttributeError, ValueError) as error:
        interpreter.note(f"the call of {native.name} at {place}, which is not understood ({error})")
        return Unknown(f"a call of {native.name}")


def _native_object(
    interpreter: Interpreter, name: str, arguments: tuple[Any, ...], keywords: dict[str, Any], place: Place
) -> NativeObject:
    made = interpreter.constructors[name]()
    start = made.member(interpreter, made, "__init__")
    if start is not None:
        interpreter.call(start, arguments, keywords, place)
    return made


def _construct(
    interpreter: Interpreter, cls: Class, arguments: tuple[Any, ...], keywords: dict[str, Any], place: Place
) -> Any:
    made = Instance(cls, keywords=keywords)
    known = [name for name in interpreter.external_bases(cls) if name in interpreter.constructors]
    if known:
        made.native = interpreter.constructors[known[0]]()
    value, owner = interpreter.find(cls, "__init__")
    if owner is not None and isinstance(value, Function):
        _enter(interpreter, value, (made, *arguments), keywords)
    elif made.native is not None:
        start = made.native.member(interpreter, made, "__init__")
        interpreter.call(start, arguments, keywords, place)
    else:
        made.attributes.update(_fields(interpreter, cls, arguments, keywords))
    return made


def _fields(
    interpreter: Interpreter, cls: Class, arguments: tuple[Any, ...], keywords: dict[str, Any]
) -> dict[str, Any]:
    """Return what the arguments of a dataclass or named tuple become."""
    names = [
        name
        for each in reversed(list(interpreter.order(cls)))
        if isinstance(each, Class)
        for name in each.keywords.get("annotated", ())
    ]
    return {**dict(zip(names, arguments, strict=False)), **keywords}


def _enter(
    interpreter: Interpreter, function: Function, arguments: tuple[Any, ...], keywords: dict[str, Any]
) -> Any:
    if interpreter.depth >= DEEPEST_CALL:
        return Unknown("calls nested too deeply")
    scope = Scope(function.module, "function", outer=function.scope, qualified=function.qualified)
    _bind(scope, function, arguments, keywords)
    interpreter.depth += 1
    try:
        return _result(interpreter, scope, function)
    finally:
        interpreter.depth -= 1


def _result(interpreter: Interpreter, scope: Scope, function: Function) -> Any:
    from bridge.analysis.frameworks.django.expressions import evaluate
    from bridge.analysis.frameworks.django.managing import MANAGER, Managed, halves
    from bridge.analysis.frameworks.django.statements import run

    if isinstance(function.node, ast.Lambda):
        return evaluate(interpreter, scope, function.node.body)
    around = halves(function.node.body) if function.attributes.get(MANAGER) else None
    if around is not None:
        run(interpreter, scope, around.before)
        given = None if around.given is None else evaluate(interpreter, scope, around.given)
        return Managed(scope, given, around.after)
    outcome = run(interpreter, scope, function.node.body)
    if "<yielded>" in scope.names:
        return scope.names["<yielded>"]
    if outcome is not None and outcome.kind == "return":
        return outcome.value
    return scope.names.get("<maybe>")


def _bind(scope: Scope, function: Function, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> None:
    given = function.node.args
    names = [each.arg for each in (*given.posonlyargs, *given.args)]
    if len(arguments) > len(names) and given.vararg is None:
        raise Raised("TypeError", f"{function.qualified} takes {len(names)} arguments")
    scope.names.update(zip(names, arguments, strict=False))  # the receiver first: super() asks for it
    scope.names.update({**function.defaults, **scope.names})
    known = {*names, *(each.arg for each in given.kwonlyargs)}
    scope.names.update({name: value for name, value in keywords.items() if name in known})
    if given.vararg is not None:
        scope.names[given.vararg.arg] = tuple(arguments[len(names) :])
    if given.kwarg is not None:
        scope.names[given.kwarg.arg] = {name: value for name, value in keywords.items() if name not in known}
    for name in known - scope.names.keys():
        scope.names[name] = Unknown(f"the parameter {name} of {function.qualified}")
