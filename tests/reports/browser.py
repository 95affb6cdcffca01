"""A headless Chromium with its driver, where this machine has them (Debian: apt-get install chromium-driver)."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

__all__ = ["Browser", "chromium"]

LIMIT = 20  # seconds that a script of the page may take on a busy machine
BINARIES = ("chromium", "chromium-browser", "google-chrome")
PHONE = {"width": 375, "height": 700, "deviceScaleFactor": 2, "mobile": True}
DESKTOP = {"width": 1200, "height": 900, "deviceScaleFactor": 1, "mobile": False}


@contextmanager
def chromium(*, javascript: bool = True) -> Iterator[Browser]:
    """Start a browser; skips the test where there is none."""
    binary = next(filter(None, map(shutil.which, BINARIES)), None)
    driver_path = shutil.which("chromedriver")
    if binary is None or driver_path is None:
        pytest.skip("no chromium with chromedriver on this machine")
    options = Options()
    options.binary_location = binary
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    if not javascript:
        setting = {"profile.managed_default_content_settings.javascript": 2}
        options.add_experimental_option("prefs", setting)
    driver = webdriver.Chrome(options=options, service=Service(executable_path=driver_path))
    try:
        yield Browser(driver)
    finally:
        driver.quit()


class Browser:
    """What the tests ask of a page."""

    def __init__(self, driver: webdriver.Chrome) -> None:
        self.driver = driver

    def open(self, page: Path, *, fragment: str = "", phone: bool = False) -> None:
        """Load a file, at the width of a desk or of a phone."""
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": []})
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", PHONE if phone else DESKTOP)
        self.driver.get("about:blank")
        self.log("browser")
        self.log("performance")
        self.driver.get(f"{page.as_uri()}{fragment}")

    def emulate(self, media: str = "", **features: str) -> None:
        """Show the page as for print, or with other preferences (prefers_color_scheme="dark")."""
        named = [{"name": name.replace("_", "-"), "value": value} for name, value in features.items()]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": media, "features": named})

    def find(self, selector: str) -> WebElement:
        """Return the first element of a CSS selector."""
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def wait_for(self, selector: str) -> WebElement:
        """Return the first element of a CSS selector as soon as the page has made it."""
        return WebDriverWait(self.driver, LIMIT).until(
            lambda driver: driver.find_element(By.CSS_SELECTOR, selector)
        )

    def visible(self, selector: str) -> list[WebElement]:
        """Return the elements of a CSS selector that can be seen."""
        return [each for each in self.driver.find_elements(By.CSS_SELECTOR, selector) if each.is_displayed()]

    def texts(self, selector: str) -> list[str]:
        """Return the text of what can be seen; of a page that replaces it meanwhile, the text after that."""
        wait = WebDriverWait(self.driver, LIMIT, ignored_exceptions=[StaleElementReferenceException])
        return wait.until(lambda _: (True, [each.text for each in self.visible(selector)]))[1]

    def run(self, script: str) -> Any:
        """Return what a line of JavaScript evaluates to."""
        return self.driver.execute_script(f"return {script}")

    def log(self, name: str) -> list[dict[str, Any]]:
        """Return what a log of the driver has since it was last asked for."""
        return list(self.driver.get_log(name))  # type: ignore[no-untyped-call] # selenium's

    def complaints(self) -> list[str]:
        """Return what stands in the console since the page was opened."""
        return [entry["message"] for entry in self.log("browser")]

    def requests(self) -> list[str]:
        """Return the URLs that the page has asked for, itself left out."""
        events = [json.loads(entry["message"])["message"] for entry in self.log("performance")]
        urls = [e["params"]["request"]["url"] for e in events if e["method"] == "Network.requestWillBeSent"]
        page = self.driver.current_url.partition("#")[0]
        return [url for url in urls if url.partition("#")[0] != page and not url.startswith("data:")]
