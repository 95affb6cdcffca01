from __future__ import annotations

from pathlib import Path

import pytest

from bridge.cli.main import main
from bridge.cli.output_file import CannotWrite, write_file


def test_a_text_is_written_in_utf8_and_a_lone_surrogate_becomes_a_question_mark(tmp_path: Path) -> None:
    write_file(tmp_path / "out.txt", "caf\u00e9 \udcff\n")
    assert (tmp_path / "out.txt").read_bytes() == b"caf\xc3\xa9 ?\n"


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(CannotWrite, match="cannot be written: Is a directory"):
        write_file(tmp_path, "")


@pytest.mark.parametrize(
    "command",
    [
        ("report", ".", "--output-file", "no/folder/report.json"),
        ("check", ".", "--output-file", "no/folder/findings.json"),
        ("check", ".", "--baseline", "no/folder/baseline.json", "--update-baseline"),
        ("plan", ".", "--output-file", "no/folder/plan.md"),
        ("graph", ".", "--output-file", "no/folder/graph.json"),
        ("lanes", ".", "--output-file", "no/folder/lanes.toml"),
        ("trace", "--output-file", "no/folder/trace.json", "--", "true"),
    ],
    ids=" ".join,
)
def test_every_verb_says_which_file_it_cannot_write_and_ends_with_2(
    command: tuple[str, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "app.py").write_text(
        "from flask import Flask\napp = Flask(__name__)\n@app.route('/')\ndef index(): return 'hello'\n",
        "utf-8",
    )
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ended:
        main(command)
    # 1 would be what `check` says of findings: a build could not tell them from a typing error.
    assert ended.value.code == 2
    error = capsys.readouterr().err
    assert "cannot be written: No such file or directory." in error
    assert "Name a file in a folder that exists" in error


@pytest.mark.parametrize("verb", ["report", "check"])
@pytest.mark.parametrize("name", ["report.pdf", "report.docx", "report.json.gz"])
def test_an_ending_that_no_format_has_is_an_error_before_anything_is_read(
    verb: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)  # without a file in it: what is read would be the error
    with pytest.raises(SystemExit) as ended:
        main((verb, "--output-file", name))
    assert ended.value.code == 2
    error = capsys.readouterr().err
    assert f"--output-file {name}: no format has files that end in {Path(name).suffix}." in error
    for ending in (".html", ".json", ".sarif", ".md", ".xml", ".txt"):
        assert f"  {ending} " in error
    assert not (tmp_path / name).exists()


@pytest.mark.parametrize(
    "arguments",
    [("report",), ("report.pdf", "--output-format", "json"), ("REPORT.JSON",), ("findings.sarif.json",)],
    ids=" ".join,
)
def test_a_name_without_an_ending_and_one_whose_format_is_named_are_taken(
    arguments: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "app.py").write_text(
        "from flask import Flask\napp = Flask(__name__)\n@app.route('/')\ndef index(): return 'hello'\n",
        "utf-8",
    )
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ended:
        main(("report", "--no-cache", "--output-file", *arguments))
    assert ended.value.code == 0
    assert (tmp_path / arguments[0]).stat().st_size > 100
