"""What operators and comparisons give."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from pathlib import PurePath
from types import MappingProxyType
from typing import Any

from bridge.analysis.frameworks.django.asking import elements
from bridge.analysis.frameworks.django.data import (
    Bound,
    External,
    Instance,
    Made,
    ModuleRef,
    PartlyKnown,
    Place,
    Raised,
    Unknown,
    is_known,
    partly,
)
from bridge.analysis.frameworks.django.interpreter import Interpreter

__all__ = ["combined", "compared"]

BINARY: MappingProxyType[type[ast.operator], Callable[[Any, Any], Any]] = MappingProxyType(
    {
        ast.Add: operator.add,
        ast.Sub: operator.sub,
        ast.Mult: operator.mul,
        ast.Div: operator.truediv,
        ast.FloorDiv: operator.floordiv,
        ast.Mod: operator.mod,
        ast.BitOr: operator.or_,
        ast.BitAnd: operator.and_,
        ast.BitXor: operator.xor,
    }
)

COMPARED: MappingProxyType[type[ast.cmpop], Callable[[Any, Any], Any]] = MappingProxyType(
    {
        ast.Eq: operator.eq,
        ast.NotEq: operator.ne,
        ast.Lt: operator.lt,
        ast.LtE: operator.le,
        ast.Gt: operator.gt,
        ast.GtE: operator.ge,
    }
)

LARGEST = 10**6  # of a factor: more would only fill memory


def combined(interpreter: Interpreter, kind: type[ast.operator], left: Any, right: Any, place: Place) -> Any:
    """Return `left <operator> right`; sequences that are unknown on one side keep the other."""
    function = BINARY.get(kind)
    if kind is ast.Add and (isinstance(left, list) or isinstance(right, list)):
        return _joined(interpreter, left, right, place)
    if kind is ast.Add and (_is_half_known(left, right) or _is_half_known(right, left)):
        return tuple(_joined(interpreter, left, right, place))
    if function is None or not (_computable(left) and _computable(right)):
        return _partly_combined(kind, left, right)
    if kind is ast.Mult and any(isinstance(each, int) and abs(each) > LARGEST for each in (left, right)):
        return Unknown("a number too large")
    try:
        return function(left, right)
    except Exception as error:
        raise Raised(type(error).__name__, str(error)) from error


def _partly_combined(kind: type[ast.operator], left: Any, right: Any) -> Unknown:
    """Return the text that a concatenation, or a `%`, of texts gives without its unknown parts."""
    reason = "an operation on unknown values"
    texts = [each for each in (left, right) if isinstance(each, (str, PartlyKnown))]
    if (
        kind is ast.Add
        and texts
        and all(isinstance(each, (str, Unknown, Made, External)) for each in (left, right))
    ):
        return PartlyKnown(reason, partly(left) + partly(right))
    if kind is ast.Mod and isinstance(left, str):
        given = right if isinstance(right, tuple) else (right,)
        try:
            return PartlyKnown(reason, left % tuple(partly(each) for each in given))
        except (TypeError, ValueError):
            return Unknown(reason)
    return Unknown(reason)


def _is_half_known(one: Any, other: Any) -> bool:
    return isinstance(one, tuple) and isinstance(other, Unknown)


def _computable(value: Any) -> bool:
    return is_known(value) or isinstance(value, (PurePath, list, tuple, dict, set))


def _joined(interpreter: Interpreter, left: Any, right: Any, place: Place) -> Any:
    sides = [elements(interpreter, each) for each in (left, right)]
    joined = [each for side in sides for each in side or []]
    # A list of a library's objects (a model's panels) holds no route, application or middleware.
    is_told = not (joined and all(isinstance(each, (Instance, Made)) for each in joined))
    if isinstance(left, tuple) or isinstance(right, tuple):
        is_told = all(isinstance(each, str) for each in joined)  # the choices of a field are no applications
    if None in sides and is_told:
        interpreter.note(f"a list is extended by something unknown at {place}")
    return joined


def compared(interpreter: Interpreter, kind: ast.cmpop, left: Any, right: Any) -> Any:
    """Return what `left <kind> right` gives, Unknown where one side is."""
    if isinstance(kind, (ast.In, ast.NotIn)):
        found = _contains(interpreter, right, left)
        return found if isinstance(found, Unknown) else found is isinstance(kind, ast.In)
    if isinstance(left, Unknown) or isinstance(right, Unknown):
        return Unknown("a comparison with something unknown")
    if isinstance(kind, (ast.Is, ast.IsNot)):
        return _is(left, right) is isinstance(kind, ast.Is)
    opaque = isinstance(left, (Made, External)) or isinstance(right, (Made, External))
    if opaque and left != right:
        return Unknown("a comparison with an external object")
    try:
        return bool(COMPARED[type(kind)](left, right))
    except TypeError:
        return Unknown("a comparison of different things")


def _is(left: Any, right: Any) -> bool:
    return (
        left is right
        or (isinstance(left, (External, ModuleRef)) and left == right)
        or (isinstance(left, str) and left == right)
    )


def _contains(interpreter: Interpreter, container: Any, value: Any) -> Any:
    if isinstance(container, External) and container.name == "os.environ":
        return False
    if isinstance(container, (list, tuple, set, frozenset, dict)) and not isinstance(value, Unknown):
        if any(each is value or each == value for each in container):
            return True
        may_be = isinstance(value, Made) and any(isinstance(each, str) for each in container)  # str(error)
        return Unknown() if may_be or any(isinstance(each, Unknown) for each in container) else False
    if isinstance(container, str) and isinstance(value, str):
        return value in container
    if isinstance(container, Instance):
        method, owner = interpreter.find(container.cls, "__contains__")
        if owner is not None:
            return interpreter.call(Bound(method, container), (value,), {}, container.cls.place)
        inner = elements(interpreter, container)
        return Unknown() if inner is None else _contains(interpreter, inner, value)
    return Unknown("what is in something unknown")
