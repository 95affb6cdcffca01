"""The thread of compare functions: it takes so much and no more, and lives through whatever they do."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from bridge.incremental import sideline as module
from bridge.incremental.ledger import WORK_BYTES
from bridge.incremental.sideline import WORK_LIMIT, Sideline

LIMIT = 20.0  # seconds


@pytest.fixture
def sideline() -> Iterator[Sideline]:
    made = Sideline()
    yield made
    made.close()


def test_work_is_done_in_its_own_thread_and_in_order(sideline: Sideline) -> None:
    done, names = threading.Event(), list[str]()
    for number in range(3):
        sideline.submit(lambda number=number: names.append(f"{number}"), 0)  # type: ignore[misc] # mypy cannot infer a lambda with a default
    sideline.submit(lambda: (names.append(threading.current_thread().name), done.set())[0], 0)  # type: ignore[func-returns-value] # only its order matters
    assert done.wait(LIMIT)
    assert names == ["0", "1", "2", "bridge-compare"]


@pytest.mark.parametrize("error", [ValueError, SystemExit, KeyboardInterrupt])
def test_what_work_raises_is_logged_and_the_next_is_done(
    sideline: Sideline, error: type[BaseException], caplog: pytest.LogCaptureFixture
) -> None:
    def work() -> None:
        raise error

    done = threading.Event()
    sideline.submit(work, 0)
    sideline.submit(done.set, 0)
    assert done.wait(LIMIT)
    assert "goes on after an error" in caplog.text


def test_while_one_never_returns_so_much_waits_and_no_more(
    sideline: Sideline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "END_GRACE", 0.01)
    began, hanging = threading.Event(), threading.Event()
    sideline.submit(lambda: (began.set(), hanging.wait())[0], 0)  # type: ignore[func-returns-value] # as above
    assert began.wait(LIMIT)
    taken = sum(sideline.submit(print, 1) for _ in range(WORK_LIMIT + 10))
    assert taken == WORK_LIMIT
    sideline.close()  # comes back although that thread does not
    again = threading.Event()
    assert sideline.submit(again.set, 0), "another one takes its place"
    assert again.wait(LIMIT)
    hanging.set()


def test_bodies_that_wait_are_limited_too(sideline: Sideline) -> None:
    began, go = threading.Event(), threading.Event()
    sideline.submit(lambda: (began.set(), go.wait())[0], WORK_BYTES)  # type: ignore[func-returns-value] # as above
    assert began.wait(LIMIT)
    assert sideline.submit(print, WORK_BYTES), "nothing else waits"
    assert not sideline.submit(print, 1)
    go.set()
