"""Sentry's ASGI middleware around the bridge: one event for each failure, with its exception and its request."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]


def events(name: str) -> list[Any]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.middleware.sentry_program", name],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=50,
    )
    assert done.returncode == 0, done.stderr
    captured: list[Any] = json.loads(done.stdout.splitlines()[-1])
    return captured


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("before", "before the headers"),
        ("before-and-on", "before the headers"),
        ("after", "after the headers"),
    ],
)
def test_a_failure_of_the_application_is_one_event(name: str, message: str) -> None:
    (event,) = events(name)
    exception = event["exception"]["values"][-1]
    assert (exception["type"], exception["value"]) == ("ValueError", message)
    assert exception["stacktrace"]["frames"][-1]["filename"].endswith("sentry_program.py")
    assert event["request"]["url"] == "http://testserver/pay"
    assert event["request"]["method"] == "POST"
    assert event["request"]["query_string"] == "order=1"


def test_what_the_application_adds_to_its_scope_is_on_the_event() -> None:
    (event,) = events("before")
    assert event["tags"]["tenant"] == "of the application"
    assert event["logger"] == "bridge.http"


def test_an_exception_that_the_application_captures_itself_has_its_request() -> None:
    (event,) = events("captured")
    assert event["exception"]["values"][-1]["type"] == "KeyError"
    assert event["request"]["url"] == "http://testserver/pay"
