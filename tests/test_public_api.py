"""What `import bridge` costs and offers, and what every public module promises."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

import bridge

PACKAGE = Path(bridge.__file__).parent
HEAVY = ["a2wsgi", "click", "greenlet", "rich", "bridge.analysis", "bridge.cli", "bridge.reports"]


def module_name(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {
    module_name(path): path
    for path in sorted(PACKAGE.rglob("*.py"))
    if not any(part.startswith("_") and part != "__init__.py" for part in path.relative_to(PACKAGE).parts)
}


def loaded_after(statement: str) -> set[str]:
    code = f"import sys\n{statement}\nprint(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=30
    )
    return set(done.stdout.split())


@pytest.mark.parametrize("statement", ["import bridge", "from bridge import WsgiToAsgi"])
def test_import_bridge_loads_nothing_heavy(statement: str) -> None:
    assert loaded_after(statement).isdisjoint(HEAVY)


def test_every_public_name_can_be_imported_and_is_listed() -> None:
    names = vars(bridge)["__all__"]
    assert [name for name in names if getattr(bridge, name, None) is None] == []
    assert set(names) <= set(dir(bridge))


def test_an_unknown_public_name_raises_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no_such_name"):
        getattr(bridge, "no_such_name")  # noqa: B009 - a plain attribute would not pass the type checker


def defines_something(path: Path) -> bool:
    _docstring, *rest = ast.parse(path.read_text("utf-8")).body
    return any(not (isinstance(node, ast.ImportFrom) and node.module == "__future__") for node in rest)


@pytest.mark.parametrize("module", [name for name, path in MODULES.items() if defines_something(path)])
def test_every_public_module_has_an_all_whose_names_exist(module: str) -> None:
    imported = importlib.import_module(module)
    names = imported.__all__
    assert len(set(names)) == len(names)
    assert [name for name in names if not hasattr(imported, name)] == []  # some load when they are asked for


@pytest.mark.parametrize("module", MODULES)
def test_every_public_module_opens_with_a_docstring(module: str) -> None:
    assert ast.get_docstring(ast.parse(MODULES[module].read_text("utf-8")))
