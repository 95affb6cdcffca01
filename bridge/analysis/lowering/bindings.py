"""Which names a scope binds, without looking into the scopes inside it."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

__all__ = ["Bindings", "bound_names"]

COMPREHENSIONS = frozenset({ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp})
# No node at all: the key of ** in a display, the value of `case None`.
LEAVES = frozenset({ast.Constant, ast.alias, ast.Pass, ast.Break, ast.Continue, type(None), bool})

# These hold no node that could bind a name.
EMPTY_FIELDS = frozenset(
    {
        "annotation",
        "arg",
        "asname",
        "attr",
        "cls",
        "conversion",
        "ctx",
        "id",
        "is_async",
        "kind",
        "kwd_attrs",
        "level",
    }
    | {"module", "name", "op", "ops", "rest", "returns", "simple", "str", "type_comment", "type_params"}
)


FIELDS = MappingProxyType(
    {
        kind: tuple(name for name in kind._fields if name not in EMPTY_FIELDS)
        for kind in vars(ast).values()
        if isinstance(kind, type) and issubclass(kind, ast.AST)
    }
)


@dataclass(slots=True)
class Bindings:
    """The names of a scope, by how they are bound."""

    names: set[str] = field(default_factory=set)
    comprehension: set[str] = field(default_factory=set)  # seen by a lambda inside the comprehension
    globals: set[str] = field(default_factory=set)
    nonlocals: set[str] = field(default_factory=set)
    returned: set[str] = field(default_factory=set)  # by `return name`
    has_functions: bool = False  # functions or lambdas inside: variables may be captured
    has_yield: bool = False


def bound_names(body: Iterable[ast.AST]) -> Bindings:
    """Return the bindings of the statements (or expressions) of one scope."""
    found = Bindings()
    pending: list[ast.AST] = list(body)
    comprehensions: list[ast.AST] = []
    _note_all(found, found.names, pending, comprehensions)
    while comprehensions:
        inner = comprehensions.pop()
        _note_all(found, found.comprehension, list(_children(inner)), comprehensions)
    found.names -= found.globals | found.nonlocals
    return found


def _note_all(
    found: Bindings, names: set[str], pending: list[ast.AST], comprehensions: list[ast.AST]
) -> None:
    """Note what `pending` and all below binds; comprehensions are left for later.

    Every node of a project passes here, so what most nodes are is asked first.
    """
    while pending:
        node = pending.pop()
        kind = node.__class__
        if kind is ast.Name:
            if node.ctx.__class__ is not ast.Load:  # type: ignore[attr-defined] # of a Name
                names.add(node.id)  # type: ignore[attr-defined] # of a Name
        elif kind in COMPREHENSIONS:
            comprehensions.append(node)
        elif kind not in LEAVES:
            note = NOTED.get(kind)
            if note is None:
                pending.extend(_children(node))
            else:
                pending.extend(note(found, node))


def _children(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes below `node` that may bind a name."""
    for name in FIELDS[node.__class__]:
        value = getattr(node, name)
        if value.__class__ is list:
            yield from value
        elif value is not None:
            yield value


def _definition(found: Bindings, node: Any) -> Iterable[ast.AST]:
    """Return what of a `def` or `class` belongs to the scope around it: what runs outside its body."""
    found.names.add(node.name)
    found.has_functions = True
    if isinstance(node, ast.ClassDef):
        return [*node.decorator_list, *node.bases, *(each.value for each in node.keywords)]
    return [*node.decorator_list, *_defaults(node.args)]


def _lambda(found: Bindings, node: Any) -> Iterable[ast.AST]:
    found.has_functions = True
    return _defaults(node.args)


def _defaults(arguments: ast.arguments) -> list[ast.AST]:
    return [*arguments.defaults, *(each for each in arguments.kw_defaults if each is not None)]


def _imports(found: Bindings, node: Any) -> Iterable[ast.AST]:
    found.names.update((each.asname or each.name.partition(".")[0]) for each in node.names)
    return ()


def _named(found: Bindings, node: Any) -> Iterable[ast.AST]:
    if node.name:
        found.names.add(node.name)
    return _children(node)


def _rest(found: Bindings, node: Any) -> Iterable[ast.AST]:
    if node.rest:
        found.names.add(node.rest)
    return _children(node)


def _global(found: Bindings, node: Any) -> Iterable[ast.AST]:
    found.globals.update(node.names)
    return ()


def _nonlocal(found: Bindings, node: Any) -> Iterable[ast.AST]:
    found.nonlocals.update(node.names)
    return ()


def _yield(found: Bindings, node: Any) -> Iterable[ast.AST]:
    found.has_yield = True
    return _children(node)


def _return(found: Bindings, node: Any) -> Iterable[ast.AST]:
    if isinstance(node.value, ast.Name):
        found.returned.add(node.value.id)
    return _children(node)


NOTED: MappingProxyType[type[ast.AST], Callable[[Bindings, Any], Iterable[ast.AST]]] = MappingProxyType(
    {
        ast.FunctionDef: _definition,
        ast.AsyncFunctionDef: _definition,
        ast.ClassDef: _definition,
        ast.Lambda: _lambda,
        ast.Import: _imports,
        ast.ImportFrom: _imports,
        ast.ExceptHandler: _named,
        ast.MatchAs: _named,
        ast.MatchStar: _named,
        ast.MatchMapping: _rest,
        ast.Global: _global,
        ast.Nonlocal: _nonlocal,
        ast.Yield: _yield,
        ast.YieldFrom: _yield,
        ast.Return: _return,
    }
)
