"""An expression -> the register of its value. Displays, comprehensions and subscripts are in displays.py."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from types import MappingProxyType
from typing import Any

from bridge.analysis.facts import IN_LOOP, Opcode
from bridge.analysis.lowering.guards import Condition, when
from bridge.analysis.lowering.scope import ScopeBuilder

__all__ = ["OPERATORS", "lower", "lower_call", "lower_test"]

OPERATORS = MappingProxyType(
    {
        ast.Add: "__add__",
        ast.Sub: "__sub__",
        ast.Mult: "__mul__",
        ast.MatMult: "__matmul__",
        ast.Div: "__truediv__",
        ast.FloorDiv: "__floordiv__",
        ast.Mod: "__mod__",
        ast.Pow: "__pow__",
        ast.LShift: "__lshift__",
        ast.RShift: "__rshift__",
        ast.BitOr: "__or__",
        ast.BitXor: "__xor__",
        ast.BitAnd: "__and__",
        ast.Eq: "__eq__",
        ast.NotEq: "__ne__",
        ast.Lt: "__lt__",
        ast.LtE: "__le__",
        ast.Gt: "__gt__",
        ast.GtE: "__ge__",
        ast.In: "__contains__",
        ast.NotIn: "__contains__",
        ast.USub: "__neg__",
        ast.UAdd: "__pos__",
        ast.Invert: "__invert__",
        ast.Not: "__bool__",
    }
)


BLANKS = frozenset(" \n\t")

# What may be an object of a class with a truth of its own; a comparison is a bool.
TESTED = (ast.Name, ast.Attribute, ast.Call, ast.Subscript, ast.NamedExpr, ast.Await)


def lower(scope: ScopeBuilder, node: ast.expr) -> int:
    """Emit what `node` does and return the register of its value."""
    return TABLE[type(node)](scope, node)


def lower_test(scope: ScopeBuilder, node: ast.expr) -> int:
    """Emit `node` as a condition, whose truth may be a call, and return the register of its value."""
    register = lower(scope, node)
    if isinstance(node, TESTED):
        scope.emit(Opcode.TEST, register, node.lineno)
    return register


def lower_call(
    scope: ScopeBuilder, function: int, arguments: Sequence[int], node: ast.expr, *, flags: int = 0
) -> int:
    """Emit a call with plain positional arguments; it stands where `node` does."""
    scope.flow.stored.clear()
    where = (node.lineno, flags | (IN_LOOP if scope.loop_depth else 0), _column(node))
    return scope.value(Opcode.CALL, function, tuple(arguments), (), None, None, *where)


def _column(node: ast.expr) -> int:
    return node.col_offset + 1


def _name(scope: ScopeBuilder, node: ast.Name) -> int:
    return scope.read(node.id)


def _constant(scope: ScopeBuilder, node: ast.Constant) -> int:
    value = node.value
    if isinstance(value, (str, int)):
        return scope.once(Opcode.CONSTANT, value)
    if value is None:
        return scope.none()
    if value is Ellipsis:
        return scope.nothing()
    return scope.once(Opcode.LITERAL, type(value).__name__)


def _formatted(scope: ScopeBuilder, node: Any) -> int:
    parts: list[str | int] = []
    for part in node.values:
        if isinstance(part, ast.Constant):
            parts.append(str(part.value))
        else:
            parts.append(lower(scope, part.value))
            if part.format_spec is not None:
                lower(scope, part.format_spec)
    if any(isinstance(part, str) and set(part) & BLANKS for part in parts):
        return scope.once(Opcode.LITERAL, "str")  # a message
    return scope.value(Opcode.FORMAT, tuple(parts))


def _attribute(scope: ScopeBuilder, node: ast.Attribute) -> int:
    return scope.value(Opcode.ATTR, lower(scope, node.value), node.attr, node.lineno)


def _call(scope: ScopeBuilder, node: ast.Call) -> int:
    if _is_super(node):
        return _super(scope, node)
    if _is_eval(node):
        return _eval(scope, node)
    function = lower(scope, node.func)
    positional, star = _positional(scope, node.args)
    keywords = tuple((each.arg, lower(scope, each.value)) for each in node.keywords if each.arg is not None)
    double = [lower(scope, each.value) for each in node.keywords if each.arg is None]
    scope.flow.stored.clear()
    double_star = scope.merged(set(double)) if double else None
    where = (node.lineno, IN_LOOP if scope.loop_depth else 0, _column(node))
    result = scope.value(Opcode.CALL, function, positional, keywords, star, double_star, *where)
    _note_update(scope, node, positional)
    return result


def _positional(scope: ScopeBuilder, arguments: list[ast.expr]) -> tuple[tuple[int, ...], int | None]:
    """Return the arguments before the first * and one register for everything from there on."""
    plain: list[int] = []
    starred: list[int] = []
    for argument in arguments:
        if isinstance(argument, ast.Starred):
            starred.append(lower(scope, argument.value))
        elif starred:
            starred.append(scope.value(Opcode.SEQUENCE, "tuple", (lower(scope, argument),), ()))
        else:
            plain.append(lower(scope, argument))
    return tuple(plain), scope.merged(set(starred)) if starred else None


def _note_update(scope: ScopeBuilder, node: ast.Call, positional: tuple[int, ...]) -> None:
    """Remember what `d.update({...})` stored, where `d` is known to be a dictionary."""
    function = node.func
    if not (isinstance(function, ast.Attribute) and function.attr == "update" and len(positional) == 1):
        return
    items = scope.dict_items.get(positional[0])
    if items is None or not isinstance(function.value, ast.Name):
        return
    name = function.value.id
    if scope.flow.names.get(name, frozenset()) & scope.dict_items.keys():
        for key, register in items.items():
            scope.flow.store((name, key), register)


def _is_super(node: ast.Call) -> bool:
    return isinstance(node.func, ast.Name) and node.func.id == "super" and not node.args


def _super(scope: ScopeBuilder, node: ast.Call) -> int:
    """Spell out the arguments that the compiler passes to a bare super()."""
    method = scope
    while method.parent is not None and method.parent.kind != "class":
        method = method.parent
    function = scope.once(Opcode.NAME, "super")
    if method.parent is None or not method.parameters.positional:
        return lower_call(scope, function, (), node)
    owner = scope.once(Opcode.FREE, method.parent.index, -1)
    first = scope.read(method.parameters.positional[0])
    return lower_call(scope, function, (owner, first), node)


def _is_eval(node: ast.Call) -> bool:
    return (
        isinstance(node.func, ast.Name)
        and node.func.id == "eval"
        and len(node.args) == 1
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
    )


def _eval(scope: ScopeBuilder, node: ast.Call) -> int:
    """Read the constant text that is evaluated as if it stood there."""
    function = lower(scope, node.func)
    called = lower_call(scope, function, [lower(scope, node.args[0])], node)
    try:
        inner = ast.parse(ast.literal_eval(node.args[0]).strip(), mode="eval").body
    except (SyntaxError, ValueError):
        return called  # the call raises at run time, or the text is not for this Python
    for each in ast.walk(inner):
        if isinstance(each, (ast.expr, ast.keyword)):
            each.lineno, each.col_offset = node.lineno, node.col_offset
    return lower(scope, inner)


def _binary(scope: ScopeBuilder, node: ast.BinOp) -> int:
    left, right = lower(scope, node.left), lower(scope, node.right)
    return scope.value(Opcode.OPERATE, OPERATORS[type(node.op)], left, right, node.lineno)


def _unary(scope: ScopeBuilder, node: ast.UnaryOp) -> int:
    if isinstance(node.op, ast.USub) and isinstance(node.operand, ast.Constant):
        value = node.operand.value
        if isinstance(value, int):
            return scope.once(Opcode.CONSTANT, -value)
    operand = lower(scope, node.operand)
    return scope.value(Opcode.OPERATE, OPERATORS[type(node.op)], operand, None, node.lineno)


def _compare(scope: ScopeBuilder, node: ast.Compare) -> int:
    left = lower(scope, node.left)
    for operator, comparator in zip(node.ops, node.comparators, strict=True):
        right = lower(scope, comparator)
        dunder = OPERATORS.get(type(operator))
        if dunder == "__contains__":
            scope.value(Opcode.OPERATE, dunder, right, left, node.lineno)
        elif dunder is not None:
            scope.value(Opcode.OPERATE, dunder, left, right, node.lineno)
        left = right
    return scope.once(Opcode.LITERAL, "bool")


def _boolean(scope: ScopeBuilder, node: ast.BoolOp) -> int:
    found: set[int] = set()
    conditions: tuple[Condition, ...] = ()
    for value in node.values:
        with scope.under(conditions):
            found.add(lower(scope, value) if value is node.values[-1] else lower_test(scope, value))
        conditions += when(scope, value, holds=isinstance(node.op, ast.And))
    return scope.merged(found)


def _conditional(scope: ScopeBuilder, node: ast.IfExp) -> int:
    lower_test(scope, node.test)
    with scope.under(when(scope, node.test, holds=True)):
        body = lower(scope, node.body)
    with scope.under(when(scope, node.test, holds=False)):
        orelse = lower(scope, node.orelse)
    return scope.merged({body, orelse})


def _walrus(scope: ScopeBuilder, node: ast.NamedExpr) -> int:
    register = lower(scope, node.value)
    scope.write(node.target.id, register)
    return register


def _await(scope: ScopeBuilder, node: ast.Await) -> int:
    scope.flow.stored.clear()
    return lower(scope, node.value)  # an async function's result stands for what awaiting it gives


def _yield(scope: ScopeBuilder, node: ast.Yield) -> int:
    if node.value is not None:
        scope.emit(Opcode.YIELD, lower(scope, node.value))
    scope.flow.stored.clear()
    return scope.nothing()


def _delegate(scope: ScopeBuilder, node: ast.YieldFrom) -> int:
    scope.flow.stored.clear()
    return scope.value(Opcode.DELEGATE, lower(scope, node.value), node.lineno)


def _starred(scope: ScopeBuilder, node: ast.Starred) -> int:
    return lower(scope, node.value)


def _lambda(scope: ScopeBuilder, node: ast.Lambda) -> int:
    from bridge.analysis.lowering.definitions import lower_lambda

    return lower_lambda(scope, node)


def _display(scope: ScopeBuilder, node: ast.expr) -> int:
    from bridge.analysis.lowering.displays import lower_display

    return lower_display(scope, node)


TABLE: MappingProxyType[type[ast.expr], Callable[[ScopeBuilder, Any], int]] = MappingProxyType(
    {
        ast.Name: _name,
        ast.Constant: _constant,
        ast.JoinedStr: _formatted,
        ast.Attribute: _attribute,
        ast.Call: _call,
        ast.BinOp: _binary,
        ast.UnaryOp: _unary,
        ast.Compare: _compare,
        ast.BoolOp: _boolean,
        ast.IfExp: _conditional,
        ast.NamedExpr: _walrus,
        ast.Await: _await,
        ast.Yield: _yield,
        ast.YieldFrom: _delegate,
        ast.Starred: _starred,
        ast.Lambda: _lambda,
        **dict.fromkeys(
            (
                ast.List,
                ast.Tuple,
                ast.Set,
                ast.Dict,
                ast.Subscript,
                ast.Slice,
                ast.ListComp,
                ast.SetComp,
                ast.DictComp,
                ast.GeneratorExp,
            ),
            _display,
        ),
        getattr(ast, "TemplateStr", ast.JoinedStr): _formatted,  # 3.14
    }
)
