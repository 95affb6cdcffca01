from __future__ import annotations

from pathlib import Path

import pytest

from bridge.analysis.suppression import suppressed, suppressions_in
from tests.analysis.making import finding


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("x()  # noqa: WB101\n", ["WB101"]),
        ("x()  # noqa:WB101,WB201\n", ["WB101", "WB201"]),
        ("x()  # NOQA: wb101\n", ["WB101"]),
        ("x()  # noqa: E501, WB101 - the client caches\n", ["WB101"]),
        ("x()  # type: ignore # noqa: WB101\n", ["WB101"]),
        ("x()  # noqa\n", []),
        ("x()  # noqa: E501\n", []),
        ("x()  # noqa: WB1\n", []),
        ('x = "# noqa: WB101"\n', []),
        ("'''\nx()  # noqa: WB101\n'''\n", []),
        ("x(  # noqa: WB101\n", ["WB101"]),
        ("print 'old'  # noqa: WB101\n", ["WB101"]),
    ],
)
def test_codes_are_read_from_comments(tmp_path: Path, text: str, codes: list[str]) -> None:
    (tmp_path / "a.py").write_text(text)
    assert [each.code for each in suppressions_in(tmp_path, ["a.py"])] == codes


def test_a_suppression_takes_its_rule_on_its_line_only(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x()  # noqa: WB201\n")
    here = finding(file="a.py", line=1)
    others = [finding(file="a.py", line=2), finding(file="a.py", line=1, rule="WB101"), finding(line=1)]
    left = suppressed([here, *others], suppressions_in(tmp_path, ["a.py"]))
    assert left.kept == tuple(others)
    assert left.unused == ()


def test_a_suppression_that_takes_nothing_is_told_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("\nx()  # noqa: WB201\n")
    [unused] = suppressed([], suppressions_in(tmp_path, ["a.py"])).unused
    assert (unused.sink, unused.file, unused.line, unused.column) == ("# noqa: WB201", "a.py", 2, 6)


def test_a_file_that_cannot_be_read_has_none(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_bytes(b"# coding: nonsense\nx()  # noqa: WB201\n")
    assert suppressions_in(tmp_path, ["a.py", "gone.py"]) == ()
