"""Expressions of the interpreter: a tree and a scope give a value."""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import PurePath
from types import MappingProxyType
from typing import Any

from bridge.analysis.frameworks.django.asking import elements, is_hashable, item, truth
from bridge.analysis.frameworks.django.data import (
    Bound,
    Class,
    External,
    Function,
    Instance,
    PartlyKnown,
    Scope,
    Unknown,
    decorated_function,
    is_known,
    partly,
)
from bridge.analysis.frameworks.django.interpreter import Interpreter
from bridge.analysis.frameworks.django.operations import combined, compared
from bridge.analysis.frameworks.django.scoping import SPECIAL, home, lookup

__all__ = ["assign", "evaluate", "function_of"]


def evaluate(interpreter: Interpreter, scope: Scope, node: ast.expr) -> Any:
    """Return the value of an expression. Raises Raised where the program would raise."""
    interpreter.step()
    handler = TABLE.get(type(node))
    return Unknown(type(node).__name__) if handler is None else handler(interpreter, scope, node)


# --- names ----------------------------------------------------------------------------------------


def _name(interpreter: Interpreter, scope: Scope, node: ast.Name) -> Any:
    return lookup(interpreter, scope, node.id)


def _constant(interpreter: Interpreter, scope: Scope, node: ast.Constant) -> Any:
    return node.value


def _formatted(interpreter: Interpreter, scope: Scope, node: ast.JoinedStr) -> Any:
    parts = [_part(interpreter, scope, each) for each in node.values]
    if any(isinstance(each, Unknown) for each in parts):
        return PartlyKnown("a text with an unknown part", "".join(map(partly, parts)))
    return "".join(parts)


def _part(interpreter: Interpreter, scope: Scope, node: ast.expr) -> Any:
    if isinstance(node, ast.Constant):
        return str(node.value)
    assert isinstance(node, ast.FormattedValue)
    value = evaluate(interpreter, scope, node.value)
    spec = evaluate(interpreter, scope, node.format_spec) if node.format_spec is not None else ""
    if not isinstance(spec, str) or not (is_known(value) or isinstance(value, PurePath)):
        return value if isinstance(value, Unknown) else Unknown()
    if node.conversion == ord("r"):
        value = repr(value)
    return format(value, spec)


def _attribute(interpreter: Interpreter, scope: Scope, node: ast.Attribute) -> Any:
    value = evaluate(interpreter, scope, node.value)
    return interpreter.attribute(value, node.attr, interpreter.place(scope, node))


# --- displays -------------------------------------------------------------------------------------


def _items(interpreter: Interpreter, scope: Scope, nodes: list[ast.expr]) -> list[Any]:
    found: list[Any] = []
    for node in nodes:
        if isinstance(node, ast.Starred):
            value = evaluate(interpreter, scope, node.value)
            inner = elements(interpreter, value)
            if inner is None:
                interpreter.note(f"the elements of *... at {interpreter.place(scope, node)}")
            found.extend(inner or [])
        else:
            found.append(evaluate(interpreter, scope, node))
    return found


def _list(interpreter: Interpreter, scope: Scope, node: ast.List) -> Any:
    return _items(interpreter, scope, node.elts)


def _tuple(interpreter: Interpreter, scope: Scope, node: ast.Tuple) -> Any:
    return tuple(_items(interpreter, scope, node.elts))


def _set(interpreter: Interpreter, scope: Scope, node: ast.Set) -> Any:
    return {each for each in _items(interpreter, scope, node.elts) if is_hashable(each)}


def _dict(interpreter: Interpreter, scope: Scope, node: ast.Dict) -> Any:
    made: dict[Any, Any] = {}
    for key, value in zip(node.keys, node.values, strict=True):
        given = evaluate(interpreter, scope, value)
        if key is None:
            made.update(given if isinstance(given, dict) else {})
            continue
        name = evaluate(interpreter, scope, key)
        if is_hashable(name):
            made[name] = given
    return made


def _comprehension(interpreter: Interpreter, scope: Scope, node: Any) -> Any:
    inner = Scope(scope.module, "function", outer=scope, qualified=scope.qualified)
    found: list[Any] = []
    if not _generate(interpreter, inner, node, list(node.generators), found):
        return Unknown("a comprehension over unknown elements")
    if isinstance(node, ast.DictComp):
        return {key: value for key, value in found if is_hashable(key)}
    return {each for each in found if is_hashable(each)} if isinstance(node, ast.SetComp) else found


