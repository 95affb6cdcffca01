"""The page in a real browser: filter and sort are clicked, nothing is loaded, nothing is complained about."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver.common.keys import Keys

from bridge.analysis.model import Report
from bridge.reports import FORMATS, RenderContext, SourceReader
from bridge.reports.context import Earlier
from tests.reports.browser import Browser, chromium
from tests.reports.samples import empty_report, hostile_report, large_report, sample_report, write_sources

pytestmark = [pytest.mark.xdist_group("chromium"), pytest.mark.timeout(120)]

ROWS = "#route-table tbody tr"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


def written(report: Report, folder: Path) -> Path:
    context = RenderContext(
        sources=SourceReader(write_sources(folder)), history=(Earlier("before", sample_report()),)
    )
    page = folder / "report.html"
    page.write_text(FORMATS["html"](report, context), "utf-8")
    return page


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return written(sample_report(), tmp_path)


def routes(browser: Browser) -> list[str]:
    return browser.texts(f"{ROWS} a")


REPORTS = {
    "sample": sample_report(),
    "empty": empty_report(),
    "hostile": hostile_report(),
    "large": large_report(),
}


@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
@pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS)
def test_the_page_asks_for_nothing_complains_of_nothing_and_fits(
    browser: Browser, report: Report, phone: bool, tmp_path: Path
) -> None:
    browser.open(written(report, tmp_path), phone=phone)
    assert browser.run("document.readyState") == "complete"
    assert browser.complaints() == []
    assert browser.requests() == []
    assert browser.run("document.documentElement.scrollWidth <= window.innerWidth")
    assert len(browser.visible(ROWS)) == len(report.routes)


def test_the_policy_stops_what_is_not_the_pages_own(browser: Browser, shop: Path) -> None:
    browser.open(shop)
    browser.run(
        "document.body.insertAdjacentHTML('beforeend', '<img src=https://example.invalid/x><p style=color:red>')"
    )
    browser.run("fetch('https://example.invalid/').then(() => 'got', () => 'refused')")
    refused = " ".join(each for each in browser.complaints() if "Content Security Policy" in each)
    for what in ("inline style", "https://example.invalid/x", "Refused to connect"):
        assert what in refused


def test_the_filter_hides_rows_by_text_and_says_how_many_are_left(browser: Browser, shop: Path) -> None:
    browser.open(shop)
    search = browser.find("#route-filter input[type=search]")
    search.send_keys("users database")
    assert routes(browser) == ["GET /users", "GET /users/<id>"]
    assert browser.find("#route-filter output").text == "2 of 7 routes"
    search.send_keys(Keys.CONTROL, "a")
    search.send_keys(Keys.DELETE)
    assert len(routes(browser)) == 7


def test_the_filter_hides_rows_by_verdict(browser: Browser, shop: Path) -> None:
    browser.open(shop)
    for verdict in ("rewrite", "ready", "offload"):
        browser.find(f"#route-filter input[value={verdict}]").click()
    assert routes(browser) == ["GET /state", "POST /login", "GET /users/<id>"]
    browser.find("#route-filter input[value=ready]").click()
    assert routes(browser)[-1] == "GET /health"


@pytest.mark.parametrize(
    ("column", "first", "last"),
    [(1, "GET /export", "POST /orders"), (2, "GET /health", "GET /state"), (3, "GET /health", "GET /state")],
    ids=["route", "verdict", "points"],
)
def test_a_click_on_a_heading_sorts_and_another_turns_round(
    browser: Browser, shop: Path, column: int, first: str, last: str
) -> None:
    browser.open(shop)
    heading = f"#route-table th:nth-child({column})"
    browser.find(f"{heading} button").click()
    assert (routes(browser)[0], routes(browser)[-1]) == (first, last)
    assert browser.find(heading).get_attribute("aria-sort") == "ascending"
    upwards = routes(browser)
    browser.find(f"{heading} button").click()
    assert browser.find(heading).get_attribute("aria-sort") == "descending"
    assert routes(browser)[0] == last
    assert sorted(routes(browser)) == sorted(upwards)


def test_everything_works_from_the_keyboard(browser: Browser, shop: Path) -> None:
    browser.open(shop)
    browser.find("body").send_keys(Keys.TAB)
    assert browser.run("document.activeElement.className") == "skip"
    browser.find("#route-table th button").send_keys(Keys.ENTER)
    assert browser.find("#route-table th").get_attribute("aria-sort") == "ascending"
    browser.find("#route-filter input[value=ready]").send_keys(Keys.SPACE)
    assert len(routes(browser)) == 6
    browser.find("details.card summary").send_keys(Keys.ENTER)
    assert browser.run("document.querySelector('details.card').open")


def test_a_link_opens_the_card_it_leads_to(browser: Browser, shop: Path) -> None:
    browser.open(shop)
    browser.find(f"{ROWS}:nth-child(3) a").click()
    card = browser.find("#route-3")
    assert card.get_attribute("open") is not None
    assert "GET /users" in card.text
    browser.open(shop, fragment="#route-5")
    assert browser.find("#route-5").get_attribute("open") is not None


def test_a_card_shows_a_finding_that_stands_in_another_one(browser: Browser, shop: Path) -> None:
    browser.open(shop)
    assert browser.run("document.querySelectorAll('#route-5 .finding').length") == 0
    browser.find("#route-5 summary").click()
    # The page fills the card when it hears that it was opened.
    assert "return psycopg2.connect(DSN)" in browser.wait_for("#route-5 .finding").text
    assert browser.run("document.querySelectorAll('[id=finding-F1]').length") == 1


def test_hostile_text_runs_nothing(browser: Browser, tmp_path: Path) -> None:
    browser.open(written(hostile_report(), tmp_path))
    assert browser.run("document.scripts.length") == 1
    assert "<script>alert('x')</script>" in browser.find("h1").text


def test_dark_is_dark(browser: Browser, shop: Path) -> None:
    browser.open(shop)
    background = "getComputedStyle(document.body).backgroundColor"
    assert browser.run(background) == "rgb(255, 255, 255)"
    browser.emulate(prefers_color_scheme="dark")
    assert browser.run(background) == "rgb(20, 23, 28)"


def test_print_shows_every_card_and_no_controls(browser: Browser, shop: Path) -> None:
    browser.open(shop)
    browser.emulate("print")
    browser.run("window.dispatchEvent(new Event('beforeprint'))")
    assert len(browser.visible(".finding")) >= 6
    assert browser.visible("nav") == []
    assert browser.visible("#route-filter") == []


def test_of_many_cards_those_are_printed_that_are_open(browser: Browser, tmp_path: Path) -> None:
    browser.open(written(large_report(50), tmp_path))
    browser.find("#route-3 summary").click()
    assert browser.visible(".on-paper") == []
    browser.emulate("print")
    browser.run("window.dispatchEvent(new Event('beforeprint'))")
    assert [each.get_attribute("id") for each in browser.visible("details.card")] == ["route-3"]
    assert "Of 50 cards only those are printed that were open." in browser.find(".on-paper").text


def test_paper_is_white_whatever_the_screen_is(browser: Browser, shop: Path) -> None:
    browser.open(shop)
    browser.emulate("print", prefers_color_scheme="dark")
    assert browser.run("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert browser.visible(".on-paper") == []


def test_without_javascript_the_essentials_are_there(shop: Path) -> None:
    with chromium(javascript=False) as browser:
        browser.open(shop)
        assert len(routes(browser)) == 7
        assert browser.visible("#route-filter") == []  # it would do nothing
        browser.find("details.card summary").click()
        assert "relies on threading.local" in browser.find("details.card").text
        assert len(browser.visible("svg.graph g")) > 10
        assert browser.complaints() == []
