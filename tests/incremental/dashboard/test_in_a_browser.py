"""One route's whole migration, clicked through in a browser."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import uvicorn
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.common.by import By
from selenium.webdriver.support.select import Select
from selenium.webdriver.support.wait import WebDriverWait

from bridge.incremental.configuration import Configuration
from bridge.incremental.dashboard import Dashboard
from bridge.incremental.store import IGNORED, Difference, FieldValues, ignored_field
from bridge.incremental.store.memory import MemoryStore
from tests.reports.browser import chromium

ROUTE = "GET /users/<int:id>"
PATIENCE = 20.0  # seconds


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def url(store: MemoryStore) -> Iterator[str]:
    configuration = Configuration.from_mapping({"routes": {ROUTE: "legacy", "GET /search": "modern"}})
    config = uvicorn.Config(Dashboard(store, lambda: configuration), log_level="warning", lifespan="off")
    server = uvicorn.Server(config)
    bound = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]})
    thread.start()
    try:
        yield f"http://localhost:{bound.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        bound.close()


def confirm(driver: Any) -> None:
    """Say yes to what has just been asked for, and wait for the route's page."""
    WebDriverWait(driver, PATIENCE).until(lambda d: d.find_elements(By.NAME, "confirmed"))
    driver.find_element(By.CSS_SELECTOR, "form.confirm button").click()
    WebDriverWait(driver, PATIENCE).until(lambda d: d.find_elements(By.CSS_SELECTOR, "form.switch"))
    live(driver)


def live(driver: Any) -> None:
    """Wait until the server has sent the first parts: they replace what was rendered."""
    body = (By.TAG_NAME, "body")
    WebDriverWait(driver, PATIENCE).until(lambda d: d.find_element(*body).get_attribute("data-live"))


def take_next_step(driver: Any, step: str) -> None:
    """Click the proposal, once it is made."""
    wanted = f"{step} ..."
    WebDriverWait(driver, PATIENCE, ignored_exceptions=[StaleElementReferenceException]).until(
        lambda d: [each.text for each in d.find_elements(By.CSS_SELECTOR, "form.next .primary")] == [wanted]
    )
    driver.find_element(By.CSS_SELECTOR, "form.next .primary").click()
    confirm(driver)


def choose(driver: Any, mode: str, *, percent: str) -> None:
    """Choose a mode by hand."""
    Select(driver.find_element(By.CSS_SELECTOR, "select[name=mode]")).select_by_visible_text(mode)
    field = driver.find_element(By.CSS_SELECTOR, ".switch [name=percent]")
    field.clear()
    field.send_keys(percent)
    driver.find_element(By.CSS_SELECTOR, "form.switch button").click()
    confirm(driver)


def ignore_and_compare_again(driver: Any, store: MemoryStore) -> None:
    """Set the field that differs aside where it is shown, and take that back."""
    driver.find_element(By.CSS_SELECTOR, "details button[name=ignore]").click()
    confirm(driver)
    assert store.settings().ignored == {ROUTE: ("$.name",)}
    assert driver.find_elements(By.CSS_SELECTOR, "button[name=ignore]") == []
    assert "speaks of a field that is ignored now" in driver.find_element(By.CSS_SELECTOR, ".next").text
    driver.find_element(By.CSS_SELECTOR, ".fields button[name=compare]").click()
    confirm(driver)
    assert store.settings().ignored == {}
    assert driver.find_elements(By.CSS_SELECTOR, "details button[name=ignore]") != []


def mode_of(driver: Any) -> str:
    return str(driver.find_element(By.CSS_SELECTOR, ".now .mode").text)


