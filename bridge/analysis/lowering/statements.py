"""Statements: what they do, and how the state flows through branches, loops and handlers."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from types import MappingProxyType
from typing import Any

from bridge.analysis.facts import Opcode
from bridge.analysis.lowering.bindings import bound_names
from bridge.analysis.lowering.definitions import hinted, lower_class, lower_function
from bridge.analysis.lowering.displays import assign
from bridge.analysis.lowering.expressions import OPERATORS, lower, lower_test
from bridge.analysis.lowering.flow import Flow, join
from bridge.analysis.lowering.guards import Condition, filled_by, matching, when
from bridge.analysis.lowering.scope import Loop, ScopeBuilder

__all__ = ["lower_body"]


def lower_body(scope: ScopeBuilder, body: Sequence[ast.stmt]) -> None:
    """Emit the statements of one block. What stands behind a return is read, too: it hides nothing."""
    behind: list[tuple[int, Sequence[Condition]]] = []
    for statement in body:
        handler = TABLE.get(type(statement))
        if handler is not None:
            conditions = handler(scope, statement)
            if conditions:
                behind.append((len(scope.instructions), conditions))
    for first, conditions in behind:
        scope.guard(first, conditions)


def _expression(scope: ScopeBuilder, node: ast.Expr) -> None:
    if not isinstance(node.value, ast.Constant):
        lower(scope, node.value)


def _assign(scope: ScopeBuilder, node: ast.Assign) -> None:
    register = lower(scope, node.value)
    for target in node.targets:
        assign(scope, target, register)


def _annotated(scope: ScopeBuilder, node: ast.AnnAssign) -> None:
    registers = set() if node.value is None else {lower(scope, node.value)}
    if isinstance(node.target, ast.Name):
        scope.annotated.append(node.target.id)
    hints = hinted(scope, node.annotation)
    if hints:
        target = scope.register()
        for register in registers:
            scope.emit(Opcode.COPY, target, register)
        for hint in hints:
            scope.emit(Opcode.HINT, target, *hint)
        registers = {target}
    if registers:
        assign(scope, node.target, registers.pop())


def _augmented(scope: ScopeBuilder, node: ast.AugAssign) -> None:
    loaded = ast.copy_location(_as_load(node.target), node.target)
    old, new = lower(scope, loaded), lower(scope, node.value)
    in_place = OPERATORS[type(node.op)].replace("__", "__i", 1)
    scope.value(Opcode.OPERATE, in_place, old, new, node.lineno)
    result = scope.value(Opcode.OPERATE, OPERATORS[type(node.op)], old, new, node.lineno)
    assign(scope, node.target, scope.merged({old, result}))


def _as_load(target: ast.Name | ast.Attribute | ast.Subscript) -> ast.expr:
    if isinstance(target, ast.Name):
        return ast.Name(target.id, ast.Load())
    if isinstance(target, ast.Attribute):
        return ast.Attribute(target.value, target.attr, ast.Load())
    return ast.Subscript(target.value, target.slice, ast.Load())


def _return(scope: ScopeBuilder, node: ast.Return) -> None:
    if node.value is not None:
        with scope.leaving():
            register = lower(scope, node.value)
        scope.emit(Opcode.RETURN, register)
    scope.flow.live = False


def _raise(scope: ScopeBuilder, node: ast.Raise) -> None:
    if node.exc is not None:
        register = lower(scope, node.exc)
        if not isinstance(node.exc, ast.Call):
            scope.emit(Opcode.RAISE, register, node.lineno)
    if node.cause is not None:
        lower(scope, node.cause)
    scope.flow.live = False


def _delete(scope: ScopeBuilder, node: ast.Delete) -> None:
    for target in node.targets:
        if isinstance(target, ast.Attribute):
            scope.emit(Opcode.DELATTR, lower(scope, target.value), target.attr, target.lineno)
        elif isinstance(target, ast.Subscript):
            lower(scope, target.value)
    scope.flow.stored.clear()


def _assert(scope: ScopeBuilder, node: ast.Assert) -> None:
    lower_test(scope, node.test)
    if node.msg is not None:
        lower(scope, node.msg)


def _if(scope: ScopeBuilder, node: ast.If) -> Sequence[Condition] | None:
    """Emit both branches; return what must be so behind them, where one of them leaves."""
    lower_test(scope, node.test)
    before, ends = scope.flow, []
    conditions = [when(scope, node.test, holds=holds) for holds in (True, False)]
    kept, first = filled_by(scope, node), len(scope.instructions)
    for body, condition in zip((node.body, node.orelse), conditions, strict=True):
        scope.flow = before.fork()
        with scope.under(condition):
            lower_body(scope, body)
        ends.append(scope.flow)
        if kept and body is node.body:
            scope.filling.append((first, len(scope.instructions), kept))
    scope.flow = join(ends)
    staying = [condition for end, condition in zip(ends, conditions, strict=True) if end.live]
    return staying[0] if len(staying) == 1 else None


def _for(scope: ScopeBuilder, node: ast.For | ast.AsyncFor) -> None:
    element = scope.value(Opcode.ITERATE, lower(scope, node.iter), node.iter.lineno)
    _loop(scope, node.body, node.orelse, lambda: assign(scope, node.target, element), [node.target])


def _while(scope: ScopeBuilder, node: ast.While) -> None:
    _loop(scope, node.body, node.orelse, lambda: _condition(scope, node.test), [ast.Expr(node.test)])


def _condition(scope: ScopeBuilder, test: ast.expr) -> None:
    if not isinstance(test, ast.Constant):
        lower_test(scope, test)


def _loop(
    scope: ScopeBuilder,
    body: list[ast.stmt],
    orelse: list[ast.stmt],
    start: Callable[[], None],
    head: Sequence[ast.AST],
) -> None:
    entry = scope.flow.fork()
    joins = {name: scope.register() for name in sorted(bound_names([*head, *body]).names)}
    for name, register in joins.items():
        for reaching in sorted(entry.names.get(name, ())):
            scope.emit(Opcode.COPY, register, reaching)
        entry.names[name] = frozenset((register,))
    loop = Loop()
    scope.loops.append(loop)
    scope.loop_depth += 1
    first = len(scope.instructions)
    scope.flow = entry.fork()
    start()
    lower_body(scope, body)
    scope.loop_depth -= 1
    scope.note_loop(first)
    scope.loops.pop()
    _close_loop(scope, joins, [scope.flow, *loop.continues, *loop.breaks])
    scope.flow = join([entry, *([scope.flow] if scope.flow.live else []), *loop.continues])
    lower_body(scope, orelse)
    if loop.breaks:
        scope.flow = join([scope.flow, *loop.breaks])


def _close_loop(scope: ScopeBuilder, joins: dict[str, int], ends: list[Flow]) -> None:
    for name, register in joins.items():
        reaching = frozenset[int]().union(*(flow.names.get(name, frozenset()) for flow in ends)) - {register}
        for each in sorted(reaching):
            scope.emit(Opcode.COPY, register, each)


def _leave(scope: ScopeBuilder, node: ast.Break | ast.Continue) -> None:
    if scope.loops:
        loop = scope.loops[-1]
        (loop.breaks if isinstance(node, ast.Break) else loop.continues).append(scope.flow.fork())
    scope.flow.live = False


def _try(scope: ScopeBuilder, node: Any) -> None:
    before = scope.flow.fork()
    assigned: dict[str, set[int]] = {}
    scope.assigned.append(assigned)
    scope.catching += 1
    lower_body(scope, node.body)
    scope.catching -= 1
    scope.assigned.pop()
    interrupted = before.fork()  # a handler starts in any state that the body went through
    for name, registers in assigned.items():
        interrupted.names[name] = before.names.get(name, frozenset()) | registers
    lower_body(scope, node.orelse)
    ends = [scope.flow]
    for handler in node.handlers:
        scope.flow = interrupted.fork()
        _handler(scope, handler)
        ends.append(scope.flow)
    scope.flow = join(ends)
    lower_body(scope, node.finalbody)


def _handler(scope: ScopeBuilder, handler: ast.ExceptHandler) -> None:
    caught = scope.nothing()
    if handler.type is not None:
        types = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
        caught = scope.register()
        for each in types:
            scope.emit(Opcode.HINT, caught, lower(scope, each), "")
    if handler.name is not None:
        scope.write(handler.name, caught)
    lower_body(scope, handler.body)


def _with(scope: ScopeBuilder, node: ast.With | ast.AsyncWith) -> None:
    for item in node.items:
        entered = scope.value(Opcode.ENTER, lower(scope, item.context_expr), item.context_expr.lineno)
        if item.optional_vars is not None:
            assign(scope, item.optional_vars, entered)
    scope.flow.stored.clear()
    scope.catching += 1
    lower_body(scope, node.body)
    scope.catching -= 1


def _import(scope: ScopeBuilder, node: ast.Import) -> None:
    for each in node.names:
        whole = each.asname is not None
        register = scope.value(Opcode.IMPORT, each.name, whole)
        scope.write(each.asname or each.name.partition(".")[0], register)


def _import_from(scope: ScopeBuilder, node: ast.ImportFrom) -> None:
    module = node.module or ""
    for each in node.names:
        if each.name == "*":
            scope.emit(Opcode.STAR, node.level, module)
        else:
            register = scope.value(Opcode.FROM, node.level, module, each.name)
            scope.write(each.asname or each.name, register)


def _match(scope: ScopeBuilder, node: ast.Match) -> None:
    subject = lower(scope, node.subject)
    before, ends = scope.flow, [scope.flow.fork()]
    for case in node.cases:
        scope.flow = before.fork()
        _pattern(scope, case.pattern, subject)
        if case.guard is not None:
            lower_test(scope, case.guard)
        with scope.under(matching(scope, node.subject, case.pattern)):
            lower_body(scope, case.body)
        ends.append(scope.flow)
    scope.flow = join(ends)


def _pattern(scope: ScopeBuilder, pattern: ast.pattern, subject: int) -> None:
    """Bind the names of a pattern: the whole subject, or what its attributes and elements are."""
    if isinstance(pattern, ast.MatchAs):
        if pattern.name is not None:
            scope.write(pattern.name, subject)
        if pattern.pattern is not None:
            _pattern(scope, pattern.pattern, subject)
    elif isinstance(pattern, ast.MatchStar):
        if pattern.name is not None:
            scope.write(pattern.name, subject)
    elif isinstance(pattern, ast.MatchOr):
        for each in pattern.patterns:
            _pattern(scope, each, subject)
    elif isinstance(pattern, ast.MatchSequence):
        for index, each in enumerate(pattern.patterns):
            _pattern(scope, each, scope.value(Opcode.UNPACK, subject, index, None))
    elif isinstance(pattern, ast.MatchClass):
        for name, each in zip(pattern.kwd_attrs, pattern.kwd_patterns, strict=True):
            _pattern(scope, each, scope.value(Opcode.ATTR, subject, name, pattern.lineno))
    elif isinstance(pattern, ast.MatchMapping):
        for key, each in zip(pattern.keys, pattern.patterns, strict=True):
            _pattern(scope, each, scope.value(Opcode.ITEM, subject, lower(scope, key), pattern.lineno))


TABLE: MappingProxyType[type[ast.stmt], Callable[[ScopeBuilder, Any], Sequence[Condition] | None]] = (
    MappingProxyType(
        {
            ast.Expr: _expression,
            ast.Assign: _assign,
            ast.AnnAssign: _annotated,
            ast.AugAssign: _augmented,
            ast.Return: _return,
            ast.Raise: _raise,
            ast.Delete: _delete,
            ast.Assert: _assert,
            ast.If: _if,
            ast.For: _for,
            ast.AsyncFor: _for,
            ast.While: _while,
            ast.Break: _leave,
            ast.Continue: _leave,
            ast.Try: _try,
            getattr(ast, "TryStar", ast.Try): _try,  # 3.11
            ast.With: _with,
            ast.AsyncWith: _with,
            ast.Import: _import,
            ast.ImportFrom: _import_from,
            ast.Match: _match,
            ast.FunctionDef: lower_function,
            ast.AsyncFunctionDef: lower_function,
            ast.ClassDef: lower_class,
        }
    )
)
