"""Open pages look at the store often: tests wait for what they show."""

from __future__ import annotations

import pytest

from bridge.incremental.dashboard import live


@pytest.fixture(autouse=True)
def look_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "LOOK_EVERY", 0.05)
    monkeypatch.setattr(live, "LASTS", 1.0)
