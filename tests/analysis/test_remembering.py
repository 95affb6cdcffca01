from __future__ import annotations

import os
import pickle
from dataclasses import replace
from pathlib import Path

import pytest

from bridge.analysis.analyse import analyse
from bridge.analysis.cache import FactsCache, write_entry
from bridge.analysis.configuration import Configuration
from bridge.analysis.model import Report
from bridge.analysis.remembering import ReportCache, fingerprint, remembered

APP = """
import time
from flask import Flask
app = Flask(__name__, static_folder=None)
@app.route("/")
def view(): time.sleep(1)
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return the folder of a small application with a template."""
    folder = tmp_path / "project"
    (folder / "templates").mkdir(parents=True)
    (folder / "app.py").write_text(APP)
    (folder / "templates" / "page.html").write_text("{{ x }}")
    return folder


@pytest.fixture
def report(project: Path) -> Report:
    """Return its report."""
    found = analyse(project)
    assert found.findings
    return found


def never() -> Report:
    """Fail if a report is made that should have been known."""
    raise AssertionError("made anew")


def test_what_was_saved_is_loaded_and_nothing_else(tmp_path: Path, report: Report) -> None:
    cache = ReportCache(tmp_path / "cache")
    assert cache.load("a" * 40) is None
    cache.save("a" * 40, report)
    assert cache.load("a" * 40) == report
    assert cache.load("b" * 40) is None
    assert remembered(cache, "a" * 40, never) == report


def test_an_unchanged_project_is_not_analysed_again(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = FactsCache(tmp_path / "cache")
    first = analyse(project, cache=cache)
    monkeypatch.setattr("bridge.analysis.analyse.analysed", lambda *_args, **_options: never())
    assert analyse(project, cache=cache) == first
    (project / "app.py").write_text(APP + "x = 1\n")
    with pytest.raises(AssertionError, match="made anew"):
        analyse(project, cache=cache)


def test_what_is_installed_is_part_of_what_a_report_is_made_of(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packages = project / ".venv" / "lib" / "python3.12" / "site-packages"
    packages.mkdir(parents=True)
    (project / ".venv" / "pyvenv.cfg").touch()
    cache = FactsCache(tmp_path / "cache")
    first = analyse(project, cache=cache)
    monkeypatch.setattr("bridge.analysis.analyse.analysed", lambda *_args, **_options: never())
    assert analyse(project, cache=cache) == first
    (packages / "wagtail-7.4.dist-info").mkdir()
    with pytest.raises(AssertionError, match="made anew"):
        analyse(project, cache=cache)


@pytest.mark.parametrize(
    "path",
    ["app.py", "templates/page.html", "requirements.txt", "pyproject.toml", "new.py", "../pyproject.toml"],
)
def test_whatever_a_report_is_made_of_changes_its_fingerprint(project: Path, path: str) -> None:
    before = fingerprint(project)
    assert fingerprint(project) == before
    (project / path).write_text("# changed\n")
    assert fingerprint(project) != before


def test_what_a_report_is_not_made_of_leaves_its_fingerprint(project: Path) -> None:
    before = fingerprint(project)
    (project / "picture.png").write_bytes(b"x")
    (project / ".git").mkdir()
    (project / ".git" / "hook.py").write_text("x = 1")
    os.utime(project / "app.py", (1, 1))
    assert fingerprint(project) == before


def test_the_configuration_is_part_of_the_fingerprint(project: Path) -> None:
    plain = fingerprint(project, Configuration(), None)
    assert plain != fingerprint(project, Configuration(exclude=("templates",)), None)
    assert plain != fingerprint(project, Configuration(), {"psycopg2": "psycopg"})
    assert plain != fingerprint(project / "app.py", Configuration(), None)


def test_a_missing_path_is_said(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        fingerprint(tmp_path / "missing")


def test_a_report_in_which_something_crashed_is_made_again(tmp_path: Path, report: Report) -> None:
    cache = ReportCache(tmp_path / "cache")
    remembered(cache, "k" * 40, lambda: replace(report, crashed=("a rule",)))
    assert remembered(cache, "k" * 40, lambda: report) == report


@pytest.mark.parametrize("damage", [b"", b"short", b"\0" * 400], ids=["empty", "short", "zeros"])
def test_a_damaged_report_is_made_again(tmp_path: Path, report: Report, damage: bytes) -> None:
    cache = ReportCache(tmp_path)
    cache.save("k" * 40, report)
    (tmp_path / "report").write_bytes(damage)
    assert remembered(cache, "k" * 40, lambda: report) == report
    assert remembered(cache, "k" * 40, never) == report


class Bomb:
    """What a hostile project would put into the cache's folder."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return exec, ("import pathlib; pathlib.Path('exploded').touch()",)


@pytest.mark.parametrize(
    "content", [Bomb(), {"not": "a report"}, Path()], ids=["call", "dict", "other-class"]
)
def test_nothing_in_a_cache_is_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: object) -> None:
    monkeypatch.chdir(tmp_path)
    write_entry(tmp_path, tmp_path / "report", b"k" * 40 + pickle.dumps(content))
    assert ReportCache(tmp_path).load("k" * 40) is None
    assert not (tmp_path / "exploded").exists()
