from __future__ import annotations

from pathlib import Path

import pytest

from bridge.reports.sources import SourceLine, SourceReader, printable


def write(folder: Path, content: bytes, name: str = "a.py") -> SourceReader:
    (folder / name).write_bytes(content)
    return SourceReader(folder)


def test_an_excerpt_is_the_lines_around_a_place(tmp_path: Path) -> None:
    reader = write(tmp_path, b"one\ntwo\nthree\nfour\nfive\n")
    assert reader.excerpt("a.py", 3, before=1, after=1) == (
        SourceLine(2, "two", False),
        SourceLine(3, "three", True),
        SourceLine(4, "four", False),
    )


def test_an_excerpt_ends_where_the_file_does_and_has_no_blank_edges(tmp_path: Path) -> None:
    reader = write(tmp_path, b"\n\none\n\n\nlast\n\n")
    assert [line.number for line in reader.excerpt("a.py", 3)] == [3]
    assert [line.number for line in reader.excerpt("a.py", 6)] == [6]


@pytest.mark.parametrize(("line"), [0, -1, 9])
def test_a_line_that_does_not_exist_has_no_excerpt(tmp_path: Path, line: int) -> None:
    assert write(tmp_path, b"one\n").excerpt("a.py", line) == ()


@pytest.mark.parametrize(
    "content",
    [b"\xff\xfe\x00", b"# coding: no-such-codec\n", b"caf\xe9\n", b"x" * (2 * 1024 * 1024 + 1)],
    ids=["binary", "codec", "latin", "large"],
)
def test_what_cannot_be_read_has_no_excerpt(tmp_path: Path, content: bytes) -> None:
    assert write(tmp_path, content).excerpt("a.py", 1) == ()


def test_a_declared_encoding_counts(tmp_path: Path) -> None:
    (line,) = write(tmp_path, b"# coding: latin-1\n\n\n\n# \xe9\n").excerpt("a.py", 5)
    assert line.text == "# \xe9"


@pytest.mark.parametrize("name", ["../secret.py", "folder", "missing.py", "link.py", "a\x00.py"])
def test_nothing_outside_the_project_is_read(tmp_path: Path, name: str) -> None:
    root = tmp_path / "project"
    (root / "folder").mkdir(parents=True)
    (tmp_path / "secret.py").write_text("password = 1\n")
    (root / "link.py").symlink_to(tmp_path / "secret.py")
    assert SourceReader(root).excerpt(name, 1) == ()
    assert SourceReader(root).excerpt(str(tmp_path / "secret.py"), 1) == ()


def test_lines_end_as_in_python_and_tabs_are_spaces(tmp_path: Path) -> None:
    reader = write(tmp_path, "a\r\n\tb\x0cc\u2028d\r\ne".encode())
    assert [line.text for line in reader.excerpt("a.py", 2)] == ["a", "    b\ufffdc\ufffdd", "e"]


def test_a_minified_line_is_cut(tmp_path: Path) -> None:
    (line,) = write(tmp_path, b"x" * 1000).excerpt("a.py", 1)
    assert line.text == "x" * 240 + "..."


def test_printable_text_drives_nothing() -> None:
    assert printable("a\x1b[31m\r\n\u202eb\x9b") == "a\ufffd[31m\ufffd\ufffd\ufffdb\ufffd"
    assert printable("naïve → 日本") == "naïve → 日本"
