"""The guide for operators quotes log records and numbers that exist."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest

from bridge import ExecutorStatistics

ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "migration_guide" / "operations.md").read_text("utf-8")
# Implicitly joined strings and placeholders end a phrase, as `...` does in the guide.
SOURCES = re.sub(
    r'"\s*\n\s*f?"', "", "\n".join(path.read_text("utf-8") for path in (ROOT / "bridge").rglob("*.py"))
)
LOG_ROWS = re.findall(r"^\| `(bridge\.\w+)` \| (\w+) \| `(.+)` \|$", GUIDE, re.MULTILINE)


@pytest.mark.parametrize(("log", "level", "text"), LOG_ROWS)
def test_a_quoted_record_is_one_that_the_bridge_makes(log: str, level: str, text: str) -> None:
    assert f'getLogger("{log}")' in SOURCES
    phrases = [phrase.strip() for phrase in text.removeprefix("503: ").split("...") if phrase.strip()]
    assert [phrase for phrase in phrases if phrase not in SOURCES] == []


def test_every_kind_of_record_is_quoted() -> None:
    assert len(LOG_ROWS) == GUIDE.split("## What the log says")[1].split("##")[0].count("| `bridge.")


def test_a_quoted_number_is_one_of_the_executors() -> None:
    fields = {field.name for field in dataclasses.fields(ExecutorStatistics)}
    quoted = set(re.findall(r"`(queued|rejected|queue_timeouts|abandoned|active)`", GUIDE))
    assert quoted == {"queued", "rejected", "queue_timeouts", "abandoned", "active"}
    assert quoted <= fields
