"""Functions that remember what they have worked out, in a dictionary of the function around them:

    def memoize(f):                              read as
        cache = {}
        def remembering(key):
            if key not in cache:
                cache[key] = f(key)                  <kept> = cache[key] = f(key)
            return cache[key]                        return <kept>

What stands under the key is what is put there under the key, here or in an earlier call of the same function. Which key that
is nobody knows, so without this each call would seem to give what any has given.
"""

from __future__ import annotations

import ast
from itertools import pairwise

__all__ = ["with_kept_values"]

KEPT = "<kept>"


def with_kept_values(body: list[ast.stmt], around: set[str]) -> list[ast.stmt]:
    """Return a function's body; `around` are the variables of the function around it, none for others."""
    found = list(body)
    for place, (first, second) in enumerate(pairwise(body)):
        element = _filled(first, around)
        if element is not None and isinstance(second, ast.Return) and _is_same(second.value, element):
            found[place] = _keeping(first)
            found[place + 1] = ast.copy_location(
                ast.Return(ast.copy_location(ast.Name(KEPT, ast.Load()), second)), second
            )
    return found


def _filled(statement: ast.stmt, around: set[str]) -> ast.Subscript | None:
    """Return `cache[key]` of `if key not in cache: ...; cache[key] = value`."""
    if not isinstance(statement, ast.If) or statement.orelse or not isinstance(statement.test, ast.Compare):
        return None
    test, last = statement.test, statement.body[-1]
    if len(test.ops) != 1 or not isinstance(test.ops[0], ast.NotIn) or not isinstance(last, ast.Assign):
        return None
    element, cache = last.targets[0], test.comparators[0]
    if not isinstance(element, ast.Subscript) or not isinstance(cache, ast.Name) or cache.id not in around:
        return None
    same = _is_same(element.value, cache) and _is_same(element.slice, test.left)
    return element if same and isinstance(test.left, ast.Name) else None


def _is_same(one: ast.AST | None, other: ast.expr) -> bool:
    return isinstance(one, type(other)) and _spelled(one) == _spelled(other)


def _spelled(node: ast.AST) -> str:
    return ast.unparse(node)


def _keeping(statement: ast.stmt) -> ast.stmt:
    assert isinstance(statement, ast.If)
    *before, last = statement.body
    assert isinstance(last, ast.Assign)
    kept = ast.copy_location(ast.Name(KEPT, ast.Store()), last)
    assigned = ast.copy_location(ast.Assign([kept, *last.targets], last.value), last)
    return ast.copy_location(ast.If(statement.test, [*before, assigned], []), statement)
