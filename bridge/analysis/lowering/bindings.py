"""Which names a scope binds, without looking into the scopes inside it."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass, field

__all__ = ["Bindings", "bound_names"]

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


@dataclass(slots=True)
class Bindings:
    """The names of a scope, by how they are bound."""

    names: set[str] = field(default_factory=set)
    comprehension: set[str] = field(default_factory=set)  # seen by a lambda inside the comprehension
    globals: set[str] = field(default_factory=set)
    nonlocals: set[str] = field(default_factory=set)
    has_functions: bool = False  # functions or lambdas inside: variables may be captured
    has_yield: bool = False


def bound_names(body: Iterable[ast.AST]) -> Bindings:
    """Return the bindings of the statements (or expressions) of one scope."""
    found = Bindings()
    pending: list[tuple[ast.AST, bool]] = [(node, False) for node in body]
    while pending:
        node, inside = pending.pop()
        _note(found, node, inside=inside)
        inside = inside or isinstance(node, COMPREHENSIONS)
        pending.extend((child, inside) for child in _inner(node))
    found.names -= found.globals | found.nonlocals
    return found


def _note(found: Bindings, node: ast.AST, *, inside: bool) -> None:
    if isinstance(node, ast.Name):
        if not isinstance(node.ctx, ast.Load):
            (found.comprehension if inside else found.names).add(node.id)
    elif isinstance(node, (*FUNCTIONS, ast.ClassDef)):
        found.names.add(node.name)
        found.has_functions = True
    elif isinstance(node, ast.Lambda):
        found.has_functions = True
    elif isinstance(node, (ast.Import, ast.ImportFrom)):
        found.names.update((each.asname or each.name.partition(".")[0]) for each in node.names)
    elif isinstance(node, (ast.ExceptHandler, ast.MatchAs, ast.MatchStar)):
        found.names.update([node.name] if node.name else [])
    elif isinstance(node, ast.MatchMapping):
        found.names.update([node.rest] if node.rest else [])
    elif isinstance(node, ast.Global):
        found.globals.update(node.names)
    elif isinstance(node, ast.Nonlocal):
        found.nonlocals.update(node.names)
    elif isinstance(node, (ast.Yield, ast.YieldFrom)):
        found.has_yield = True


def _inner(node: ast.AST) -> Iterable[ast.AST]:
    """Return the children that belong to the same scope: of a definition, only what runs outside its body."""
    if isinstance(node, FUNCTIONS):
        return [*node.decorator_list, *_defaults(node.args)]
    if isinstance(node, ast.ClassDef):
        return [*node.decorator_list, *node.bases, *(each.value for each in node.keywords)]
    if isinstance(node, ast.Lambda):
        return _defaults(node.args)
    return ast.iter_child_nodes(node)


def _defaults(arguments: ast.arguments) -> list[ast.AST]:
    return [*arguments.defaults, *(each for each in arguments.kw_defaults if each is not None)]
