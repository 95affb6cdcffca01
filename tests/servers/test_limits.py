"""The table of limits names tests and servers that exist; whether they still fail, xfail_strict tells."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conformance.fixtures import EXECUTORS, case_of, maybe_limit
from tests.servers.catalogue import PEERS
from tests.servers.limits import LIMITS

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.xdist_group("limits")  # one worker collects the suite, once


@pytest.fixture(scope="module")
def collected() -> list[str]:
    """Return the names of all tests of the suite, with their parameters."""
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "--collect-only",
            "-q",
            "tests/conformance",
            "tests/servers",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=50,
        check=True,
    )
    return [line.rpartition("::")[2] for line in done.stdout.splitlines() if "::" in line]


def test_a_limit_belongs_to_a_peer_and_has_a_reason() -> None:
    assert set(LIMITS) <= set(PEERS)
    assert all(reason for limits in LIMITS.values() for reason in limits.values())


@pytest.mark.parametrize("peer", LIMITS)
def test_a_limit_names_a_test_of_the_suite(peer: str, collected: list[str]) -> None:
    cases = {case_of(test, peer, executor) for test in collected for executor in EXECUTORS if peer in test}
    known = {function for function, _ in cases} | {f"{function}[{case}]" for function, case in cases}
    assert set(LIMITS[peer]) <= known


def test_a_limit_is_found_by_its_case_or_by_its_function() -> None:
    name = "test_QUERY_STRING_has_the_raw_bytes_as_latin_1"
    assert maybe_limit("daphne", f"{name}[daphne-thread-raw-utf-8]", "thread") is not None
    assert maybe_limit("daphne", f"{name}[daphne-thread-plain]", "thread") is None
    assert maybe_limit("strict", f"{name}[strict-thread-raw-utf-8]", "thread") is None
    function = "test_an_upload_waits_for_an_app_that_does_not_read"
    assert maybe_limit("daphne", f"{function}[daphne-thread]", "thread") is not None
