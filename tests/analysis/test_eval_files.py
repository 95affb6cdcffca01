"""Small programs with their findings written beside the lines, and look-alikes that must stay silent."""

from __future__ import annotations

from pathlib import Path

import pytest

from bridge.analysis.analyse import analyse
from tests.analysis.eval_expectations import expected_in, found_in, verdicts_in

FOLDER = Path(__file__).parent / "eval_files"
CASES = sorted(
    path
    for family in FOLDER.iterdir()
    if family.is_dir()
    for path in family.iterdir()
    if path.name[0] not in "_."
)


def ids(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


def test_there_are_enough_of_them() -> None:
    assert len(CASES) >= 150


@pytest.mark.parametrize("path", CASES, ids=ids)
def test_findings_are_those_that_the_file_expects(path: Path) -> None:
    files = [path] if path.is_file() else sorted((*path.rglob("*.py"), *path.rglob("*.html")))
    report = analyse(path)
    assert not report.crashed
    assert found_in(report) == expected_in(path if path.is_dir() else path.parent, files)
    verdicts = {route.id: (route.verdict.value, route.lane) for route in report.routes}
    assert {**verdicts, **verdicts_in(files)} == verdicts
