from __future__ import annotations

from pathlib import Path

import pytest

from bridge.analysis.model import Discovery, Route
from scripts.route_recall_score import compare, main, pairs_of


def route(path: str, *methods: str) -> Route:
    return Route("flask", methods, path, "main.f", "main.py", 1, ())


def test_a_route_counts_once_for_each_method() -> None:
    found = Discovery(routes=(route("/a", "GET", "POST"), route("/b")))
    assert pairs_of(found) == {("GET", "/a"), ("POST", "/a"), ("ANY", "/b")}


def test_missing_extra_and_foreign_routes_are_told_apart() -> None:
    found = frozenset({("GET", "/both"), ("GET", "/extra"), ("GET", "/library")})
    running = [
        ("GET", "/both", "main"),
        ("GET", "/missing", "main"),
        ("GET", "/foreign", "flask_admin.base"),
        ("GET", "/library", "flask.app"),
    ]
    compared = compare(found, running, frozenset({"main"}))
    assert compared.missing == {("GET", "/missing")}
    assert compared.extra == {("GET", "/extra")}
    assert compared.foreign == {("GET", "/foreign")}
    assert (compared.recall, compared.precision) == (2 / 3, 2 / 3)


def test_nothing_to_find_is_a_full_score() -> None:
    compared = compare(frozenset(), [], frozenset())
    assert (compared.recall, compared.precision) == (1.0, 1.0)


@pytest.mark.parametrize(("source", "code"), [("", 0), ("setattr(app, 'dynamic', app.get(str('/y'))(f))", 1)])
def test_an_application_is_read_and_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], source: str, code: int
) -> None:
    (tmp_path / "main.py").write_text(
        f"from flask import Flask\napp = Flask(__name__)\n@app.get('/x')\ndef f(): return ''\n{source}\n"
    )
    assert main([str(tmp_path), "main:app", "--floor", "0.98"]) == code
    printed = capsys.readouterr().out
    assert ("missing  GET /y" in printed) is bool(code)
    assert f"recall {'0.6667' if code else '1.0000'}, precision 1.0000" in printed


def test_several_applications_are_united(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.py").write_text(
            f"from flask import Flask\napp = Flask(__name__, static_folder=None)\n@app.get('/{name}')\ndef f(): return ''\n"
        )
    assert main([str(tmp_path), "one:app", "--floor", "0.98"]) == 1
    assert main([str(tmp_path), "one:app", "two:app", "--floor", "0.98"]) == 0
    assert "extra    GET /two" in capsys.readouterr().out
