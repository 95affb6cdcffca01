"""The formats that other programs read: GitHub, GitLab, JUnit, reviewdog, and one line a finding."""

from __future__ import annotations

import dataclasses
import json
import re
from typing import Any
from xml.etree import ElementTree as ET

import jsonschema
import pytest

from bridge.analysis.model import Report, Severity
from bridge.reports import FORMATS, RenderContext, RuleText
from tests.reports.samples import FINDINGS, empty_report, hostile_report, large_report, sample_report
from tests.reports.schemas import GITLAB, RDJSON

REPORTS = {
    "sample": sample_report(),
    "empty": empty_report(),
    "hostile": hostile_report(),
    "large": large_report(100),
}
RULES = {
    "WB210": RuleText(
        "WB210", "database-driver", "A request talks to a database.", url="https://example.org/wb210"
    )
}
EVERY = pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS)


def valid(data: Any, schema: dict[str, Any]) -> Any:
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(data)
    return data


# ---------------------------------------------------------------- GitLab


@EVERY
def test_gitlab_is_valid_and_its_fingerprints_are_unique(report: Report, context: RenderContext) -> None:
    issues = valid(json.loads(FORMATS["gitlab"](report, context)), GITLAB)
    assert len(issues) == len(report.findings)
    assert len({each["fingerprint"] for each in issues}) == len(issues)


def test_gitlab_tells_repeated_findings_apart_and_keeps_the_first(context: RenderContext) -> None:
    twice = dataclasses.replace(
        sample_report(), findings=(FINDINGS[0], dataclasses.replace(FINDINGS[0], line=90))
    )
    once = dataclasses.replace(sample_report(), findings=FINDINGS[:1])
    first, second = json.loads(FORMATS["gitlab"](twice, context))
    assert first["fingerprint"] == json.loads(FORMATS["gitlab"](once, context))[0]["fingerprint"]
    assert first["fingerprint"] != second["fingerprint"]


def test_gitlab_fingerprints_do_not_move_with_the_line(context: RenderContext) -> None:
    moved = dataclasses.replace(sample_report(), findings=(dataclasses.replace(FINDINGS[0], line=99),))
    prints = [
        json.loads(FORMATS["gitlab"](each, context))[0]["fingerprint"]
        for each in (moved, dataclasses.replace(moved, findings=FINDINGS[:1]))
    ]
    assert prints[0] == prints[1]


def test_gitlab_says_what_was_found(context: RenderContext) -> None:
    first = json.loads(FORMATS["gitlab"](sample_report(), context))[0]
    assert (first["check_name"], first["severity"]) == ("WB210", "major")
    assert first["location"] == {"path": "shop/db.py", "lines": {"begin": 7}}
    assert first["content"]["body"].startswith("On GET /users and 2 other routes. Instead: psycopg.Async")


# ---------------------------------------------------------------- reviewdog


@EVERY
def test_rdjson_is_valid(report: Report, context: RenderContext) -> None:
    data = valid(json.loads(FORMATS["rdjson"](report, context)), RDJSON)
    assert len(data["diagnostics"]) == len(report.findings)


def test_rdjson_has_the_place_the_rule_and_the_chain(context: RenderContext) -> None:
    text = FORMATS["rdjson"](sample_report(), dataclasses.replace(context, rules=RULES))
    first = valid(json.loads(text), RDJSON)["diagnostics"][0]
    assert first["location"] == {"path": "shop/db.py", "range": {"start": {"line": 7, "column": 12}}}
    assert first["code"] == {"value": "WB210", "url": "https://example.org/wb210"}
    assert first["related_locations"][0] == {
        "message": "called in shop.views.user",
        "location": {"path": "shop/views.py", "range": {"start": {"line": 10}}},
    }


def test_what_has_no_place_is_left_out_where_a_place_is_needed(context: RenderContext) -> None:
    nowhere = dataclasses.replace(FINDINGS[0], file="", line=0, column=0)
    report = dataclasses.replace(sample_report(), findings=(nowhere,))
    assert json.loads(FORMATS["rdjson"](report, context))["diagnostics"] == []
    assert json.loads(FORMATS["gitlab"](report, context)) == []
    assert FORMATS["github"](report, context).startswith("::error title=WB210::")


# ---------------------------------------------------------------- GitHub


def test_github_writes_a_command_for_each_finding(context: RenderContext) -> None:
    lines = FORMATS["github"](
        sample_report(), dataclasses.replace(context, rules=RULES, prefix="src/")
    ).splitlines()
    assert len(lines) == 6
    assert lines[0] == (
        "::error file=src/shop/db.py,line=7,col=12,title=WB210 database-driver"
        "::psycopg2.connect waits for the database. On GET /users and 2 other routes."
        " Instead: psycopg.AsyncConnection.connect (package psycopg); rows come as before"
    )
    assert [line.split(" ")[0] for line in lines] == ["::error"] * 4 + ["::warning"] * 2


