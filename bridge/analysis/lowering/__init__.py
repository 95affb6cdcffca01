"""One file's syntax tree -> `ModuleFacts`.

bindings.py     which names a scope binds
flow.py         which registers a name may stand in, here
scope.py        a scope under construction
expressions.py  an expression -> the register of its value
displays.py     literals, comprehensions, subscripts
statements.py   statements, branches and loops
definitions.py  functions, classes, lambdas
"""

from __future__ import annotations

import ast

from bridge.analysis.facts import ModuleFacts
from bridge.analysis.lowering.bindings import bound_names
from bridge.analysis.lowering.scope import FileBuilder, ScopeBuilder
from bridge.analysis.lowering.statements import lower_body

__all__ = ["lower_module"]


def lower_module(tree: ast.Module, *, lines: int) -> ModuleFacts:
    """Return the facts of a parsed file of `lines` lines. Raises RecursionError for absurdly deep nesting."""
    file = FileBuilder()
    bindings = bound_names(tree.body)
    module = ScopeBuilder(file, kind="module", name="", parent=None, line=1, bindings=bindings)
    lower_body(module, tree.body)
    module.finish()
    return ModuleFacts(scopes=file.scopes(), lines=lines)
