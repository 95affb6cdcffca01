"""Statements of the interpreter. Where a condition is unknown both ways are run, the `else` first."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from functools import partial
from types import MappingProxyType
from typing import Any, NamedTuple

from bridge.analysis.frameworks.django.asking import elements, truth
from bridge.analysis.frameworks.django.data import (
    Class,
    Function,
    Made,
    Raised,
    Scope,
    Unknown,
)
from bridge.analysis.frameworks.django.expressions import assign, evaluate, function_of
from bridge.analysis.frameworks.django.importing import import_modules, import_names
from bridge.analysis.frameworks.django.interpreter import Interpreter
from bridge.analysis.frameworks.django.managing import entered, left
from bridge.analysis.frameworks.django.operations import combined

__all__ = ["Outcome", "run"]

MOST_ROUNDS = 5_000  # of one loop


class Outcome(NamedTuple):
    """How a block ended before its end: by return, break, continue."""

    kind: str
    value: Any = None


def run(interpreter: Interpreter, scope: Scope, body: Sequence[ast.stmt]) -> Outcome | None:
    """Run statements; return how they ended early, None if they did not. Raises Raised."""
    for statement in body:
        handler = TABLE.get(type(statement))
        outcome = None if handler is None else handler(interpreter, scope, statement)
        if outcome is not None:
            return outcome
    return None


def _expression(interpreter: Interpreter, scope: Scope, node: ast.Expr) -> None:
    if not isinstance(node.value, ast.Constant):
        evaluate(interpreter, scope, node.value)


def _assign(interpreter: Interpreter, scope: Scope, node: ast.Assign) -> None:
    value = evaluate(interpreter, scope, node.value)
    for target in node.targets:
        assign(interpreter, scope, target, value)


def _annotated(interpreter: Interpreter, scope: Scope, node: ast.AnnAssign) -> None:
    if scope.kind == "class" and isinstance(node.target, ast.Name):
        scope.names.setdefault("<annotated>", []).append(node.target.id)
    if node.value is not None:
        assign(interpreter, scope, node.target, evaluate(interpreter, scope, node.value))


def _augmented(interpreter: Interpreter, scope: Scope, node: ast.AugAssign) -> None:
    loaded = ast.copy_location(_as_load(node.target), node.target)
    old, new = evaluate(interpreter, scope, loaded), evaluate(interpreter, scope, node.value)
    if isinstance(old, list) and isinstance(node.op, ast.Add):
        more = elements(interpreter, new)
        if more is None:
            interpreter.note(f"what is added at {interpreter.place(scope, node)}")
        old.extend(more or [])
        assign(interpreter, scope, node.target, old)
    else:
        place = interpreter.place(scope, node)
        assign(interpreter, scope, node.target, combined(interpreter, type(node.op), old, new, place))


def _as_load(target: ast.Name | ast.Attribute | ast.Subscript) -> ast.expr:
    if isinstance(target, ast.Name):
        return ast.Name(target.id, ast.Load())
    if isinstance(target, ast.Attribute):
        return ast.Attribute(target.value, target.attr, ast.Load())
    return ast.Subscript(target.value, target.slice, ast.Load())


def _return(interpreter: Interpreter, scope: Scope, node: ast.Return) -> Outcome:
    return Outcome("return", None if node.value is None else evaluate(interpreter, scope, node.value))


def _if(interpreter: Interpreter, scope: Scope, node: ast.If) -> Outcome | None:
    known = truth(interpreter, evaluate(interpreter, scope, node.test))
    if known is not None:
        return run(interpreter, scope, node.body if known else node.orelse)
    interpreter.doubts.append(ast.unparse(node.test))
    for branch in (node.orelse, node.body):
        _try_branch(interpreter, scope, branch)
    interpreter.doubts.pop()
    return None


def _try_branch(interpreter: Interpreter, scope: Scope, branch: list[ast.stmt]) -> None:
    """Run a branch that may not be taken: what it returns is kept for the case that nothing else is."""
    try:
        outcome = run(interpreter, scope, branch)
    except Raised:
        return  # `if unknown: raise` does not end the program
    if outcome is not None and outcome.kind == "return" and outcome.value is not None:
        scope.names.setdefault("<maybe>", outcome.value)


def _for(interpreter: Interpreter, scope: Scope, node: ast.For) -> Outcome | None:
    around = elements(interpreter, evaluate(interpreter, scope, node.iter))
    if around is None:
        interpreter.note(f"the loop at {interpreter.place(scope, node)}: over what is not known")
        return None
    for each in around[:MOST_ROUNDS]:
        assign(interpreter, scope, node.target, each)
        outcome = run(interpreter, scope, node.body)
        if outcome is not None and outcome.kind == "return":
            return outcome
        if outcome is not None and outcome.kind == "break":
            return None
    return run(interpreter, scope, node.orelse)


def _while(interpreter: Interpreter, scope: Scope, node: ast.While) -> Outcome | None:
    for _ in range(MOST_ROUNDS):
        if truth(interpreter, evaluate(interpreter, scope, node.test)) is not True:
            return None
        outcome = run(interpreter, scope, node.body)
        if outcome is not None and outcome.kind != "continue":
            return outcome if outcome.kind == "return" else None
    return None


def _break(interpreter: Interpreter, scope: Scope, node: ast.Break) -> Outcome:
    return Outcome("break")


def _continue(interpreter: Interpreter, scope: Scope, node: ast.Continue) -> Outcome:
    return Outcome("continue")


def _raise(interpreter: Interpreter, scope: Scope, node: ast.Raise) -> None:
    called = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
    name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "Exception")
    raise Raised(name)


def _try(interpreter: Interpreter, scope: Scope, node: Any) -> Outcome | None:
    try:
        outcome = run(interpreter, scope, node.body)
        outcome = outcome or run(interpreter, scope, node.orelse)
    except Raised as error:
        handler = next((each for each in node.handlers if _catches(each, error)), None)
        if handler is None:
            run(interpreter, scope, node.finalbody)
            raise
        if handler.name:
            scope.names[handler.name] = Unknown("an exception")
        outcome = run(interpreter, scope, handler.body)
    return run(interpreter, scope, node.finalbody) or outcome


PARENTS: MappingProxyType[str, frozenset[str]] = MappingProxyType(
    {
        "ModuleNotFoundError": frozenset({"ImportError"}),
        "KeyError": frozenset({"LookupError"}),
        "IndexError": frozenset({"LookupError"}),
    }
)


def _catches(handler: ast.ExceptHandler, error: Raised) -> bool:
    if handler.type is None:
        return True
    types = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    names = {each.attr if isinstance(each, ast.Attribute) else getattr(each, "id", "") for each in types}
    return bool(names & {error.kind, "Exception", "BaseException", *PARENTS.get(error.kind, ())})


def _with(interpreter: Interpreter, scope: Scope, node: ast.With) -> Outcome | None:
    values = [evaluate(interpreter, scope, each.context_expr) for each in node.items]
    for each, value in zip(node.items, values, strict=True):
        given = entered(interpreter, value)
        if each.optional_vars is not None:
            assign(interpreter, scope, each.optional_vars, given)
    try:
        return run(interpreter, scope, node.body)
    finally:
        for value in reversed(values):
            left(interpreter, value)


def _function(interpreter: Interpreter, scope: Scope, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
    made: Any = function_of(interpreter, scope, node)
    if scope.kind == "class":
        made.owner = scope.names.get("<class>")
    scope.names[node.name] = _decorated(interpreter, scope, node.decorator_list, made)


def _decorated(interpreter: Interpreter, scope: Scope, decorators: list[ast.expr], made: Any) -> Any:
    for each in reversed(decorators):
        decorator = evaluate(interpreter, scope, each)
        given = interpreter.call(decorator, (made,), {}, interpreter.place(scope, each))
        if not isinstance(given, Unknown) and given is not None:
            made = given
    return made


def _class(interpreter: Interpreter, scope: Scope, node: ast.ClassDef) -> None:
    bases = _evaluated_bases(interpreter, scope, node)
    qualified = f"{scope.qualified}.{node.name}" if scope.qualified else node.name
    body = Scope(scope.module, "class", outer=scope, qualified=qualified)
    cls = Class(scope.module, qualified, bases, body.names, interpreter.place(scope, node))
    cls.keywords = {each.arg: evaluate(interpreter, scope, each.value) for each in node.keywords if each.arg}
    cls.again = partial(_evaluated_bases, interpreter, scope, node)
    body.names["<class>"] = cls
    for statement in node.body:
        _try_statement(interpreter, body, statement)
    cls.keywords["annotated"] = body.names.pop("<annotated>", [])
    scope.names[node.name] = _decorated_class(interpreter, scope, node, cls)
    _tell_bases(interpreter, cls)


def _evaluated_bases(interpreter: Interpreter, scope: Scope, node: ast.ClassDef) -> tuple[Any, ...]:
    return tuple(_base(interpreter, scope, each) for each in node.bases)


def _base(interpreter: Interpreter, scope: Scope, node: ast.expr) -> Any:
    try:
        return evaluate(interpreter, scope, node)
    except Raised as error:
        return Unknown(str(error))


def _try_statement(interpreter: Interpreter, scope: Scope, statement: ast.stmt) -> None:
    """Run one statement of a class body; what it raises costs that statement and not the class."""
    try:
        run(interpreter, scope, [statement])
    except Raised as error:
        interpreter.note(
            f"{error} at {interpreter.place(scope, statement)}: that statement is left out, the rest is read"
        )


def _decorated_class(interpreter: Interpreter, scope: Scope, node: ast.ClassDef, cls: Class) -> Any:
    """Trust that a decorator of a class gives back the class."""
    made = _decorated(interpreter, scope, node.decorator_list, cls)
    if isinstance(made, Made):
        cls.attributes.setdefault("<decorators>", []).append(made)
    return made if isinstance(made, Class) else cls


def _tell_bases(interpreter: Interpreter, cls: Class) -> None:
    method, owner = interpreter.find(cls, "__init_subclass__", after=cls)
    if owner is not None and isinstance(method, Function):
        interpreter.call(
            method, (cls,), {k: v for k, v in cls.keywords.items() if k != "annotated"}, cls.place
        )


def _shared(interpreter: Interpreter, scope: Scope, node: ast.Global | ast.Nonlocal) -> None:
    scope.shared.update(node.names)


def _delete(interpreter: Interpreter, scope: Scope, node: ast.Delete) -> None:
    for target in node.targets:
        if isinstance(target, ast.Name):
            scope.names.pop(target.id, None)
        elif isinstance(target, ast.Subscript) and not isinstance(target.slice, ast.Slice):
            container = evaluate(interpreter, scope, target.value)
            key = evaluate(interpreter, scope, target.slice)
            if isinstance(container, dict):
                container.pop(key, None)


TABLE: MappingProxyType[type[ast.stmt], Callable[[Interpreter, Scope, Any], Outcome | None]] = (
    MappingProxyType(
        {
            ast.Expr: _expression,
            ast.Assign: _assign,
            ast.AnnAssign: _annotated,
            ast.AugAssign: _augmented,
            ast.Return: _return,
            ast.If: _if,
            ast.For: _for,
            ast.While: _while,
            ast.Break: _break,
            ast.Continue: _continue,
            ast.Raise: _raise,
            ast.Try: _try,
            ast.With: _with,
            ast.Import: import_modules,
            ast.ImportFrom: import_names,
            ast.FunctionDef: _function,
            ast.AsyncFunctionDef: _function,
            ast.ClassDef: _class,
            ast.Global: _shared,
            ast.Nonlocal: _shared,
            ast.Delete: _delete,
        }
    )
)
