from __future__ import annotations

import dataclasses
import json
from typing import Any
from urllib.parse import unquote

import pytest
from pydantic_sarif.model import StaticAnalysisResultsFormatSarifVersion210JsonSchema as Sarif

from bridge.analysis.model import Report, Severity, Step
from bridge.reports import FORMATS, RenderContext, RuleText, as_sarif
from tests.reports.samples import FINDINGS, empty_report, hostile_report, large_report, sample_report

REPORTS = {
    "sample": sample_report(),
    "empty": empty_report(),
    "hostile": hostile_report(),
    "large": large_report(100),
}
RULES = {
    "WB210": RuleText(
        "WB210", "database-driver", "A request talks to a database.", "# WB210\n", "https://example.org/wb210"
    )
}


def run_of(report: Report, context: RenderContext) -> dict[str, Any]:
    text = FORMATS["sarif"](report, context)
    Sarif.model_validate_json(text)
    (run,) = json.loads(text)["runs"]
    return dict(run)


def with_findings(*findings: Any) -> Report:
    return dataclasses.replace(sample_report(), findings=findings)


@pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS)
def test_sarif_fits_the_schema(report: Report, context: RenderContext) -> None:
    run = run_of(report, dataclasses.replace(context, rules=RULES))
    assert len(run["results"]) == len(report.findings)


def test_the_schema_would_refuse_a_misspelt_field(context: RenderContext) -> None:
    log = json.loads(FORMATS["sarif"](sample_report(), context))
    log["runs"][0]["results"][0]["codeFlow"] = []
    with pytest.raises(ValueError, match="codeFlow"):
        Sarif.model_validate(log)


def test_a_result_has_its_place_its_chain_and_its_fingerprint(context: RenderContext) -> None:
    first = run_of(sample_report(), dataclasses.replace(context, prefix="src/"))["results"][0]
    assert (first["ruleId"], first["level"]) == ("WB210", "error")
    assert first["message"]["text"].startswith(
        "psycopg2.connect waits for the database. On 3 routes. Instead: "
    )
    (location,) = first["locations"]
    assert location["physicalLocation"] == {
        "artifactLocation": {"uri": "src/shop/db.py", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 7, "startColumn": 12},
    }
    flow = first["codeFlows"][0]["threadFlows"][0]["locations"]
    assert [each["location"]["message"]["text"] for each in flow] == [
        "shop.views.user calls shop.db.fetch",
        "shop.db.fetch calls shop.db.connect",
        "shop.db.connect calls psycopg2.connect",
    ]
    assert first["partialFingerprints"] == {"wsgiBridge/v1": FINDINGS[0].fingerprint}
    assert first["properties"]["routes"] == ["GET /users", "GET /users/<id>", "POST /orders"]


def test_rules_are_described_once_and_referred_to_by_index(context: RenderContext) -> None:
    run = run_of(sample_report(), dataclasses.replace(context, rules=RULES))
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == sorted({each.rule for each in FINDINGS})
    assert rules[0]["helpUri"] == "https://example.org/wb210"
    assert rules[0]["help"] == {"text": "# WB210\n", "markdown": "# WB210\n"}
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]


def test_a_path_is_a_relative_uri(context: RenderContext) -> None:
    odd = dataclasses.replace(FINDINGS[0], file="a:b/c d#?é\udcff.py", chain=())
    (result,) = run_of(with_findings(odd), context)["results"]
    uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri == "a%3Ab/c%20d%23%3F%C3%A9%3F.py"
    assert unquote(uri) == "a:b/c d#?é?.py"


def test_braces_and_brackets_are_not_placeholders_and_links(context: RenderContext) -> None:
    linked = dataclasses.replace(FINDINGS[0], message="see [here](1) and {0}", replacement=None, routes=())
    (result,) = run_of(with_findings(linked), context)["results"]
    assert result["message"]["text"] == r"see \[here\](1) and {{0}}."


def test_what_has_no_place_has_no_location(context: RenderContext) -> None:
    nowhere = dataclasses.replace(FINDINGS[0], file="", line=0, column=0, chain=())
    (result,) = run_of(with_findings(nowhere), context)["results"]
    assert result["locations"] == []
    assert "codeFlows" not in result


def test_what_went_wrong_is_a_notification(context: RenderContext) -> None:
    crashed = dataclasses.replace(sample_report(), crashed=("WB210: KeyError",))
    (invocation,) = run_of(crashed, context)["invocations"]
    assert invocation["executionSuccessful"] is False
    assert [
        (each["level"], each["message"]["text"]) for each in invocation["toolExecutionNotifications"]
    ] == [
        ("warning", "cannot be parsed"),
        ("error", "WB210: KeyError"),
        ("note", "not followed: the path of add_url_rule at shop/views.py:50"),
    ]


# ---------------------------------------------------------------- GitHub's limits


def test_more_results_than_github_takes_lose_the_lightest(
    context: RenderContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(as_sarif, "MOST_RESULTS", 4)
    run = run_of(sample_report(), context)
    assert {result["level"] for result in run["results"]} == {"error"}
    assert len(run["results"]) == 4
    assert run["invocations"][0]["toolExecutionNotifications"][-1]["message"]["text"] == (
        "left out, as GitHub takes no more: 2 findings"
    )


def test_a_file_too_large_for_github_is_made_smaller(
    context: RenderContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(as_sarif, "LARGEST_FILE", 6000)
    report = large_report(200)
    run = run_of(report, context)
    left = run["invocations"][0]["toolExecutionNotifications"][-1]["message"]["text"]
    assert 0 < len(run["results"]) < len(report.findings)
    missing = len(report.findings) - len(run["results"])
    assert left == f"left out, as GitHub takes no more: {missing} findings"


def test_a_chain_too_long_for_github_keeps_its_ends(context: RenderContext) -> None:
    chain = tuple(Step(f"f{number}", "a.py", 1) for number in range(1500))
    (result,) = run_of(with_findings(dataclasses.replace(FINDINGS[0], chain=chain)), context)["results"]
    flow = result["codeFlows"][0]["threadFlows"][0]["locations"]
    assert len(flow) == 1000
    assert flow[0]["location"]["message"]["text"].startswith("f0 calls")
    assert flow[-1]["location"]["message"]["text"] == "f1499 calls psycopg2.connect"


def test_the_severities_are_sarifs_levels(context: RenderContext) -> None:
    findings = [dataclasses.replace(FINDINGS[0], severity=each) for each in Severity]
    assert [each["level"] for each in run_of(with_findings(*findings), context)["results"]] == [
        "error",
        "warning",
        "note",
    ]
