from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bridge.analysis.traces import Trace
from bridge.reports.as_json import report_as_json
from scripts.witnessed_recall_score import Share, main, recall_of
from tests.reports.samples import sample_report

ROUTES = ("/users", "/elsewhere")


def call(path: str, sink: str, line: int, *, direct: bool = True) -> dict[str, Any]:
    stack = [{"file": "shop/db.py", "line": line, "function": "connect"}]
    shared = {"phase": "request", "method": "GET", "count": 1, "seconds": 0.0, "timed": True}
    return {**shared, "path": path, "sink": sink, "stack": stack, "direct": direct}


CALLS = (
    call("/users", "psycopg2.connect", 7),
    call("/users", "psycopg2.connect", 8),
    call("/users", "time.sleep", 99),
    call("/users", "smtplib.SMTP", 98, direct=False),
    call("/elsewhere", "time.sleep", 99),
)


def test_pairs_count_once_and_only_on_routes_of_the_report() -> None:
    requests = {("GET", path): 1 for path in ROUTES}
    recall = recall_of(sample_report(), Trace(("pytest",), requests, frozenset(), CALLS))
    assert (recall.routes, recall.elsewhere) == (1, 1)
    assert (recall.pairs, recall.direct) == (Share(1, 3), Share(1, 2))
    assert set(recall.missed) == {("time.sleep", "shop/db.py:99", 1), ("smtplib.SMTP", "shop/db.py:98", 1)}


def test_the_share_of_nothing_is_whole() -> None:
    assert str(Share(0, 0)) == "0 of 0, 1.000"


@pytest.mark.parametrize(("floor", "code"), [("0.3", 0), ("0.9", 1)])
def test_a_report_and_a_trace_are_read_from_files(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], floor: str, code: int
) -> None:
    report, trace = tmp_path / "report.json", tmp_path / "trace.json"
    report.write_text(json.dumps(report_as_json(sample_report())))
    requests = [{"method": "GET", "path": path, "count": 1} for path in ROUTES]
    written = {"schema_version": 1, "command": [], "requests": requests, "unwatched": [], "calls": CALLS}
    trace.write_text(json.dumps(written))
    assert main([str(report), str(trace), "--floor", floor]) == code
    assert "pairs of route and sink: 1 of 3, 0.333; direct: 1 of 2, 0.500" in capsys.readouterr().out
