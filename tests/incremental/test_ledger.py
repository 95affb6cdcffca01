"""Between requests and the store: batches, and a store that goes away."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import pytest

from bridge.incremental import ledger as module
from bridge.incremental.counters import bucket_bound, bucket_of, percentile, side_numbers
from bridge.incremental.errors import StoreUnavailable
from bridge.incremental.ledger import WORK_BYTES, WORK_LIMIT, Ledger
from bridge.incremental.store.base import IGNORED, Batch, Counters, Difference, Settings, ignored_field
from bridge.incremental.store.memory import MemoryStore


class FlakyStore(MemoryStore):
    """A store that can be taken away."""

    def __init__(self) -> None:
        super().__init__()
        self.away = self.deaf = False
        self.batches = 0

    def revision(self) -> int:
        self._require()
        return super().revision()

    def add(
        self, increments: Counters, differences: Sequence[Difference] = (), *, batch: Batch | None = None
    ) -> None:
        self._require()
        self.batches += 1
        super().add(increments, differences, batch=batch)
        if self.deaf:
            raise StoreUnavailable(self.url, TimeoutError("no reply"))

    def _require(self) -> None:
        if self.away:
            raise StoreUnavailable(self.url, ConnectionError("refused"))


@pytest.fixture
def store() -> FlakyStore:
    return FlakyStore()


def made(store: FlakyStore, **options: Any) -> Ledger:
    return Ledger(store, options.pop("on_settings", lambda settings: None), **options)


def test_counts_go_out_in_one_batch(store: FlakyStore) -> None:
    ledger = made(store)
    for _ in range(100):
        ledger.note("GET /x", "modern", "canary", failed=True, seconds=0.01)
    ledger.count("GET /y", "compared", 3)
    ledger.turn()
    ledger.turn()
    assert store.batches == 1
    assert store.counters() == {
        "GET /x": {
            "modern.requests": 100,
            "modern.in.canary": 100,
            "modern.errors": 100,
            f"modern.latency.{bucket_of(0.01)}": 100,
        },
        "GET /y": {"compared": 3},
    }


def test_settings_are_told_once_a_change(store: FlakyStore) -> None:
    told: list[int] = []
    ledger = made(store, on_settings=lambda settings: told.append(settings.revision))
    ledger.turn()
    ledger.turn()
    store.change({"GET /x": "modern"}, by="ann")
    ledger.turn()
    assert told == [0, 1]


def test_a_store_that_goes_away_is_told_once_and_loses_nothing(
    store: FlakyStore, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "RETRY_AFTER", 0.0)
    ledger = made(store)
    ledger.note("GET /x", "modern", "canary", failed=False, seconds=0.01)
    store.away = True
    for _ in range(5):
        ledger.note("GET /x", "modern", "canary", failed=False, seconds=0.01)
        ledger.turn()
    assert caplog.text.count("last known rules") == 1
    store.away = False
    ledger.turn()
    assert "is back" in caplog.text
    assert store.counters()["GET /x"]["modern.requests"] == 6


def test_a_batch_whose_reply_is_lost_is_counted_and_kept_once(
    store: FlakyStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "RETRY_AFTER", 0.0)
    ledger = made(store)
    ledger.count("GET /x", "compared", 3)
    kept = [
        Difference(route="GET /x", at=at, method="GET", target="/x", headers=(), fields=())
        for at in (1.0, 2.0)
    ]
    ledger.keep(kept[0])
    store.deaf = True
    ledger.turn()
    ledger.count("GET /x", "compared", 4)
    ledger.keep(kept[1])
    ledger.turn()
    store.deaf = False
    ledger.turn()
    assert store.counters() == {"GET /x": {"compared": 7}}
    assert store.differences("GET /x") == kept[::-1]


def test_a_store_that_was_lost_gets_the_last_known_settings(caplog: pytest.LogCaptureFixture) -> None:
    before, told = MemoryStore(), list[dict[str, str]]()
    workers = [Ledger(before, lambda settings: told.append(dict(settings.routes))) for _ in range(3)]
    before.change({"GET /x": "modern", ignored_field("GET /y", "$.at"): IGNORED}, by="ann")
    for ledger in workers:
        ledger.turn()
    new = MemoryStore()
    for ledger in workers:
        ledger.store = new
        ledger.turn()
    assert new.settings() == Settings(2, {"GET /x": "modern"}, {"GET /y": ("$.at",)})
    assert told == [new.settings().routes] * len(told)
    assert [change.by for change in new.history()] == ["wsgi-bridge"] * 2, "one worker made the change"
    assert "is empty; the last known rules go into it" in caplog.text


def test_a_store_that_was_lost_keeps_what_was_set_since(store: FlakyStore) -> None:
    ledger = made(store)
    store.change({"GET /x": "modern"}, by="ann")
    ledger.turn()
    ledger.store = new = MemoryStore()
    new.change({"GET /x": "legacy"}, by="ann")
    new.change({"GET /y": "legacy"}, by="ann")
    ledger.turn()
    assert new.settings().routes == {"GET /x": "legacy", "GET /y": "legacy"}


def test_a_store_that_raises_anything_is_one_that_is_away(
    store: FlakyStore, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "RETRY_AFTER", 0.0)
    ledger = made(store)
    with monkeypatch.context() as broken:
        broken.setattr(store, "revision", lambda: int("no number"))  # as a key in Redis that somebody wrote
        ledger.count("GET /x", "compared")
        ledger.turn()
    assert "ValueError" in caplog.text
    ledger.turn()
    assert "is back" in caplog.text
    assert store.counters() == {"GET /x": {"compared": 1}}


def test_what_no_store_can_take_is_dropped_and_told(
    store: FlakyStore, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else it would be tried for ever, with all counts of the future behind it."""
    ledger = made(store)
    with monkeypatch.context() as broken:
        broken.setattr(store, "add", lambda *_, **__: "\ud800".encode())
        ledger.count("GET /x", "compared")
        ledger.turn()
    assert "counts and differences are lost" in caplog.text
    ledger.count("GET /x", "equal")
    ledger.turn()
    assert store.counters() == {"GET /x": {"equal": 1}}


