from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from bridge import __version__
from bridge.analysis.model import Report, Verdict
from bridge.reports import FORMATS, NotAReport, RenderContext, read_report
from bridge.reports.as_json import report_as_json
from bridge.reports.context import Missed
from bridge.reports.fields import schema
from tests.reports.samples import empty_report, hostile_report, large_report, sample_report

GUIDE = Path(__file__).parents[2] / "migration_guide" / "report-json.md"
MISSED = (Missed("GET /users", "redis.Redis.get", "shop/db.py", 12, 4, 0.25),)
REPORTS = [sample_report(), empty_report(), hostile_report(), large_report(20)]

# The field names that the specification of schema_version 1 promises.
PROMISED: dict[str, Any] = {
    "schema_version": 1,
    "tool": {"name", "version"},
    "project": {"root", "files", "lines", "frameworks", "python_errors"},
    "summary": {"routes", "verdicts", "findings", "effort", "resolved_calls"},
    "routes": {
        "id", "methods", "path", "framework", "handler", "file", "line", "verdict", "lane", "effort", "confidence",
        "resolved_calls", "reasons", "findings",
    },
    "findings": {
        "id", "rule", "category", "sink", "severity", "confidence", "context", "file", "line", "column", "symbol",
        "chain", "routes", "cooperative", "replacement", "fingerprint",
    },
    "middleware": {"name", "file", "line", "async_capable", "findings"},
    "dependencies": {"name", "version", "status", "replacement", "evidence"},
    "plan": {"waves", "packages_first"},
}  # fmt: skip


def strict(node: Any) -> Any:
    """Return the schema with every object closed: a field that it does not name is an error."""
    if isinstance(node, dict):
        closed = {key: strict(value) for key, value in node.items()}
        return {**closed, "additionalProperties": False} if "properties" in node else closed
    return [strict(each) for each in node] if isinstance(node, list) else node


def rendered(report: Report, context: RenderContext) -> Any:
    return json.loads(FORMATS["json"](report, context))


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())


@pytest.mark.parametrize("report", REPORTS, ids=["sample", "empty", "hostile", "large"])
def test_json_is_what_the_schema_says_and_nothing_more(report: Report) -> None:
    data = rendered(report, RenderContext(missed=MISSED))
    jsonschema.Draft202012Validator(strict(schema())).validate(data)


def test_the_schema_refuses_a_report_that_lacks_or_changes_a_field(context: RenderContext) -> None:
    validator = jsonschema.Draft202012Validator(schema())
    lacking, wrong = rendered(sample_report(), context), rendered(sample_report(), context)
    del lacking["routes"][0]["verdict"]
    wrong["findings"][0]["severity"] = "dreadful"
    assert not validator.is_valid(lacking)
    assert not validator.is_valid(wrong)


def test_every_promised_field_is_there(context: RenderContext) -> None:
    data = rendered(sample_report(), context)
    for name, fields in PROMISED.items():
        value = data[name]
        assert (
            value == fields
            if name == "schema_version"
            else fields <= set(value[0] if isinstance(value, list) else value)
        )
    assert set(data["summary"]["verdicts"]) == {verdict.value for verdict in Verdict}
    assert {"symbol", "file", "line"} <= set(data["findings"][0]["chain"][0])
    assert {"package", "call", "note", "url"} <= set(data["findings"][0]["replacement"])
    wave = data["plan"]["waves"][0]
    assert {"order", "effort", "units"} <= set(wave)
    assert {"symbols", "unblocks", "actions"} <= set(wave["units"][0])


