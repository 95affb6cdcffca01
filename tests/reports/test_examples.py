"""The formats on real reports: the bundled examples, analysed."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
from pydantic_sarif.model import StaticAnalysisResultsFormatSarifVersion210JsonSchema as Sarif

from bridge.analysis.analyse import analyse
from bridge.analysis.model import Report
from bridge.reports import FORMATS, RenderContext, SourceReader, read_report
from bridge.reports.fields import schema
from bridge.reports.rules import rule_texts
from scripts.report_excerpt import ROUTE, excerpt
from tests.cli.test_main import run_main
from tests.groups import made_once
from tests.markdown import ROOT
from tests.reports.schemas import GITLAB, RDJSON
from tests.reports.test_html import Page
from tests.reports.test_json import strict

EXAMPLES = ["django_library", "flask_shop", "pyramid_notes"]


@pytest.fixture(scope="module", params=made_once("reported", EXAMPLES))
def folder(request: pytest.FixtureRequest) -> Path:
    return ROOT / "examples" / str(request.param)


@pytest.fixture(scope="module")
def report(folder: Path) -> Report:
    return analyse(folder)


@pytest.fixture
def context(folder: Path, report: Report) -> RenderContext:
    return RenderContext(sources=SourceReader(folder), rules=rule_texts(report.findings))


def test_its_json_is_what_the_schema_says_and_is_read_back(report: Report, context: RenderContext) -> None:
    text = FORMATS["json"](report, context)
    jsonschema.Draft202012Validator(strict(schema())).validate(json.loads(text))
    assert read_report(text) == report


def test_its_other_formats_for_programs_are_valid(report: Report, context: RenderContext) -> None:
    Sarif.model_validate_json(FORMATS["sarif"](report, context))
    jsonschema.validate(json.loads(FORMATS["gitlab"](report, context)), GITLAB)
    jsonschema.validate(json.loads(FORMATS["rdjson"](report, context)), RDJSON)


def test_its_formats_for_people_name_every_route(report: Report, context: RenderContext) -> None:
    page, markdown = Page(FORMATS["html"](report, context)), FORMATS["markdown"](report, context)
    assert len(report.routes) > 10
    for route in report.routes:
        assert f"{route.id} " in page.text
        assert f"`{route.id}`".replace("|", "\\|") in markdown


def test_every_place_of_a_chain_has_its_source_lines(report: Report, context: RenderContext) -> None:
    steps = {
        (step.file, step.line) for each in report.findings for step in each.chain if step.file.endswith(".py")
    }
    assert steps
    assert [place for place in steps if not context.sources.excerpt(*place)] == []


def test_the_readmes_excerpt_is_the_same_every_time_and_of_no_machine() -> None:
    text = excerpt()
    assert text == excerpt()
    assert str(ROOT) not in text
    assert text.count("```console\n$ wsgi-bridge report examples/flask_shop") == 2
    assert f"--route '{ROUTE}'" in text
    assert "requests.Session.get" in text


def test_the_readmes_excerpt_is_what_the_command_prints(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    code, out, _ = run_main(
        capsys, "report", "--no-cache", "--workers", "1", "--output-format", "rich", "examples/flask_shop"
    )
    shown = excerpt().split("```console\n$ wsgi-bridge report examples/flask_shop\n")[1].split("\n```")[0]
    assert code == 0
    assert out.startswith(f"{shown}\n")