def _generate(
    interpreter: Interpreter, scope: Scope, node: Any, generators: list[ast.comprehension], found: list[Any]
) -> bool:
    if not generators:
        if isinstance(node, ast.DictComp):
            found.append((evaluate(interpreter, scope, node.key), evaluate(interpreter, scope, node.value)))
        else:
            found.append(evaluate(interpreter, scope, node.elt))
        return True
    first, *rest = generators
    around = elements(interpreter, evaluate(interpreter, scope, first.iter))
    if around is None:
        return False
    for each in around:
        assign(interpreter, scope, first.target, each)
        tests = (truth(interpreter, evaluate(interpreter, scope, test)) for test in first.ifs)
        if all(test is not False for test in tests) and not _generate(interpreter, scope, node, rest, found):
            return False
    return True


def _subscript(interpreter: Interpreter, scope: Scope, node: ast.Subscript) -> Any:
    value = evaluate(interpreter, scope, node.value)
    if isinstance(node.slice, ast.Slice):
        bounds = [
            None if each is None else evaluate(interpreter, scope, each)
            for each in (node.slice.lower, node.slice.upper, node.slice.step)
        ]
        key: Any = (
            slice(*bounds) if all(each is None or isinstance(each, int) for each in bounds) else Unknown()
        )
    else:
        key = evaluate(interpreter, scope, node.slice)
    return item(interpreter, value, key, interpreter.place(scope, node))


# --- operators ------------------------------------------------------------------------------------


def _binary(interpreter: Interpreter, scope: Scope, node: ast.BinOp) -> Any:
    left, right = evaluate(interpreter, scope, node.left), evaluate(interpreter, scope, node.right)
    return combined(interpreter, type(node.op), left, right, interpreter.place(scope, node))


def _unary(interpreter: Interpreter, scope: Scope, node: ast.UnaryOp) -> Any:
    value = evaluate(interpreter, scope, node.operand)
    if isinstance(node.op, ast.Not):
        known = truth(interpreter, value)
        return Unknown("not of something unknown") if known is None else not known
    if isinstance(node.op, ast.USub) and isinstance(value, (int, float)):
        return -value
    return Unknown("an operation on an unknown value")


def _boolean(interpreter: Interpreter, scope: Scope, node: ast.BoolOp) -> Any:
    decisive = isinstance(node.op, ast.Or)
    unknown = value = None
    for each in node.values:
        value = evaluate(interpreter, scope, each)
        known = truth(interpreter, value)
        if known is decisive:
            return value if unknown is None else unknown
        if known is None and unknown is None:
            unknown = value
    return value if unknown is None else unknown


def _compare(interpreter: Interpreter, scope: Scope, node: ast.Compare) -> Any:
    left = evaluate(interpreter, scope, node.left)
    for kind, comparator in zip(node.ops, node.comparators, strict=True):
        right = evaluate(interpreter, scope, comparator)
        found = compared(interpreter, kind, left, right)
        if found is not True:
            return found
        left = right
    return True


def _conditional(interpreter: Interpreter, scope: Scope, node: ast.IfExp) -> Any:
    known = truth(interpreter, evaluate(interpreter, scope, node.test))
    if known is None:
        first = evaluate(interpreter, scope, node.body)
        return evaluate(interpreter, scope, node.orelse) if isinstance(first, Unknown) else first
    return evaluate(interpreter, scope, node.body if known else node.orelse)


# --- calls and functions --------------------------------------------------------------------------


def _call(interpreter: Interpreter, scope: Scope, node: ast.Call) -> Any:
    if isinstance(node.func, ast.Name) and node.func.id in SPECIAL and not node.args:
        return SPECIAL[node.func.id](interpreter, scope)
    function = evaluate(interpreter, scope, node.func)
    arguments = tuple(_items(interpreter, scope, node.args))
    keywords: dict[str, Any] = {}
    for each in node.keywords:
        value = evaluate(interpreter, scope, each.value)
        if each.arg is not None:
            keywords[each.arg] = value
        elif isinstance(value, dict):
            keywords.update({str(key): inner for key, inner in value.items()})
    return interpreter.call(function, arguments, keywords, interpreter.place(scope, node))


def function_of(
    interpreter: Interpreter, scope: Scope, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
) -> Function:
    """Return the function that a definition makes; its defaults are evaluated here and now."""
    name = "<lambda>" if isinstance(node, ast.Lambda) else node.name
    given = node.args
    plain = [each.arg for each in (*given.posonlyargs, *given.args)]
    pairs = [
        *zip(plain[len(plain) - len(given.defaults) :], given.defaults, strict=True),
        *(
            (each.arg, default)
            for each, default in zip(given.kwonlyargs, given.kw_defaults, strict=True)
            if default
        ),
    ]
    defaults = {parameter: evaluate(interpreter, scope, default) for parameter, default in pairs}
    qualified = f"{scope.qualified}.{name}" if scope.qualified else name
    return Function(node, scope, scope.module, qualified, interpreter.place(scope, node), defaults)


def _await(interpreter: Interpreter, scope: Scope, node: ast.Await) -> Any:
    return evaluate(interpreter, scope, node.value)


