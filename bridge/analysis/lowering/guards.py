"""What a parameter must be for a piece of code to run: `if wait:`, `flag and ask()`, `if user is None: return`.

Three kinds of values are told apart, as bits, so that a set of them is a number: None, what is false otherwise, and
what is true. Only a parameter counts that has not been assigned since.
"""

from __future__ import annotations

import ast

from bridge.analysis.facts import FALSE, FIRST_PARAMETER, NONE, TRUE
from bridge.analysis.lowering.scope import ScopeBuilder

__all__ = ["Condition", "kind_of", "when"]

Condition = tuple[int, int]  # the register of a parameter, and the kinds that it may have

_OPPOSITE = {NONE: FALSE | TRUE, FALSE | TRUE: NONE, TRUE: NONE | FALSE, NONE | FALSE: TRUE}


def kind_of(value: object) -> int:
    """Return the kind of a constant."""
    return NONE if value is None else TRUE if value else FALSE


def when(scope: ScopeBuilder, test: ast.expr, *, holds: bool) -> tuple[Condition, ...]:
    """Return what must be so where `test` holds, or where it does not; () where nothing is known."""
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return when(scope, test.operand, holds=not holds)
    if isinstance(test, ast.BoolOp):
        if isinstance(test.op, ast.And) is not holds:
            return ()  # any one of them may be why
        return tuple(condition for each in test.values for condition in when(scope, each, holds=holds))
    found = _tested(test)
    if found is None:
        return ()
    name, kinds = found
    register = _parameter(scope, name)
    return () if register is None else ((register, kinds if holds else _OPPOSITE[kinds]),)


def _tested(test: ast.expr) -> tuple[str, int] | None:
    """Return a name and what it must be for `test` to hold: `name`, `name is None`, `name is not None`."""
    if isinstance(test, ast.Name):
        return test.id, TRUE
    if isinstance(test, ast.Compare) and isinstance(test.left, ast.Name) and len(test.ops) == 1:
        right = test.comparators[0]
        if isinstance(right, ast.Constant) and right.value is None:
            if isinstance(test.ops[0], ast.Is):
                return test.left.id, NONE
            if isinstance(test.ops[0], ast.IsNot):
                return test.left.id, FALSE | TRUE
    return None


def _parameter(scope: ScopeBuilder, name: str) -> int | None:
    """Return the register of a parameter that has still the value that the call gave it."""
    if name not in scope.parameters.names or name in scope.changed:
        return None
    reaching = scope.flow.names.get(name, frozenset())
    register = scope.parameters.register(name)
    return (
        register if register is not None and reaching == {register} and register >= FIRST_PARAMETER else None
    )
