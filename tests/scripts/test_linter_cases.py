from __future__ import annotations

from pathlib import Path

import pytest

from scripts.linter_cases_score import cases_in, main, score

FOUND = "import requests\n\n\nasync def foo():\n    requests.get()  # ASYNC210: 4, 'requests.get'\n"


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text)
    return path


def test_a_case_is_a_line_of_code_with_a_code_behind_it() -> None:
    lines = [
        "# ASYNC222",
        "os.wait()  # ASYNC222: 4, 'os.wait'",
        "f.read()  # ASYNC232_asyncio: 4",
        "x()  # ok",
    ]
    assert [(line, code) for line, code, _ in cases_in(lines)] == [(2, "ASYNC222"), (3, "ASYNC232")]


def test_a_case_that_is_found_is_told_with_our_rule(tmp_path: Path) -> None:
    assert [case.found for case in score(write(tmp_path, "async210.py", FOUND)).cases] == [("WB710",)]


def test_modules_that_a_file_does_not_import_are_imported_in_its_first_line(tmp_path: Path) -> None:
    text = "# type: ignore\n\n\nasync def foo():\n    os.wait()  # ASYNC222: 4, 'os.wait'\n"
    assert [case.found for case in score(write(tmp_path, "async22x.py", text)).cases] == [("WB722",)]


def test_a_missed_case_fails_and_is_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, "async210.py", FOUND + "    quick()  # ASYNC210: 4, 'quick'\n")
    assert main([str(tmp_path)]) == 1
    out = capsys.readouterr().out
    assert "MISSED async210.py:6: quick()" in out
    assert out.endswith("2 cases, 1 found, 0 excused, 1 missed\n")


def test_an_excused_case_does_not_fail(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, "async210.py", FOUND + "    urlopen()  # ASYNC210: 4, 'urlopen'\n")
    assert main([str(tmp_path)]) == 0
    assert capsys.readouterr().out.endswith("2 cases, 1 found, 1 excused, 0 missed\n")


def test_a_folder_without_cases_is_wrong_usage(tmp_path: Path) -> None:
    assert main([str(tmp_path)]) == 2
