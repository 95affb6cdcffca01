"""Imports of the interpreter: names are bound, and followed when they are read."""

from __future__ import annotations

import ast
import sys

from bridge.analysis.frameworks.django.data import External, Lazy, Raised, Scope
from bridge.analysis.frameworks.django.interpreter import Interpreter
from bridge.analysis.names import absolute_import

__all__ = ["bind_missing", "import_modules", "import_names"]

# What these import from themselves is known by name; their source would only be slower and less exact.
MODELLED = frozenset({"django", "rest_framework", "rest_framework_nested"})


def import_modules(interpreter: Interpreter, scope: Scope, node: ast.Import) -> None:
    """Run `import a.b as c`. Raises Raised("ImportError")."""
    for each in node.names:
        _require(interpreter, scope, each.name)
        root = each.name.partition(".")[0]
        scope.names[each.asname or root] = Lazy(each.name if each.asname else root)


def import_names(interpreter: Interpreter, scope: Scope, node: ast.ImportFrom) -> None:
    """Run `from a import b as c`. Raises Raised("ImportError")."""
    package = interpreter.sources.is_package(scope.module)
    source = absolute_import(scope.module, is_package=package, level=node.level, target=node.module or "")
    _require(interpreter, scope, source)
    for each in node.names:
        if _imports_now(interpreter, scope) and interpreter.sources.is_own(f"{source}.{each.name}"):
            interpreter.module(f"{source}.{each.name}")
        if each.name == "*":
            _take_all(interpreter, scope, source)
        else:
            scope.names[each.asname or each.name] = Lazy(
                source, each.name, _is_inner(interpreter, scope, source)
            )


def _is_inner(interpreter: Interpreter, scope: Scope, source: str) -> bool:
    """Return whether a library imports from itself: then its own code is what counts."""
    top = source.partition(".")[0]
    return top == scope.module.partition(".")[0] and top not in MODELLED


def _imports_now(interpreter: Interpreter, scope: Scope) -> bool:
    """Return whether what a module imports is run at once: views and admin classes register themselves by that."""
    last = scope.module.rpartition(".")[2]
    registers = scope.module in interpreter.for_effect or any(
        word in last for word in ("urls", "admin", "router")
    )
    return scope.kind == "module" and registers


def _require(interpreter: Interpreter, scope: Scope, module: str) -> None:
    """Raise ImportError for a module that is not there, as far as the environment is known."""
    sources = interpreter.sources
    if module in interpreter.eager or (_imports_now(interpreter, scope) and sources.is_own(module)):
        interpreter.module(module)
    top = module.partition(".")[0]
    own = sources.is_own(top) or any(sources.is_own(f"{top}.{inner}") for inner in ("settings", "urls"))
    if (
        own or (sources.environment.is_complete and top not in sys.stdlib_module_names)
    ) and not sources.exists(module):
        raise Raised("ImportError", module)


def bind_missing(interpreter: Interpreter, scope: Scope, node: ast.stmt) -> bool:
    """Bind what a library's import would have bound, by name, where the library is not installed; False: is no such.

    An import that nothing guards works where the project runs: there is more in its environment than in the one that is
    read. What is missing then is told where something is asked of it.
    """
    if not isinstance(node, (ast.Import, ast.ImportFrom)):
        return False
    names = [each.name for each in node.names]
    packages = {
        each.partition(".")[0]
        for each in ([node.module or ""] if isinstance(node, ast.ImportFrom) else names)
    }
    if any(not each or interpreter.sources.exists(each) for each in packages):
        return False
    for each in node.names:
        if isinstance(node, ast.ImportFrom):
            scope.names[each.asname or each.name] = External(f"{node.module}.{each.name}")
        else:
            root = each.name.partition(".")[0]
            scope.names[each.asname or root] = External(each.name if each.asname else root)
    return True


def _take_all(interpreter: Interpreter, scope: Scope, source: str) -> None:
    found = interpreter.module(source)
    if found is None:
        return
    listed = found.names.get("__all__")
    names = (
        listed if isinstance(listed, (list, tuple)) else [each for each in found.names if each[0] not in "_<"]
    )
    for name in names:
        if isinstance(name, str) and name in found.names:
            scope.names[name] = found.names[name]
