"""The page as text: what is in it, what it escapes, what it may load. test_html_in_a_browser.py opens it."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import re
import sys
from collections import Counter
from html.parser import HTMLParser

import pytest

from bridge.analysis.model import Report, Verdict
from bridge.reports import FORMATS, RenderContext, RuleText, as_html
from bridge.reports.as_html import MissingTemplateEngine
from bridge.reports.context import Earlier, Missed
from tests.reports.samples import (
    FINDINGS,
    empty_report,
    hostile_report,
    large_report,
    route,
    sample_report,
    summarise,
)

VOID = {"meta", "link", "input", "br", "rect", "path", "wbr"}


class Page(HTMLParser):
    """The elements of a page, and whether each is closed in its turn."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self.source = text
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self.text += " "
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert tag in VOID or self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data if self.open[-1:] not in (["script"], ["style"], ["title"]) else ""

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def page_of(report: Report, context: RenderContext) -> Page:
    return Page(FORMATS["html"](report, context))


REPORTS = {
    "sample": sample_report(),
    "empty": empty_report(),
    "hostile": hostile_report(),
    "large": large_report(60),
}


@pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS)
def test_every_element_is_closed_and_every_id_is_unique(report: Report, context: RenderContext) -> None:
    page = page_of(report, context)
    ids = Counter(attributes["id"] for _, attributes in page.elements if "id" in attributes)
    assert [name for name, count in ids.items() if count > 1] == []
    targets = {str(each["href"])[1:] for each in page.all("a") if str(each["href"]).startswith("#")}
    assert targets - set(ids) <= {"routes"}  # the way past the navigation leads nowhere where no route is


@pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS)
def test_the_page_loads_nothing(report: Report, context: RenderContext) -> None:
    page = page_of(report, context)
    assert {each["href"] for each in page.all("link")} == {"data:,"}
    assert not [
        tag for tag, attributes in page.elements if {"src", "srcset", "action", "data"} & set(attributes)
    ]
    assert "@import" not in page.source
    assert not re.search(r"url\(", page.source)
    for link in page.all("a"):
        assert re.match(r"https?://|#", str(link["href"]))


