from __future__ import annotations

import json
from pathlib import Path

import pytest

from scripts.official_schemas import main


def write(folder: Path, **schema: object) -> None:
    (folder / "sarif-schema-2.1.0.json").write_text(json.dumps({"type": "object", **schema}))


def test_what_fits_is_said_and_what_is_not_there_is_skipped(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, required=["version", "runs"])
    assert main([str(tmp_path)]) == 0
    out = capsys.readouterr().out
    assert out.count(" fits sarif-schema-2.1.0.json") == 5
    assert "junit: skipped, there is no junit-10.xsd" in out


def test_what_does_not_fit_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, required=["nonsense"])
    assert main([str(tmp_path)]) == 1
    assert "sarif: shop does not fit sarif-schema-2.1.0.json: 'nonsense' is a required property" in (
        capsys.readouterr().out
    )


def test_every_issue_of_a_list_is_checked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "codeclimate.json").write_text('{"required": ["fingerprint", "nonsense"]}')
    assert main([str(tmp_path)]) == 1
    out = capsys.readouterr().out
    assert "gitlab: empty fits" in out
    assert "gitlab: sample does not fit" in out


def test_a_folder_is_needed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert main(["no such folder"]) == 2
    assert "usage: scripts/official_schemas FOLDER" in capsys.readouterr().err