COMMAND = re.compile(r"^::(error|warning|notice) ((?:[a-z]+=[^,:\r\n]*,?)+)::([^\r\n]*)$")


def unescape(text: str) -> str:
    """Undo the escapes in the order in which GitHub's runner does."""
    for escape, character in (("%3A", ":"), ("%2C", ","), ("%0A", "\n"), ("%0D", "\r"), ("%25", "%")):
        text = text.replace(escape, character)
    return text


def test_github_escapes_what_would_start_another_command(context: RenderContext) -> None:
    (line,) = FORMATS["github"](hostile_report(), context).splitlines()
    found = COMMAND.match(line)
    assert found is not None
    properties = dict(pair.split("=", 1) for pair in found[2].split(","))
    assert set(properties) == {"file", "line", "col", "title"}
    assert unescape(properties["file"]).startswith("shop/<script>alert('x')</script>")
    assert "%0A" in unescape(properties["file"])  # the text's own, not a line end
    assert not re.search("[\x00-\x1f]", line)


# ---------------------------------------------------------------- JUnit


def cases(report: Report, context: RenderContext) -> dict[str, ET.Element]:
    root = ET.fromstring(FORMATS["junit"](report, context))
    return {case.attrib["name"]: case for case in root.iter("testcase")}


@EVERY
def test_junit_parses_and_its_numbers_are_those_of_its_cases(report: Report, context: RenderContext) -> None:
    root = ET.fromstring(FORMATS["junit"](report, context))
    assert root.tag == "testsuites"
    for suite in root:
        assert set(suite.attrib) == {"name", "tests", "failures", "errors", "time"}
        assert suite.attrib["tests"] == str(len(suite))
        assert suite.attrib["failures"] == str(len(suite.findall("testcase/failure")))
        for case in suite:
            assert set(case.attrib) == {"name", "classname", "time"}
            assert [(child.tag, set(child.attrib)) for child in case] in (
                [],
                [("failure", {"type", "message"})],
            )


def test_junit_has_a_case_for_each_route_that_fails_where_something_blocks(context: RenderContext) -> None:
    found = cases(sample_report(), context)
    assert [name for name, case in found.items() if case.find("failure") is None] == ["GET /health"]
    failure = found["GET /users"].find("failure")
    assert failure is not None
    assert failure.attrib == {
        "type": "rewrite",
        "message": "2 findings: psycopg2.connect, psycopg2.extensions.cursor.execute",
    }
    assert "shop/db.py:7: WB210 psycopg2.connect waits for the database\n" in str(failure.text)
    first = found["GET /users/<id>"].find("failure")
    assert first is not None
    assert (
        "shop/db.py:7: WB210 psycopg2.connect waits for the database\n  shop.views.user (shop/views.py:10)"
        in str(first.text)
    )


def test_junit_shows_a_chain_in_the_first_case_that_has_it(context: RenderContext) -> None:
    report = sample_report()
    common = (FINDINGS[0].id,)
    alike = tuple(dataclasses.replace(each, findings=common) for each in report.routes)
    text = FORMATS["junit"](dataclasses.replace(report, routes=alike), context)
    line = f"{FINDINGS[0].file}:{FINDINGS[0].line}: {FINDINGS[0].rule}"
    assert text.count(line) == len(alike)
    assert text.count(f"  {FINDINGS[0].chain[-1].symbol} (") == 1


def test_junit_shows_findings_that_no_route_reaches(context: RenderContext) -> None:
    stray = dataclasses.replace(FINDINGS[2], routes=())
    mild = dataclasses.replace(FINDINGS[4], routes=(), severity=Severity.INFO)
    found = cases(dataclasses.replace(empty_report(), findings=(stray, mild)), context)
    assert list(found) == ["WB220 smtplib.SMTP in shop.mail.send"]


# ---------------------------------------------------------------- one line each


def test_concise_is_one_line_for_each_route_and_finding(context: RenderContext) -> None:
    lines = FORMATS["concise"](sample_report(), context).splitlines()
    assert len(lines) == 13
    assert lines[0] == "shop/views.py:9: GET /users/<id>: greenlet, 1 point"
    assert lines[7] == (
        "shop/db.py:7:12: WB210 psycopg2.connect waits for the database [GET /users and 2 other routes]"
    )


def test_concise_leaves_routes_out_for_check(context: RenderContext) -> None:
    only = dataclasses.replace(context, findings_only=True, prefix="src/")
    lines = FORMATS["concise"](sample_report(), only).splitlines()
    assert len(lines) == 6
    assert lines[0].startswith("src/shop/db.py:7:12: WB210 ")
    assert FORMATS["concise"](empty_report(), context) == ""


def test_concise_keeps_hostile_text_on_its_line(context: RenderContext) -> None:
    text = FORMATS["concise"](hostile_report(), context)
    assert text.count("\n") == 2
    assert not re.search("[\x00-\x09\x0b-\x1f]", text)
