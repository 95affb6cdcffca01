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
