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
from bridge.incremental.store import Difference, FieldValues
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


def switch(driver: Any, mode: str, *, percent: str | None = None) -> None:
    """Choose a mode, and confirm it."""
    Select(driver.find_element(By.NAME, "mode")).select_by_visible_text(mode)
    if percent is not None:
        field = driver.find_element(By.NAME, "percent")
        field.clear()
        field.send_keys(percent)
    driver.find_element(By.CSS_SELECTOR, "form.switch button").click()
    WebDriverWait(driver, PATIENCE).until(lambda d: d.find_elements(By.NAME, "confirmed"))
    driver.find_element(By.CSS_SELECTOR, "main form button").click()
    WebDriverWait(driver, PATIENCE).until(lambda d: d.find_elements(By.CSS_SELECTOR, "form.switch"))


def mode_of(driver: Any) -> str:
    return str(driver.find_element(By.CSS_SELECTOR, "main .mode").text)


@pytest.mark.slow
@pytest.mark.may_block("uvicorn's own thread runs the dashboard, and pytest watches every loop")
def test_a_route_moves_from_legacy_to_modern(url: str, store: MemoryStore) -> None:
    with chromium() as browser:
        driver = browser.driver
        driver.get(url)
        WebDriverWait(driver, PATIENCE).until(
            lambda d: d.find_element(By.TAG_NAME, "body").get_attribute("data-live")
        )
        driver.find_element(By.LINK_TEXT, ROUTE).click()
        assert mode_of(driver) == "legacy"
        switch(driver, "shadow")
        assert mode_of(driver) == "shadow"

        fields = (FieldValues("$.name", '"Ann"', "null"),)
        store.add({ROUTE: {"compared": 3, "different": 3, "field.raw:$.name": 3}})
        store.keep(
            [Difference(route=ROUTE, at=1e9, method="GET", target="/users/7", headers=(), fields=fields)]
        )
        driver.refresh()
        sides = [each.text for each in driver.find_elements(By.CSS_SELECTOR, ".sides pre")]
        assert sides == ['"Ann"', "null"]

        store.forget(ROUTE)
        store.add({ROUTE: {"compared": 500, "equal": 500}})
        switch(driver, "canary", percent="5")
        assert mode_of(driver) == "canary:5"
        assert "ready to promote" in driver.find_element(By.TAG_NAME, "main").text
        switch(driver, "modern")
        assert [(each.before, each.after, each.by) for each in reversed(store.history())] == [
            (None, "shadow", "dashboard"),
            ("shadow", "canary:5", "dashboard"),
            ("canary:5", "modern", "dashboard"),
        ]

        driver.get(url)
        store.change({ROUTE: "legacy"}, by="guard", reason="errors")
        # The row may be replaced between finding and reading it.
        WebDriverWait(driver, PATIENCE, ignored_exceptions=[StaleElementReferenceException]).until(
            lambda d: d.find_element(By.CSS_SELECTOR, "td .mode").text == "legacy"
        )
        complaints = [entry for entry in browser.log("browser") if entry["level"] == "SEVERE"]
        assert complaints == []


@pytest.mark.slow
@pytest.mark.may_block("as above")
def test_a_phone_shows_it_without_scrolling_sideways(url: str, store: MemoryStore) -> None:
    store.add({ROUTE: {"compared": 3, "different": 3, "field.raw:$.name": 3}})
    with chromium(javascript=False) as browser:
        driver = browser.driver
        phone = {"width": 375, "height": 700, "deviceScaleFactor": 2, "mobile": True}
        driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", phone)
        for path in ("/", "/route?name=GET%20/users/%3Cint%3Aid%3E"):
            driver.get(url + path)
            metrics = driver.execute_cdp_cmd("Page.getLayoutMetrics", {})
            assert metrics["cssContentSize"]["width"] <= 375