def _walrus(interpreter: Interpreter, scope: Scope, node: ast.NamedExpr) -> Any:
    value = evaluate(interpreter, scope, node.value)
    assign(interpreter, scope, node.target, value)
    return value


def _yield(interpreter: Interpreter, scope: Scope, node: ast.Yield) -> Any:
    value = None if node.value is None else evaluate(interpreter, scope, node.value)
    _yielded(scope).append(value)
    return None


def _yield_from(interpreter: Interpreter, scope: Scope, node: ast.YieldFrom) -> Any:
    _yielded(scope).extend(elements(interpreter, evaluate(interpreter, scope, node.value)) or [])
    return None


def _yielded(scope: Scope) -> list[Any]:
    found: list[Any] = scope.names.setdefault("<yielded>", [])
    return found


# --- targets --------------------------------------------------------------------------------------


def assign(interpreter: Interpreter, scope: Scope, target: ast.expr, value: Any) -> None:
    """Bind a target to a value."""
    if isinstance(target, ast.Name):
        owner = scope if target.id not in scope.shared else home(scope, target.id)
        owner.names[target.id] = value
    elif isinstance(target, (ast.Tuple, ast.List)):
        _unpack(interpreter, scope, target.elts, value)
    elif isinstance(target, ast.Starred):
        assign(interpreter, scope, target.value, value)
    elif isinstance(target, ast.Attribute):
        _store_attribute(interpreter, evaluate(interpreter, scope, target.value), target.attr, value)
    elif isinstance(target, ast.Subscript):
        _store_item(interpreter, scope, target, value)


def _unpack(interpreter: Interpreter, scope: Scope, targets: list[ast.expr], value: Any) -> None:
    found = elements(interpreter, value)
    star = next((index for index, each in enumerate(targets) if isinstance(each, ast.Starred)), None)
    if found is None or (star is None and len(found) != len(targets)):
        found = [Unknown("an element")] * len(targets)
    elif star is not None:
        after = len(targets) - star - 1
        middle = found[star : len(found) - after]
        found = [*found[:star], middle, *found[len(found) - after :]]
    for target, each in zip(targets, found, strict=False):
        assign(interpreter, scope, target, each)


def _store_attribute(interpreter: Interpreter, receiver: Any, name: str, value: Any) -> None:
    if receiver == External("django.conf.settings") and interpreter.settings is not None:
        interpreter.settings[name] = value
    if isinstance(receiver, (Instance, Function, Class)):
        receiver.attributes[name] = value
    elif isinstance(receiver, Bound):
        receiver.function.attributes[name] = value
    elif (inner := decorated_function(receiver)) is not None:
        inner.attributes[name] = value


def _store_item(interpreter: Interpreter, scope: Scope, target: ast.Subscript, value: Any) -> None:
    container = evaluate(interpreter, scope, target.value)
    if isinstance(target.slice, ast.Slice):
        return
    key = evaluate(interpreter, scope, target.slice)
    if isinstance(container, Instance):
        method, owner = interpreter.find(container.cls, "__setitem__")
        if owner is not None:
            interpreter.call(Bound(method, container), (key, value), {}, container.cls.place)
        elif container.native is not None and (
            native := container.native.member(interpreter, container, "__setitem__")
        ):
            interpreter.call(native, (key, value), {}, container.cls.place)
        else:
            container.attributes.setdefault("<items>", {})[key] = value
    elif (isinstance(container, dict) and is_hashable(key)) or (
        isinstance(container, list) and isinstance(key, int) and -len(container) <= key < len(container)
    ):
        container[key] = value


def _lambda(interpreter: Interpreter, scope: Scope, node: ast.Lambda) -> Any:
    return function_of(interpreter, scope, node)


TABLE: MappingProxyType[type[ast.expr], Callable[[Interpreter, Scope, Any], Any]] = MappingProxyType(
    {
        ast.Name: _name,
        ast.Constant: _constant,
        ast.JoinedStr: _formatted,
        ast.Attribute: _attribute,
        ast.List: _list,
        ast.Tuple: _tuple,
        ast.Set: _set,
        ast.Dict: _dict,
        ast.ListComp: _comprehension,
        ast.SetComp: _comprehension,
        ast.DictComp: _comprehension,
        ast.GeneratorExp: _comprehension,
        ast.Subscript: _subscript,
        ast.BinOp: _binary,
        ast.UnaryOp: _unary,
        ast.BoolOp: _boolean,
        ast.Compare: _compare,
        ast.IfExp: _conditional,
        ast.Call: _call,
        ast.Lambda: _lambda,
        ast.NamedExpr: _walrus,
        ast.Await: _await,
        ast.Yield: _yield,
        ast.YieldFrom: _yield_from,
    }
)
