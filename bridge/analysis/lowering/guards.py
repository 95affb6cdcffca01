"""What a parameter must be for a piece of code to run: `if wait:`, `flag and ask()`, `if user is None: return`.

Three kinds of values are told apart, as bits, so that a set of them is a number: None, what is false otherwise, and
what is true. Of the latter, texts and numbers that a parameter is compared with are told apart, too:
`if action == "hide":`, `elif action in ("lock", "unlock"):`, `case "hide":`. Only a parameter counts that has not been
assigned since.
"""

from __future__ import annotations

import ast

from bridge.analysis.facts import FALSE, FIRST_PARAMETER, NONE, TRUE
from bridge.analysis.lowering.scope import ScopeBuilder

__all__ = ["Condition", "filled_by", "kind_of", "literal_of", "matching", "when"]

Literals = tuple[str | int, ...]
Condition = tuple[
    int, int, Literals
]  # the register of a parameter, and what it may be: see facts.Scope.guards

_OPPOSITE = {NONE: FALSE | TRUE, FALSE | TRUE: NONE, TRUE: NONE | FALSE, NONE | FALSE: TRUE}
_ANY = NONE | FALSE | TRUE


def kind_of(value: object) -> int:
    """Return the kind of a constant."""
    return NONE if value is None else TRUE if value else FALSE


def literal_of(value: object) -> str | int | None:
    """Return a constant that is told apart from others that are true, None if it is none (1 is True)."""
    return value if isinstance(value, (str, int)) and value and value != 1 else None


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
    name, kinds, literals = found
    register = _parameter(scope, name)
    if register is None:
        return ()
    if literals:
        return ((register, kinds if holds else TRUE if kinds == _ANY else _ANY, literals),)
    return ((register, kinds if holds else _OPPOSITE[kinds], ()),)


def filled_by(scope: ScopeBuilder, node: ast.If) -> str:
    """Return what a branch fills that runs while it is empty: `if _rows is None: _rows = load()`, `if not cls._rows: ...`.

    A variable of the module, or an attribute of the class: both live as long as the process. "" for anything else.
    """
    test = node.test
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        kept = test.operand
    elif isinstance(test, ast.Compare) and isinstance(test.ops[0], ast.Is) and _is_none(test.comparators):
        kept = test.left
    else:
        return ""
    name = _outliving(scope, kept)
    assigned = (
        target
        for each in node.body
        if isinstance(each, ast.Assign)
        for target in each.targets
        if not _is_none([each.value])
    )
    return name if name and any(_outliving(scope, each) == name for each in assigned) else ""


def _is_none(values: list[ast.expr]) -> bool:
    return len(values) == 1 and isinstance(values[0], ast.Constant) and values[0].value is None


def _outliving(scope: ScopeBuilder, kept: ast.expr) -> str:
    if isinstance(kept, ast.Name):
        return kept.id if kept.id in scope.bindings.globals else ""
    is_of_class = (
        isinstance(kept, ast.Attribute)
        and isinstance(kept.value, ast.Name)
        and kept.value.id == "cls" == next(iter(scope.parameters.names), "")
    )
    return f"cls.{kept.attr}" if is_of_class and isinstance(kept, ast.Attribute) else ""


def matching(scope: ScopeBuilder, subject: ast.expr, pattern: ast.pattern) -> tuple[Condition, ...]:
    """Return what must be so where a `case` without `if` is taken."""
    alternatives = pattern.patterns if isinstance(pattern, ast.MatchOr) else [pattern]
    values = [each.value for each in alternatives if isinstance(each, ast.MatchValue)]
    if len(values) < len(alternatives):
        return ()
    return when(scope, ast.Compare(subject, [ast.In()], [ast.Tuple(values, ast.Load())]), holds=True)


def _tested(test: ast.expr) -> tuple[str, int, Literals] | None:
    """Return a name and what it must be for `test` to hold: `name`, `name is None`, `name == "a"`, `name not in (1, 2)`."""
    if isinstance(test, ast.Name):
        return test.id, TRUE, ()
    if not isinstance(test, ast.Compare) or not isinstance(test.left, ast.Name) or len(test.ops) > 1:
        return None
    (operator,), (right,), name = test.ops, test.comparators, test.left.id
    if isinstance(operator, (ast.Is, ast.IsNot)) and isinstance(right, ast.Constant) and right.value is None:
        return name, NONE if isinstance(operator, ast.Is) else FALSE | TRUE, ()
    literals = _compared(operator, right)
    if not literals:
        return None
    return name, TRUE if isinstance(operator, (ast.Eq, ast.In)) else _ANY, literals


def _compared(operator: ast.cmpop, right: ast.expr) -> Literals:
    """Return what `== right` or `in right` compares with; () if anything of it is no literal that is true."""
    if isinstance(operator, (ast.Eq, ast.NotEq)):
        parts = [right]
    elif isinstance(operator, (ast.In, ast.NotIn)) and isinstance(right, (ast.Tuple, ast.List, ast.Set)):
        parts = right.elts
    else:
        return ()
    literals = [literal_of(each.value) for each in parts if isinstance(each, ast.Constant)]
    known = tuple(each for each in literals if each is not None)
    return known if len(known) == len(parts) else ()


def _parameter(scope: ScopeBuilder, name: str) -> int | None:
    """Return the register of a parameter that has still the value that the call gave it."""
    if name not in scope.parameters.names or name in scope.changed:
        return None
    reaching = scope.flow.names.get(name, frozenset())
    register = scope.parameters.register(name)
    return (
        register if register is not None and reaching == {register} and register >= FIRST_PARAMETER else None
    )