@pytest.mark.slow
@pytest.mark.may_block("uvicorn's own thread runs the dashboard, and pytest watches every loop")
def test_a_route_moves_from_legacy_to_modern(url: str, store: MemoryStore) -> None:
    with chromium() as browser:
        driver = browser.driver
        driver.get(url)
        live(driver)
        driver.find_element(By.LINK_TEXT, ROUTE).click()
        live(driver)
        assert mode_of(driver) == "legacy"
        take_next_step(driver, "shadow")
        assert mode_of(driver) == "shadow"

        # A difference comes in while the page is open, is looked at, and repaired.
        fields = (FieldValues("$.name", '"Ann"', '"Bob"'),)
        store.add(
            {}, [Difference(route=ROUTE, at=1e9, method="GET", target="/users/7", headers=(), fields=fields)]
        )
        store.add({ROUTE: {"compared": 3, "different": 3, "field.raw:$.name": 3}})
        sides = WebDriverWait(driver, PATIENCE).until(lambda _: browser.texts(".sides pre"))
        assert sides == ['"Ann"', '"Bob"']
        assert browser.texts(".sides mark") == ["Ann", "Bob"]
        ignore_and_compare_again(driver, store)
        driver.find_element(By.CSS_SELECTOR, "form.forget button").click()
        confirm(driver)
        assert store.counters().get(ROUTE) is None

        store.add({ROUTE: {"compared": 500, "equal": 500}})
        take_next_step(driver, "canary:5")
        assert mode_of(driver) == "canary:5"
        choose(driver, "canary", percent="50")
        store.add({ROUTE: {"modern.requests": 560, "modern.latency.3": 560}})
        take_next_step(driver, "modern")
        assert [(each.before, each.after, each.by) for each in reversed(store.history())] == [
            (None, "shadow", "dashboard"),
            (None, "ignored", "dashboard"),
            ("ignored", None, "dashboard"),
            ("shadow", "shadow", "dashboard"),
            ("shadow", "canary:5", "dashboard"),
            ("canary:5", "canary:50", "dashboard"),
            ("canary:50", "modern", "dashboard"),
        ]

        driver.find_element(By.LINK_TEXT, "Migration").click()
        live(driver)
        assert browser.texts("h1") == ["2 of 3 routes have moved"]
        store.change({ROUTE: "legacy"}, by="guard", reason="errors")
        # The row may be replaced between finding and reading it.
        WebDriverWait(driver, PATIENCE, ignored_exceptions=[StaleElementReferenceException]).until(
            lambda d: d.find_element(By.CSS_SELECTOR, "td .mode").text == "legacy"
        )
        assert "by guard: errors" in driver.find_element(By.CSS_SELECTOR, ".history").text
        driver.find_element(By.ID, "filter").send_keys("search modern")
        assert browser.texts("td.head") == ["GET /search"]
        assert browser.texts("#state") == ["live"], "although streams have ended, and begun again"
        complaints = [entry for entry in browser.log("browser") if entry["level"] == "SEVERE"]
        assert complaints == []
        assert {each for each in browser.requests() if not each.startswith(url)} == set()


@pytest.mark.slow
@pytest.mark.may_block("as above")
def test_a_phone_shows_it_without_scrolling_sideways(url: str, store: MemoryStore) -> None:
    sides = {"requests": 123_456, "errors": 12_345, "latency.40": 123_456}
    numbers = {f"{side}.{name}": number for side in ("legacy", "modern") for name, number in sides.items()}
    store.add({ROUTE: {**numbers, "compared": 3000, "different": 3, "field.raw:$.name": 3}})
    store.change({ROUTE: "canary:12.5"}, by="somebody-with-a-long-name", reason="x" * 200)
    store.change({ignored_field(ROUTE, f"$.{'y' * 120}"): IGNORED}, by="somebody", reason="")
    fields = (FieldValues(f"$.{'z' * 120}", "1" * 200, "2"), FieldValues("$.name", '"Ann"', None))
    store.add(
        {}, [Difference(route=ROUTE, at=1e9, method="GET", target="/users/7", headers=(), fields=fields)]
    )
    with chromium(javascript=False) as browser:
        driver = browser.driver
        for width in (320, 390):
            phone = {"width": width, "height": 700, "deviceScaleFactor": 2, "mobile": True}
            driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", phone)
            for path in ("/", "/route?name=GET%20/users/%3Cint%3Aid%3E"):
                driver.get(url + path)
                assert width_of_content(driver) <= width, path
            driver.find_element(By.CSS_SELECTOR, "details button[name=ignore]").click()
            WebDriverWait(driver, PATIENCE).until(lambda d: d.find_elements(By.NAME, "confirmed"))
            assert width_of_content(driver) <= width


def width_of_content(driver: Any) -> float:
    return float(driver.execute_cdp_cmd("Page.getLayoutMetrics", {})["cssContentSize"]["width"])
