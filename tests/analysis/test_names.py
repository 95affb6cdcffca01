from __future__ import annotations

from pathlib import PurePosixPath

import pytest

from bridge.analysis.names import absolute_import, module_name


@pytest.mark.parametrize(
    ("path", "name"),
    [("a.py", "a"), ("pkg/__init__.py", "pkg"), ("pkg/mod.py", "pkg.mod"), ("__init__.py", "")],
)
def test_a_module_is_named_by_its_path(path: str, name: str) -> None:
    assert module_name(PurePosixPath(path)) == name


@pytest.mark.parametrize(
    ("module", "is_package", "level", "target", "found"),
    [
        ("pkg.mod", False, 0, "os.path", "os.path"),
        ("pkg.mod", False, 1, "other", "pkg.other"),
        ("pkg", True, 1, "other", "pkg.other"),
        ("pkg.sub.mod", False, 2, "", "pkg"),
        ("pkg.sub", True, 2, "x.y", "pkg.x.y"),
        ("mod", False, 3, "x", "x"),
    ],
)
def test_a_relative_import_is_made_absolute(
    module: str, is_package: bool, level: int, target: str, found: str
) -> None:
    assert absolute_import(module, is_package=is_package, level=level, target=target) == found