def test_the_policy_names_the_two_inline_blocks_and_no_other_is_there(context: RenderContext) -> None:
    page = page_of(hostile_report(), context)
    (policy,) = [each["content"] for each in page.all("meta") if each.get("http-equiv")]
    for tag in ("style", "script"):
        (block,) = re.findall(f"<{tag}>(.*?)</{tag}>", page.source, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(block.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in str(policy)
    assert str(policy).startswith("default-src 'none'; ")
    # What the policy would block must not be needed.
    assert not [
        name for _, attributes in page.elements for name in attributes if name == "style" or name[:2] == "on"
    ]


def test_project_text_is_text(context: RenderContext) -> None:
    page = page_of(hostile_report(), context)
    assert page.text.count("<script>alert('x')</script>&\"]]>`|*_::error::%0A") > 20
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", page.source)
    assert "javascript:" not in page.source.replace("javascript:&lt;", "")  # nowhere but as text


def test_source_lines_are_escaped(context: RenderContext) -> None:
    (context.sources.root / "shop/db.py").write_text("\n" * 6 + "connect('</pre><b onclick=x>')\n")
    page = page_of(sample_report(), context)
    assert "connect('</pre><b onclick=x>')" in page.text


def test_every_route_has_a_row_and_a_card_and_every_finding_stands_once(context: RenderContext) -> None:
    report = large_report(60)
    report = dataclasses.replace(
        report,
        routes=(
            *report.routes,
            route("GET", "/twin", Verdict.REWRITE, "twin", 1, findings=report.routes[0].findings),
        ),
    )
    page = page_of(report, context)
    assert len(page.all("tr")) >= len(report.routes)
    cards = [each for each in page.all("details") if each.get("class") == "card"]
    assert len(cards) == len(report.routes)
    shown = [each["id"] for each in page.all("section") if str(each.get("class", "")).startswith("finding")]
    assert sorted(map(str, shown)) == sorted(f"finding-{each.id}" for each in report.findings)
    elsewhere = [each["data-finding"] for each in page.all("p") if "data-finding" in each]
    assert elsewhere == [f"finding-{id_}" for id_ in report.routes[0].findings]


def test_a_card_shows_the_chain_with_the_line_marked(context: RenderContext) -> None:
    page = page_of(sample_report(), dataclasses.replace(context, route="GET /users/<id>"))
    assert len([each for each in page.all("details") if each.get("class") == "card"]) == 1
    marked = re.findall(r'<span class="marked"><i> *(\d+) </i>(.*?)</span>', page.source)
    assert [(number, line.strip()) for number, line in marked] == [
        ("10", "row = db.fetch(&#34;SELECT * FROM users WHERE id = %s&#34;, id)"),
        ("11", "with connect() as connection, connection.cursor() as cursor:"),
        ("7", "return psycopg2.connect(DSN)"),
    ]


def test_a_finding_says_what_its_rule_is_about_and_links_only_to_the_web(context: RenderContext) -> None:
    rules = {
        "WB210": RuleText(
            "WB210", "database-driver", "It talks <to> a database.", url="https://example.org/wb210"
        ),
        "WB501": RuleText("WB501", "thread-local", "It is kept.", url="javascript:alert(1)"),
    }
    page = page_of(sample_report(), dataclasses.replace(context, rules=rules))
    assert "database-driver: It talks <to> a database. More" in " ".join(page.text.split())
    assert "https://example.org/wb210" in {each["href"] for each in page.all("a")}
    assert not [each for each in page.all("a") if "javascript" in str(each["href"])]


def test_findings_that_no_route_reaches_are_shown(context: RenderContext) -> None:
    stray = dataclasses.replace(FINDINGS[0], routes=())
    page = page_of(dataclasses.replace(empty_report(), findings=(stray,)), context)
    assert "Findings outside the routes" in page.text
    assert "psycopg2.connect waits for the database" in page.text


def test_progress_shows_earlier_reports_and_what_changed(context: RenderContext) -> None:
    old = sample_report()
    moved = dataclasses.replace(old.routes[0], verdict=Verdict.REDESIGN, effort=7)
    gone = route("GET", "/gone", Verdict.READY, "gone", 1)
    before = dataclasses.replace(
        old, routes=(moved, *old.routes[2:], gone), summary=summarise([moved, gone], 9)
    )
    history = (Earlier("august", before), Earlier("september", before))
    page = page_of(old, dataclasses.replace(context, history=history))
    text = " ".join(page.text.split())
    assert "august 2 1 9 7 september 2 1 9 7 now 7 1 6 20" in text
    assert "GET /gone: ready → gone" in text
    assert "GET /users: new → rewrite +4 points" in text
    assert "GET /users/<id>: redesign → greenlet -6 points" in text


def test_without_history_there_is_no_progress(context: RenderContext) -> None:
    assert "Progress" not in page_of(sample_report(), context).text


def test_what_the_report_cannot_vouch_for_is_said(context: RenderContext) -> None:
    missed = (Missed("GET /users", "redis.Redis.get", "shop/db.py", 12, 4, 0.25),)
    doubtful = dataclasses.replace(sample_report(), crashed=("WB210: KeyError",))
    text = " ".join(page_of(doubtful, dataclasses.replace(context, missed=missed)).text.split())
    assert "redis.Redis.get shop/db.py:12, 4 times in 0.250 s, on GET /users" in text
    assert "WB210: KeyError" in text
    assert "shop/old.py:3 cannot be parsed" in text


def test_a_name_breaks_at_its_seams_and_stays_escaped() -> None:
    assert as_html._breakable("shop/db.py:7: a_b.<c> ...") == "shop/<wbr>db.<wbr>py:7: a_<wbr>b.&lt;c&gt; ..."


def test_the_same_report_gives_the_same_page(context: RenderContext) -> None:
    assert FORMATS["html"](large_report(40), context) == FORMATS["html"](large_report(40), context)


def test_a_missing_jinja_is_named(context: RenderContext, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jinja2", None)
    as_html._environment.cache_clear()
    try:
        with pytest.raises(MissingTemplateEngine, match=re.escape("pip install 'wsgi-bridge[html]'")):
            FORMATS["html"](sample_report(), context)
    finally:
        as_html._environment.cache_clear()


def test_routes_behind_the_same_middleware_share_one_list_of_findings(context: RenderContext) -> None:
    report = large_report(14)
    common = tuple(each.id for each in report.findings)
    alike = [dataclasses.replace(each, findings=common) for each in report.routes]
    page = page_of(dataclasses.replace(report, routes=tuple(alike)), context)
    places = [each["data-card"] for each in page.all("p") if "data-card" in each]
    assert places == ["route-1"] * (len(alike) - 1)
    assert [each for each in page.all("p") if "data-finding" in each] == []


def test_the_page_of_one_route_leaves_out_the_plan_of_all(context: RenderContext) -> None:
    whole = page_of(sample_report(), context)
    alone = page_of(sample_report(), dataclasses.replace(context, route="GET /users"))
    sections = [{each.get("id") for each in page.all("section")} for page in (whole, alone)]
    assert {"functions", "plan"} <= sections[0]
    assert sections[1].isdisjoint({"functions", "plan"})
    assert "#plan" not in {each["href"] for each in alone.all("a") if "href" in each}


def test_a_shared_function_names_no_more_routes_than_a_person_reads(context: RenderContext) -> None:
    report = sample_report()
    routes = tuple(f"GET /{number}" for number in range(150))
    unit = dataclasses.replace(report.plan.waves[0].units[0], routes=routes)
    plan = dataclasses.replace(report.plan, shared=(unit,))
    text = FORMATS["html"](dataclasses.replace(report, plan=plan), context)
    assert "<code>GET /99</code>" in text
    assert "<code>GET /100</code>" not in text
    assert "and 50 more" in text
