"""The formats that people read: exactly as expected, and safe whatever the project's text is."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest

from bridge.analysis.model import Category, Plan, Report, Verdict
from bridge.reports import FORMATS, RenderContext, SourceReader
from bridge.reports.as_markdown import MOST, code, plan_as_markdown, text
from bridge.reports.as_terminal.style import Glyphs
from bridge.reports.as_terminal.summary import verdict_bar
from bridge.reports.context import RouteWitness
from bridge.reports.formats import format_of_file
from tests.reports.expected_output import EXPECTED, FOLDER, output
from tests.reports.samples import (
    FINDINGS,
    PLAN,
    ROUTES,
    empty_report,
    hostile_report,
    large_report,
    sample_report,
    summarise,
    write_sources,
)

PEOPLE = ["rich", "full", "markdown"]


@pytest.mark.parametrize("name", EXPECTED)
def test_output_is_exactly_as_expected(name: str, tmp_path: Path) -> None:
    assert output(name, write_sources(tmp_path)) == (FOLDER / name).read_text("utf-8")


@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize("format_name", ["rich", "full"])
def test_no_line_is_wider_than_the_terminal(format_name: str, width: int, context: RenderContext) -> None:
    for report in (sample_report(), hostile_report(), large_report(30)):
        text = FORMATS[format_name](report, dataclasses.replace(context, width=width))
        assert max(len(line) for line in text.split("\n")) <= width


def test_colour_changes_no_character(context: RenderContext) -> None:
    plain = FORMATS["rich"](sample_report(), context)
    colourful = FORMATS["rich"](sample_report(), dataclasses.replace(context, color=True))
    assert "\x1b[" not in plain
    stripped = re.sub(r"\x1b\[[0-9;]*m", "", colourful)
    assert stripped == plain


@pytest.mark.parametrize("format_name", [*PEOPLE, "concise"])
@pytest.mark.parametrize(
    "options", [{}, {"findings_only": True}, {"route": hostile_report().routes[0].handler}], ids=str
)
def test_hostile_text_cannot_drive_the_terminal(
    format_name: str, options: dict[str, object], context: RenderContext
) -> None:
    shown = FORMATS[format_name](hostile_report(), dataclasses.replace(context, **options))  # type: ignore[arg-type] # any of them
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]", shown)


def test_ascii_output_has_no_other_characters(context: RenderContext) -> None:
    shown = FORMATS["full"](hostile_report(), dataclasses.replace(context, encoding="ascii"))
    assert shown.isascii()


@pytest.mark.parametrize("format_name", FORMATS)
def test_every_format_has_something_to_say_about_nothing(format_name: str, context: RenderContext) -> None:
    shown = FORMATS[format_name](empty_report(), context)
    assert shown == "" if format_name in ("concise", "github") else shown.endswith("\n")


@pytest.mark.parametrize("width", [60, 80])
def test_what_does_not_fit_into_a_line_goes_on_in_the_next(width: int, context: RenderContext) -> None:
    many = tuple(
        dataclasses.replace(FINDINGS[0], id=f"F{number}", category=category)
        for number, category in enumerate(Category)
    )
    long = dataclasses.replace(ROUTES[0], id=f"GET /{'a' * 100}", findings=tuple(each.id for each in many))
    report = dataclasses.replace(sample_report(), routes=(long,), findings=many)
    shown = FORMATS["rich"](report, dataclasses.replace(context, width=width)).partition("\nRoutes\n")[2]
    words = set(re.findall(r"[a-z-]+", shown))
    assert {each.value for each in Category} <= words
    assert shown.count("a" * 10) >= 3


@pytest.mark.parametrize("color", [False, True])
def test_no_line_ends_in_spaces(color: bool, context: RenderContext) -> None:
    shown = FORMATS["full"](sample_report(), dataclasses.replace(context, color=color))
    assert not re.search(r" (\x1b\[0m)?$", shown, re.MULTILINE)


def test_of_a_long_chain_the_ends_are_shown(context: RenderContext) -> None:
    symbols = tuple(f"f{number}" for number in range(40))
    report = dataclasses.replace(sample_report(), plan=dataclasses.replace(PLAN, critical_path=symbols))
    shown = FORMATS["rich"](report, context)
    assert "Longest chain: f0 → f1 → f2 → f3 → f4 → (34 more) → f39\n" in shown


def test_a_route_that_is_ready_and_that_a_wave_frees_is_counted_once(context: RenderContext) -> None:
    report = sample_report()
    ready = next(each.id for each in report.routes if each.verdict is Verdict.READY)
    wave = report.plan.waves[-1]
    unit = dataclasses.replace(wave.units[0], unblocks=(*wave.units[0].unblocks, ready))
    waves = (*report.plan.waves[:-1], dataclasses.replace(wave, units=(unit, *wave.units[1:])))
    changed = dataclasses.replace(report, plan=dataclasses.replace(report.plan, waves=waves))
    assert FORMATS["rich"](changed, context) == FORMATS["rich"](report, context)


def test_a_long_table_of_routes_says_what_it_leaves_out(context: RenderContext) -> None:
    assert "and 440 routes with less work" in FORMATS["rich"](large_report(), context)
    full = FORMATS["full"](large_report(), dataclasses.replace(context, width=200))
    assert all(route.id in full for route in large_report().routes)


def test_routes_of_libraries_in_which_nothing_was_found_are_left_to_the_full_table(
    context: RenderContext,
) -> None:
    report = sample_report()
    quiet = [
        dataclasses.replace(report.routes[0], id=f"GET /panel/{number}", path=f"/panel/{number}", findings=())
        for number in range(3)
    ]
    libraries = tuple(dataclasses.replace(each, library="wagtail") for each in quiet)
    mixed = dataclasses.replace(report, routes=(*libraries, *report.routes))
    table = FORMATS["rich"](mixed, context).partition("\nRoutes\n")[2]
    assert "and 3 routes of libraries; --output-format full has them all" in table
    assert "/panel/" not in table
    assert all(each.path in table for each in report.routes)
    everything = FORMATS["full"](mixed, dataclasses.replace(context, width=200))
    assert all(each.id in everything for each in libraries)
    only = FORMATS["rich"](dataclasses.replace(report, routes=libraries), context)
    assert "/panel/2" in only
    assert "of libraries; --output-format" not in only


WITNESSED = {
    "GET /export": RouteWitness(requests=3, count=90, seconds=1.25),
    "GET /health": RouteWitness(requests=1, count=0, seconds=0.0),
}


@pytest.mark.parametrize("format_name", ["rich", "markdown"])
def test_what_a_trace_saw_ranks_first(format_name: str, context: RenderContext) -> None:
    shown = FORMATS[format_name](sample_report(), dataclasses.replace(context, witnessed=WITNESSED))
    head, _, first, second, *rest = shown.partition("Routes\n")[2].strip().splitlines()
    assert "witnessed" in head
    assert re.search(r"GET /export.*90 in 1.250 s", first)
    assert re.search(r"GET /state.*no request", second)
    assert any(re.search(r"GET /health.* 0 ", line) for line in rest)


def test_what_a_trace_saw_of_a_finding_is_said(context: RenderContext) -> None:
    seen = {"F5": 90, "F1": 1, "F3": 0}
    findings = tuple(
        dataclasses.replace(each, witnessed=seen.get(each.id)) for each in sample_report().findings
    )
    wide = dataclasses.replace(context, width=120)
    shown = FORMATS["full"](dataclasses.replace(sample_report(), findings=findings), wide)
    assert shown.count("witnessed 90 times") == 1
    assert shown.count("witnessed 1 time\n") == 1
    assert shown.count("not witnessed") == 1
    assert (
        shown.index("witnessed 90 times") < shown.index("witnessed 1 time\n") < shown.index("not witnessed")
    )


# ---------------------------------------------------------------- the bar


def bar(**counts: int) -> str:
    numbers = summarise((), 0)
    verdicts = {Verdict[name.upper()]: number for name, number in counts.items()}
    return verdict_bar(dataclasses.replace(numbers, verdicts=verdicts), 20, Glyphs.of("ascii")).plain


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ({"ready": 1}, "#" * 20),
        ({"ready": 1, "redesign": 1}, "#" * 10 + "X" * 10),
        ({"ready": 999, "redesign": 1}, "#" * 19 + "X"),
        ({"ready": 1, "offload": 1, "greenlet": 1}, "#" * 8 + "=" * 6 + "+" * 6),
    ],
    ids=str,
)
def test_the_bar_fills_its_width_and_shows_every_verdict(counts: dict[str, int], expected: str) -> None:
    assert bar(**counts) == expected


# ---------------------------------------------------------------- Markdown


def test_markdown_fits_into_a_comment_and_says_what_it_leaves_out(context: RenderContext) -> None:
    shown = FORMATS["markdown"](large_report(2000), context)
    assert MOST * 0.9 < len(shown) <= 65_536
    assert re.search(r"^and [0-9,]+ more routes$", shown, re.MULTILINE)
    assert shown.rstrip().endswith("shop/views.py:50")  # what stands behind the table is not cut


def test_markdown_shows_project_text_as_it_is() -> None:
    assert text("a_b *c* [d](e) <f> |") == r"a\_b \*c\* \[d\](e) \<f\> \|"
    assert code("plain") == "`plain`"
    assert code("a`b|c") == "``a`b\\|c``"
    assert code("`") == "`` ` ``"
    assert code("") == "` `"


def test_every_row_of_a_markdown_table_has_its_columns(context: RenderContext) -> None:
    for report in (sample_report(), hostile_report()):
        columns = 0
        for line in FORMATS["markdown"](report, context).splitlines():
            cells = len(re.findall(r"(?<!\\)\|", line)) if line.startswith("|") else 0
            assert not cells or not columns or cells == columns
            columns = cells


def test_the_plan_is_a_list_to_tick_off() -> None:
    shown = plan_as_markdown(PLAN)
    assert "## Wave 1: 4 points\n\n- [ ] `shop.db.connect` (1 point)\n" in shown
    assert (
        "- [ ] `shop.db.fetch` (3 points, frees 3 routes)\n    - make it async def, await connect\n" in shown
    )
    assert plan_as_markdown(Plan()) == "\n"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("report.html", "html"),
        ("a/b.JSON", "json"),
        ("scan.sarif.json", "sarif"),
        ("x.jsonl", "jsonl"),
        ("x.md", "markdown"),
        ("x.xml", "junit"),
        ("report", None),
        ("x.pdf", None),
    ],
)
def test_a_files_name_may_ask_for_a_format(name: str, expected: str | None) -> None:
    assert format_of_file(name) == expected


@pytest.mark.parametrize("format_name", ["rich", "markdown", "html"])
def test_the_folder_we_stand_in_is_called_by_its_name(format_name: str, tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    shown = FORMATS[format_name](empty_report(), RenderContext(sources=SourceReader(tmp_path / "shop")))
    assert "Migration report of shop" in shown


def report_without_plan() -> Report:
    return dataclasses.replace(sample_report(), plan=Plan())


@pytest.mark.parametrize("format_name", PEOPLE)
def test_a_report_without_a_plan_promises_nothing(format_name: str, context: RenderContext) -> None:
    assert "free" not in FORMATS[format_name](report_without_plan(), dataclasses.replace(context, width=200))


@pytest.mark.parametrize("format_name", ["rich", "full"])
def test_a_report_ends_with_what_to_run_next(format_name: str, context: RenderContext) -> None:
    sample = sample_report()
    project = dataclasses.replace(sample.project, root="my shop")
    wide = dataclasses.replace(context, width=120)
    end = FORMATS[format_name](dataclasses.replace(sample, project=project), wide).splitlines()[-5:]
    assert [re.split(" {2,}", line.strip())[0] for line in end] == [
        "Next",
        "wsgi-bridge report 'my shop' --route 'GET /state'",
        "wsgi-bridge plan 'my shop'",
        "wsgi-bridge lanes 'my shop'",
        "wsgi-bridge serve TARGET --lanes lanes.toml",
    ]


def test_what_shows_no_routes_names_no_next_step(context: RenderContext) -> None:
    report = sample_report()
    for asked in ({"route": "GET /users"}, {"findings_only": True}):
        assert "\nNext\n" not in FORMATS["rich"](report, dataclasses.replace(context, **asked))
    assert "\nNext\n" not in FORMATS["rich"](dataclasses.replace(report, routes=()), context)


def test_arrows_are_those_of_the_encoding(context: RenderContext) -> None:
    assert "->" not in FORMATS["rich"](sample_report(), context)
    text = FORMATS["rich"](sample_report(), dataclasses.replace(context, encoding="ascii"))
    assert "->" in text