def test_a_store_that_is_away_is_not_asked_all_the_time(store: FlakyStore) -> None:
    ledger = made(store)
    store.away = True
    ledger.turn()
    store.away = False
    ledger.count("GET /x", "compared")
    ledger.turn()
    assert store.counters() == {}


def test_what_goes_wrong_in_a_turn_does_not_end_the_thread(
    store: FlakyStore, caplog: pytest.LogCaptureFixture
) -> None:
    def broken() -> None:
        raise ZeroDivisionError

    ledger = made(store, every=[broken])
    ledger.submit(broken)
    ledger.count("GET /x", "compared")
    ledger.turn()
    assert caplog.text.count("goes on after an error") == 2
    assert store.counters() == {"GET /x": {"compared": 1}}


def test_work_that_piles_up_is_refused(store: FlakyStore) -> None:
    ledger = made(store)
    accepted = [ledger.submit(lambda: None) for _ in range(WORK_LIMIT + 1)]
    assert accepted == [True] * WORK_LIMIT + [False]


def test_work_is_bounded_by_what_it_holds_but_never_refused_alone(store: FlakyStore) -> None:
    ledger = made(store)
    assert ledger.submit(lambda: None, 2 * WORK_BYTES)
    assert not ledger.submit(lambda: None, 1)
    ledger.turn()
    assert [ledger.submit(lambda: None, WORK_BYTES // 2) for _ in range(3)] == [True, True, False]


def test_comparisons_without_end_do_not_keep_settings_from_being_read(store: FlakyStore) -> None:
    """A change must be in force within a second above all while much goes wrong: a rollback."""
    seen: list[Settings] = []
    ledger = made(store, on_settings=seen.append, interval=0.01)
    rounds = iter(range(100_000))

    def work() -> None:
        if next(rounds, None) is not None:
            ledger.submit(work)  # more comes faster than it is done

    ledger.submit(work)
    store.change({"GET /x": "legacy"}, by="ann")
    ledger.turn()
    assert [settings.routes for settings in seen] == [{"GET /x": "legacy"}]
    assert len(ledger._work) == 1


def test_the_thread_does_what_is_left_when_it_ends(store: FlakyStore) -> None:
    ledger = made(store, interval=0.0)
    done: list[int] = []
    for number in range(5):
        ledger.submit(lambda number=number: done.append(number))  # type: ignore[misc]  # bound now
    ledger.stop()
    assert done == [0, 1, 2, 3, 4]


def test_the_thread_writes_what_is_left_when_it_ends(store: FlakyStore) -> None:
    ledger = made(store, interval=60.0)
    ledger.start()
    ledger.start()
    ledger.count("GET /x", "compared")
    ledger.keep(Difference(route="GET /x", at=1.0, method="GET", target="/x", headers=(), fields=()))
    ledger.stop()
    assert store.counters() == {"GET /x": {"compared": 1}}
    assert len(store.differences("GET /x")) == 1
    ledger.start()
    ledger.stop()


def test_noting_an_answer_costs_little(store: FlakyStore) -> None:
    """The promise is five microseconds for all of Migration; fifty here leaves room for a busy machine."""
    ledger = made(store)
    start = time.thread_time()  # not the time that other processes take
    for _ in range(10_000):
        ledger.note("GET /x", "modern", "canary", failed=False, seconds=0.01)
    assert (time.thread_time() - start) / 10_000 < 50e-6


@pytest.mark.parametrize("seconds", [0.0, 0.0004, 0.001, 0.0123, 1.0, 59.0, 1e9])
def test_a_latency_falls_into_a_bucket_that_is_right_to_a_fifth(seconds: float) -> None:
    bound = bucket_bound(bucket_of(seconds))
    if 0.0005 < seconds < 100:
        assert seconds <= bound <= seconds * 1.19
    assert bound <= 132


def test_percentiles_come_from_the_buckets() -> None:
    buckets = {bucket_of(0.01): 95, bucket_of(1.0): 5}
    assert percentile(buckets, 0.5) == percentile(buckets, 0.95) == pytest.approx(0.01, rel=0.19)
    assert percentile(buckets, 0.96) == pytest.approx(1.0, rel=0.19)
    assert percentile({}, 0.5) is None
    assert side_numbers({}, "modern").error_rate == 0.0