def test_json_says_what_the_report_says(context: RenderContext) -> None:
    data = rendered(sample_report(), dataclasses.replace(context, missed=MISSED))
    assert data["tool"] == {"name": "wsgi-bridge", "version": __version__}
    assert data["project"]["python_errors"] == [
        {"file": "shop/old.py", "line": 3, "message": "cannot be parsed"}
    ]
    assert data["summary"]["verdicts"]["rewrite"] == 2
    first = data["findings"][0]
    assert (first["category"], first["severity"], first["context"]) == ("database", "error", "request")
    assert first["chain"][0] == {"symbol": "shop.views.user", "file": "shop/views.py", "line": 10}
    assert data["findings"][3]["replacement"] is None
    assert data["missed"] == [
        {
            "route": "GET /users",
            "sink": "redis.Redis.get",
            "file": "shop/db.py",
            "line": 12,
            "count": 4,
            "seconds": 0.25,
        }
    ]


@pytest.mark.parametrize("report", REPORTS, ids=["sample", "empty", "hostile", "large"])
def test_a_report_is_read_back_as_it_was(report: Report, context: RenderContext) -> None:
    assert read_report(FORMATS["json"](report, context)) == report


def test_reading_ignores_fields_of_later_versions(context: RenderContext) -> None:
    data = rendered(sample_report(), context)
    data["routes"][0]["colour"] = "blue"
    assert read_report(json.dumps(data)) == sample_report()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "it cannot be parsed"),
        ("[1]", "it has no schema_version"),
        ("{}", "it has no schema_version"),
        ('{"schema_version": 2}', "schema_version is 2, expected 1"),
        ('{"schema_version": 1}', "the field 'project' is missing"),
        ("[" * 100_000, "nested too deeply|cannot be parsed"),
    ],
    ids=["empty", "list", "object", "later", "bare", "deep"],
)
def test_what_is_no_report_is_refused_with_a_reason(text: str, reason: str) -> None:
    with pytest.raises(NotAReport, match=reason):
        read_report(text)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("routes",), 3),
        (("routes", 0), "GET /"),
        (("routes", 0, "verdict"), "perhaps"),
        (("routes", 0, "reasons"), "because"),
        (("findings", 0, "line"), "nine"),
        (("findings", 0, "chain", 0, "symbol"), 7),
        (("summary", "routes"), float("inf")),
        (("plan",), None),
    ],
    ids=str,
)
def test_a_field_of_the_wrong_kind_is_refused(
    path: tuple[str | int, ...], value: object, context: RenderContext
) -> None:
    data = place = rendered(sample_report(), context)
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    with pytest.raises(NotAReport, match="wrong kind"):
        read_report(json.dumps(data))


def test_jsonl_has_the_same_records(context: RenderContext) -> None:
    records = [json.loads(line) for line in FORMATS["jsonl"](sample_report(), context).splitlines()]
    whole = report_as_json(sample_report())
    assert [each.pop("type") for each in records] == (
        ["report"] + ["route"] * 7 + ["finding"] * 6 + ["middleware"] + ["dependency"] * 3 + ["plan"]
    )
    assert records[0] == {key: whole[key] for key in records[0]}
    assert records[1:8] == whole["routes"]
    assert records[8:14] == whole["findings"]
    assert records[-1] == whole["plan"]


# ---------------------------------------------------------------- the documentation


def documented() -> dict[str, set[str]]:
    """Return the guide's tables: heading -> names of fields."""
    sections = re.split(r"^### `?(.+?)`?$", GUIDE.read_text("utf-8"), flags=re.MULTILINE)
    return {
        heading: set(re.findall(r"^\| `([^`]+)` \|", text, re.MULTILINE))
        for heading, text in zip(sections[1::2], sections[2::2], strict=True)
    }


def described() -> dict[str, set[str]]:
    """Return the schema's objects in the same form."""
    whole = schema()
    found = {"report": set(whole["properties"])}
    for name, each in whole["$defs"].items():
        found[name] = set(each["properties"])
    for name, each in whole["properties"].items():
        if "properties" in each:
            found[name] = set(each["properties"])
    found["verdicts"] = set(whole["properties"]["summary"]["properties"]["verdicts"]["properties"])
    return found


def test_every_field_is_documented_and_the_reverse() -> None:
    assert documented() == described()
