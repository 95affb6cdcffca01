from __future__ import annotations

import json
from pathlib import Path

import pytest

from bridge.analysis.baseline import Baseline, InvalidBaseline, read_baseline
from bridge.analysis.gate import Gate, judge
from bridge.analysis.model import Severity
from tests.analysis.making import finding

OLD, NEW = finding(fingerprint="old"), finding(fingerprint="new", rule="WB101")


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "known.json"
    path.write_text(Baseline.of([OLD, NEW]).text)
    assert read_baseline(path) == Baseline.of([NEW, OLD])


def test_the_file_has_one_finding_a_line_and_no_line_number(tmp_path: Path) -> None:
    text = Baseline.of([OLD, NEW]).text
    assert sum("fingerprint" in line for line in text.splitlines()) == 2
    assert set(json.loads(text)["findings"][0]) == {"file", "symbol", "rule", "sink", "fingerprint"}
    assert json.loads(Baseline().text) == {"version": 1, "findings": []}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "line 1 is no JSON"),
        (b'{"version": 1,', "line 1 is no JSON"),
        (b"\xff\xfe", "it is no UTF-8"),
        (b"[]", 'it has no list of "findings"'),
        (b'{"version": 1, "findings": {}}', 'it has no list of "findings"'),
        (b'{"version": 9, "findings": []}', "its version is 9, expected 1"),
        (b'{"version": 1, "findings": [{"rule": "WB201"}]}', "finding 1 lacks one of"),
        (b'{"version": 1, "findings": [7]}', "finding 1 lacks one of"),
    ],
)
def test_a_corrupt_file_says_what_is_wrong_with_it(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "known.json"
    path.write_bytes(content)
    with pytest.raises(InvalidBaseline) as caught:
        read_baseline(path)
    assert caught.value.reason.startswith(reason)


def test_a_folder_is_no_baseline(tmp_path: Path) -> None:
    with pytest.raises(InvalidBaseline, match="Is a directory"):
        read_baseline(tmp_path)


def test_known_findings_are_not_new_and_entries_without_a_finding_are_stale() -> None:
    outcome = judge([NEW], Gate(), Baseline.of([OLD]))
    assert (outcome.new, outcome.known) == ((NEW,), 0)
    assert [entry.fingerprint for entry in outcome.stale] == ["old"]
    assert judge([OLD], Gate(), Baseline.of([OLD])).new == ()


def test_entries_of_rules_that_are_not_asked_for_are_not_stale() -> None:
    assert judge([], Gate(select=["WB1"]), Baseline.of([OLD])).stale == ()


def test_what_was_there_before_is_not_new() -> None:
    outcome = judge([OLD, NEW], Gate(), Baseline(), before={"old"})
    assert (outcome.new, outcome.known) == ((NEW,), 1)


@pytest.mark.parametrize(
    ("select", "ignore", "taken"),
    [
        ([], [], ["WB101", "WB201", "WB210"]),
        (["WB2"], [], ["WB201", "WB210"]),
        ([], ["WB2"], ["WB101"]),
        (["WB2"], ["WB21"], ["WB201"]),
        (["WB210"], ["WB2"], ["WB210"]),
        (["WB2"], ["WB2"], []),
        (["WB"], ["WB1"], ["WB201", "WB210"]),
    ],
)
def test_the_longer_code_wins(select: list[str], ignore: list[str], taken: list[str]) -> None:
    assert [code for code in ("WB101", "WB201", "WB210") if Gate(select, ignore).takes(code)] == taken


@pytest.mark.parametrize(("severity", "fails"), [("error", True), ("warning", True), ("info", False)])
def test_what_only_informs_does_not_fail(severity: str, fails: bool) -> None:
    assert judge([finding(severity=Severity(severity))], Gate(), Baseline()).fails is fails
