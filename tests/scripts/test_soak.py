"""The soak: a short one against each protocol, and that its verdict sees what it is there to see."""

from __future__ import annotations

import dataclasses

import pytest

from scripts.soaking.sampling import Samples, soak
from scripts.soaking.traffic import KINDS
from scripts.soaking.verdict import GROWTH, faults, report
from tests.faults.uvicorn_server import PROTOCOLS
from tests.faults.vitals import Vitals

IDLE = Vitals(
    threads=21,
    tasks=3,
    descriptors=16,
    resident=40_000_000,
    active=0,
    queued=0,
    started=900,
    finished=900,
    rejected=0,
    queue_timeouts=0,
    abandoned=10,
)


def samples(**changes: object) -> Samples:
    fine = Samples(
        seconds=120.0, requests={"upload": 3600}, wrong=[], before=IDLE, during=[IDLE] * 10, after=IDLE
    )
    return dataclasses.replace(fine, **changes)  # type: ignore[arg-type] # fields of several types


@pytest.mark.slow
@pytest.mark.parametrize("http", PROTOCOLS)
def test_a_short_soak_leaves_the_server_as_it_was(http: str) -> None:
    seen = soak(http, seconds=5.0, clients=8, seed=3, interval=0.25)
    assert faults(seen) == [], report(seen)
    assert len(seen.requests) == len(KINDS), "some kind of request was never made"


def test_a_short_soak_of_the_greenlet_lane_leaves_no_greenlet() -> None:
    seen = soak(
        "httptools", seconds=30.0, clients=8, seed=3, interval=0.25, requests=1500, executor="greenlet"
    )
    assert faults(seen) == [], report(seen)
    assert sum(seen.requests.values()) >= 1500


def test_a_server_that_stays_as_it_was_has_no_faults() -> None:
    assert faults(samples()) == []


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"wrong": ["upload: 200 b'0'"]}, "wrong answer: upload: 200 b'0'"),
        ({"after": dataclasses.replace(IDLE, tasks=4)}, "tasks grew from 3 to 4"),
        ({"after": dataclasses.replace(IDLE, descriptors=20)}, "descriptors grew from 16 to 20"),
        ({"after": dataclasses.replace(IDLE, threads=40)}, "40 threads are left"),
        ({"after": dataclasses.replace(IDLE, greenlets=30)}, "30 greenlets are left, of 20 at most"),
        ({"during": [dataclasses.replace(IDLE, threads=60)]}, "60 threads, with a pool of 20"),
    ],
    ids=["answer", "tasks", "descriptors", "threads left", "greenlets", "threads"],
)
def test_the_verdict_names_what_has_changed(changes: dict[str, object], fault: str) -> None:
    assert fault in faults(samples(**changes))


def test_the_verdict_sees_memory_that_grows_and_not_memory_that_wanders() -> None:
    leak = [dataclasses.replace(IDLE, resident=IDLE.resident + GROWTH * step // 4) for step in range(10)]
    assert faults(samples(during=leak)) == ["resident memory grew by 3.8 MiB between the two halves"]
    wandering = [
        dataclasses.replace(IDLE, resident=IDLE.resident + GROWTH * (step % 2)) for step in range(10)
    ]
    assert faults(samples(during=wandering)) == []


def test_requests_that_never_ended_are_a_fault() -> None:
    (fault,) = faults(samples(after=dataclasses.replace(IDLE, active=1)))
    assert fault.startswith("requests are left")


def test_the_report_says_what_an_hour_of_it_would_be() -> None:
    assert report(samples()).startswith(
        "requests      3600 in 120 s, as many as 1 a second for an hour\nof kind       upload 3600\n"
    )
