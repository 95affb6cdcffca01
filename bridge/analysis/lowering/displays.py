"""Displays, comprehensions and subscripts, and the targets that values are assigned to."""

from __future__ import annotations

import ast
from collections.abc import Callable
from types import MappingProxyType
from typing import Any

from bridge.analysis.facts import Opcode
from bridge.analysis.lowering.expressions import lower, lower_test
from bridge.analysis.lowering.flow import Path
from bridge.analysis.lowering.scope import ScopeBuilder

__all__ = ["assign", "lower_display"]


def lower_display(scope: ScopeBuilder, node: ast.expr) -> int:
    """Return the register of a display, comprehension or subscript."""
    return TABLE[type(node)](scope, node)


def _sequence(scope: ScopeBuilder, node: Any) -> int:
    kind = type(node).__name__.lower()
    items = tuple(lower(scope, each) for each in node.elts if not isinstance(each, ast.Starred))
    stars = tuple(lower(scope, each.value) for each in node.elts if isinstance(each, ast.Starred))
    return scope.value(Opcode.SEQUENCE, kind, items, stars)


def _dict(scope: ScopeBuilder, node: ast.Dict) -> int:
    pairs, merged = [], []
    constant: dict[object, int] = {}
    for key, value in zip(node.keys, node.values, strict=True):
        if key is None:
            merged.append(lower(scope, value))
            continue
        key_register, register = lower(scope, key), lower(scope, value)
        pairs.append((key_register, register))
        if isinstance(key, ast.Constant):
            constant[_typed(key.value)] = register
    target = scope.value(Opcode.DICT, tuple(pairs), tuple(merged))
    scope.dict_items[target] = constant
    return target


def _typed(value: object) -> object:
    return type(value).__name__, value


def _path(scope: ScopeBuilder, node: ast.expr) -> Path | None:
    """Return the path of `name["key"][0]`; None where the base is no local name or a key is not constant."""
    keys: list[object] = []
    while isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
        keys.append(_typed(node.slice.value))
        node = node.value
    if isinstance(node, ast.Name) and node.id in scope.flow.names:
        return (node.id, *reversed(keys))
    return None


def _subscript(scope: ScopeBuilder, node: ast.Subscript) -> int:
    path = _path(scope, node)
    if path in scope.flow.stored:
        return scope.flow.stored[path]
    target = lower(scope, node.value)
    if isinstance(node.slice, ast.Slice):
        return _slice(scope, target, node.slice)
    return scope.value(Opcode.ITEM, target, lower(scope, node.slice), node.lineno)


def _slice(scope: ScopeBuilder, target: int, bounds: ast.Slice) -> int:
    for each in (bounds.lower, bounds.upper, bounds.step):
        if each is not None:
            lower(scope, each)
    exact = bounds.step is None and _is_bound(bounds.lower) and _is_bound(bounds.upper)
    low = bounds.lower.value if isinstance(bounds.lower, ast.Constant) else 0
    high = bounds.upper.value if isinstance(bounds.upper, ast.Constant) else None
    return scope.value(Opcode.SLICE, target, low if exact else None, high)


def _bounds(scope: ScopeBuilder, node: ast.Slice) -> int:
    """Read a slice among several subscripts, as arrays take them: nothing is known of what it selects."""
    for each in (node.lower, node.upper, node.step):
        if each is not None:
            lower(scope, each)
    return scope.nothing()


def _is_bound(node: ast.expr | None) -> bool:
    return node is None or (isinstance(node, ast.Constant) and isinstance(node.value, int))


def _comprehension(scope: ScopeBuilder, node: Any) -> int:
    outer = dict(scope.flow.names)
    element = _element(scope, node.generators[0])  # once, all else many times
    scope.loop_depth += 1
    first = len(scope.instructions)
    for index, generator in enumerate(node.generators):
        assign(scope, generator.target, _element(scope, generator) if index else element)
        for condition in generator.ifs:
            lower_test(scope, condition)
    if isinstance(node, ast.DictComp):
        pair = (lower(scope, node.key), lower(scope, node.value))
        result = scope.value(Opcode.DICT, (pair,), ())
    else:
        element = lower(scope, node.elt)
        result = scope.value(Opcode.SEQUENCE, "comprehension", (element,), ())
    scope.loop_depth -= 1
    scope.note_loop(first)
    scope.flow.names = outer
    return result


def _element(scope: ScopeBuilder, generator: ast.comprehension) -> int:
    return scope.value(Opcode.ITERATE, lower(scope, generator.iter), generator.iter.lineno)


def assign(scope: ScopeBuilder, target: ast.expr, register: int) -> None:
    """Emit the assignment of the value in `register` to `target`."""
    if isinstance(target, ast.Name):
        scope.write(target.id, register)
    elif isinstance(target, ast.Attribute):
        scope.emit(Opcode.SETATTR, lower(scope, target.value), target.attr, register, target.lineno)
    elif isinstance(target, ast.Subscript):
        _assign_item(scope, target, register)
    elif isinstance(target, ast.Starred):
        assign(scope, target.value, register)
    elif isinstance(target, (ast.Tuple, ast.List)):
        _unpack(scope, target.elts, register)


def _assign_item(scope: ScopeBuilder, target: ast.Subscript, register: int) -> None:
    path = _path(scope, target)
    container = lower(scope, target.value)
    key = lower(scope, target.slice) if not isinstance(target.slice, ast.Slice) else scope.nothing()
    scope.emit(Opcode.SETITEM, container, key, register, target.lineno)
    scope.flow.stored = {} if path is None else scope.flow.stored
    if path is not None:
        scope.flow.store(path, register)


def _unpack(scope: ScopeBuilder, targets: list[ast.expr], register: int) -> None:
    stars = [index for index, each in enumerate(targets) if isinstance(each, ast.Starred)]
    star = stars[0] if stars else len(targets)
    for index, target in enumerate(targets):
        after = len(targets) - 1 - index
        if index < star:
            element = scope.value(Opcode.UNPACK, register, index, None)
        elif index == star:
            element = scope.value(Opcode.UNPACK, register, index, after)
        else:
            element = scope.value(Opcode.UNPACK, register, -after - 1, None)
        assign(scope, target, element)


TABLE: MappingProxyType[type[ast.expr], Callable[[ScopeBuilder, Any], int]] = MappingProxyType(
    {
        ast.List: _sequence,
        ast.Tuple: _sequence,
        ast.Set: _sequence,
        ast.Dict: _dict,
        ast.Subscript: _subscript,
        ast.Slice: _bounds,
        ast.ListComp: _comprehension,
        ast.SetComp: _comprehension,
        ast.DictComp: _comprehension,
        ast.GeneratorExp: _comprehension,
    }
)
