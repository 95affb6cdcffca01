from __future__ import annotations

from pathlib import Path

import pytest

from bridge.analysis.analyse import analyse
from bridge.analysis.cache import FactsCache
from bridge.analysis.lanes import lanes_toml
from bridge.analysis.model import Report
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
    assert left.taken == (here,)
    assert left.unused == ()


def test_a_suppression_that_takes_nothing_is_told_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("\nx()  # noqa: WB201\n")
    [unused] = suppressed([], suppressions_in(tmp_path, ["a.py"])).unused
    assert (unused.sink, unused.file, unused.line, unused.column) == ("# noqa: WB201", "a.py", 2, 6)


def test_a_file_that_cannot_be_read_has_none(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_bytes(b"# coding: nonsense\nx()  # noqa: WB201\n")
    assert suppressions_in(tmp_path, ["a.py", "gone.py"]) == ()


HASHES = """\
import bcrypt
import requests
from flask import Flask

app = Flask(__name__, static_folder=None)


@app.post("/login")
def login():
    requests.get("http://carrier")
    return bcrypt.hashpw(b"secret", b"salt"){comment}


@app.post("/join")
def join():
    return bcrypt.hashpw(b"secret", b"salt"){comment}
"""


def hashes(folder: Path, comment: str) -> Report:
    folder.mkdir()
    (folder / "shop.py").write_text(HASHES.replace("{comment}", comment))
    return analyse(folder)


def test_what_is_accepted_is_no_finding_and_leaves_verdicts_lanes_and_plan_as_they_were(
    tmp_path: Path,
) -> None:
    bare = hashes(tmp_path / "bare", "")
    accepted = hashes(tmp_path / "accepted", "  # noqa: WB401")
    assert [each.sink for each in bare.findings] == ["requests.get", "bcrypt.hashpw", "bcrypt.hashpw"]
    assert [each.sink for each in accepted.findings] == ["requests.get"]
    assert [each.sink for each in accepted.accepted] == ["bcrypt.hashpw", "bcrypt.hashpw"]
    for told, kept in zip(accepted.routes, bare.routes, strict=True):
        assert (told.verdict, told.lane, told.effort) == (kept.verdict, kept.lane, kept.effort)
    assert accepted.plan == bare.plan
    assert lanes_toml(accepted) == lanes_toml(bare)


def test_an_accepted_call_that_computes_keeps_its_route_out_of_the_greenlet_lane(tmp_path: Path) -> None:
    text = lanes_toml(hashes(tmp_path / "shop", "  # noqa: WB401"))
    assert '"POST /login" = "thread"  # computes: bcrypt.hashpw' in text
    assert '"POST /join" = "thread"  # computes: bcrypt.hashpw' in text
    assert "never waits" not in text


def test_a_route_names_what_is_accepted_and_lists_findings_only(tmp_path: Path) -> None:
    report = hashes(tmp_path / "shop", "  # noqa: WB401")
    login, join = report.routes
    assert login.findings == tuple(each.id for each in report.findings)
    assert join.findings == ()
    reason = "accepted by # noqa, and counted here all the same: bcrypt.hashpw"
    assert reason in login.reasons
    assert reason in join.reasons


def test_a_report_from_the_cache_still_knows_what_is_accepted(tmp_path: Path) -> None:
    hashes(tmp_path / "shop", "  # noqa: WB401")
    cache = FactsCache(tmp_path / "cache")
    first = analyse(tmp_path / "shop", cache=cache)
    assert analyse(tmp_path / "shop", cache=cache) == first
    assert len(first.accepted) == 2
