"""The suite's own guards, each shown a test that it must fail and one that it must leave alone."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

RunSuite = Callable[..., tuple[int, str]]


@pytest.fixture
def run_suite(tmp_path: Path) -> RunSuite:
    """Return what runs a test file with this suite's conftest, and returns its exit code and output."""

    def run(source: str, **environment: str) -> tuple[int, str]:
        (tmp_path / "test_it.py").write_text(source, "utf-8")
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-p",
            "tests.conftest",
            "-p",
            "no:cacheprovider",
            "-p",
            "no:xdist",
        ]
        done = subprocess.run(
            [*command, "-c", str(ROOT / "pyproject.toml"), "--rootdir", str(tmp_path), str(tmp_path)],
            capture_output=True,
            text=True,
            cwd=ROOT,
            env={**os.environ, "CI": "", **environment},
            timeout=50,
        )
        return done.returncode, done.stdout + done.stderr

    return run


@pytest.fixture
def open_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


@pytest.fixture
def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return listening.getsockname()[1]


SERVICE_TEST = """
import pytest

@pytest.mark.service("redis")
def test_needs_a_driver():
    pytest.importorskip("a_driver_that_nobody_has")
"""


def test_a_skip_without_its_service_is_a_skip_even_in_ci(run_suite: RunSuite, closed_port: int) -> None:
    code, output = run_suite(SERVICE_TEST, CI="true", WSGI_BRIDGE_TEST_REDIS_PORT=str(closed_port))
    assert code == 0
    assert f"redis does not answer on 127.0.0.1:{closed_port}" in output


def test_a_skip_beside_an_answering_service_fails_in_ci(run_suite: RunSuite, open_port: int) -> None:
    code, output = run_suite(SERVICE_TEST, CI="true", WSGI_BRIDGE_TEST_REDIS_PORT=str(open_port))
    assert code == 1
    assert "skipped in CI although it could have run" in output


def test_a_skip_beside_an_answering_service_is_a_skip_at_home(run_suite: RunSuite, open_port: int) -> None:
    code, output = run_suite(SERVICE_TEST, WSGI_BRIDGE_TEST_REDIS_PORT=str(open_port))
    assert code == 0
    assert "could not import 'a_driver_that_nobody_has'" in output


LEAKS = """
import asyncio, threading
import pytest
from tests import leaks

leaks.GRACE = 0.1
released = threading.Event()

@pytest.fixture(scope="module", autouse=True)
def release():
    yield
    released.set()

def test_thread():
    threading.Thread(target=released.wait, name="forgotten-thread").start()

async def test_task():
    global task
    task = asyncio.ensure_future(forgotten_coroutine())
    await asyncio.sleep(0)

async def forgotten_coroutine():
    await asyncio.Event().wait()
"""


def test_a_thread_or_task_left_behind_fails_its_test(run_suite: RunSuite) -> None:
    code, output = run_suite(LEAKS)
    assert code == 1
    assert "threads left behind: ['forgotten-thread']" in output
    assert "tasks left behind: ['<coroutine object forgotten_coroutine" in output
    assert "2 passed, 2 errors" in output


TIDY = """
import asyncio, threading
import pytest

def test_thread_that_ends():
    threading.Thread(target=lambda: None).start()

async def test_task_that_ends():
    global task
    task = asyncio.ensure_future(asyncio.sleep(0.01))

@pytest.mark.leaks("the point of this test")
def test_marked():
    threading.Thread(target=threading.Event().wait, daemon=True).start()
"""


def test_what_ends_by_itself_or_is_marked_passes(run_suite: RunSuite) -> None:
    code, output = run_suite(TIDY)
    assert (code, "3 passed" in output) == (0, True), output


BLOCKING = """
import time
import pytest
import bridge

# Code that counts as ours: its file name stands below the package.
source = compile("def nap():\\n    time.sleep(0.001)", bridge.__path__[0] + "/made_up.py", "exec")
exec(source, globals())

async def test_ours_blocks_the_loop():
    nap()

def test_ours_blocks_a_thread():
    nap()

async def test_a_peer_blocks_the_loop():
    time.sleep(0.001)

@pytest.mark.may_block("the point of this test")
async def test_marked():
    nap()
"""


def test_code_of_ours_may_not_block_the_loop(run_suite: RunSuite) -> None:
    code, output = run_suite(BLOCKING)
    assert code == 1
    assert "BlockingError: Blocking call to time.sleep" in output
    assert "1 failed, 3 passed" in output


def test_an_unknown_marker_is_refused(run_suite: RunSuite) -> None:
    code, output = run_suite("import pytest\n@pytest.mark.nonsense\ndef test_it(): pass\n")
    assert code != 0
    assert "'nonsense' not found in `markers`" in output
