from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from bridge.cli.collector import GREENLET_THRESHOLD, calm_collector

PYTHONS = gc.get_threshold()


@pytest.fixture(autouse=True)
def as_before(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(gc, "freeze", lambda: None)  # what the other tests have made must stay collectable
    yield
    gc.set_threshold(*PYTHONS)


@pytest.mark.parametrize(
    ("threshold", "greenlets", "expected"),
    [
        pytest.param(None, False, PYTHONS[0], id="threads"),
        pytest.param(None, True, GREENLET_THRESHOLD, id="greenlets"),
        pytest.param(5, True, 5, id="greenlets-told"),
        pytest.param(0, False, 0, id="never"),
    ],
)
def test_the_threshold_is_what_was_asked_for_or_what_greenlets_need(
    threshold: int | None, greenlets: bool, expected: int
) -> None:
    calm_collector(threshold=threshold, greenlets=greenlets)
    assert gc.get_threshold() == (expected, *PYTHONS[1:])


@pytest.mark.parametrize("own", [0, 50_000])
def test_the_threshold_that_an_application_has_set_stays(own: int) -> None:
    gc.set_threshold(own)
    calm_collector(threshold=None, greenlets=True)
    assert gc.get_threshold()[0] == own


def test_what_is_loaded_is_frozen_once_its_garbage_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    monkeypatch.setattr(gc, "collect", lambda: done.append("collect"))
    monkeypatch.setattr(gc, "freeze", lambda: done.append("freeze"))
    calm_collector(threshold=None, greenlets=False)
    assert done == ["collect", "freeze"]
