"""What happens to a process's adapters when it ends; each in a process of its own."""

from __future__ import annotations

import functools
import subprocess
import sys
import textwrap

import pytest

PRELUDE = """
import asyncio, logging, os, sys, threading
from bridge import AsgiToWsgi
from bridge.adapters.process_exit import at_exit, not_at_exit
from tests.adapters.wsgi_driver import ask

async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await receive()
        print("startup", flush=True)
        await send({"type": "lifespan.startup.complete"})
        await receive()
        # what cleanups do, and atexit would come too late for
        print(await asyncio.to_thread(lambda: "shutdown") if THREADS_AT_EXIT else "shutdown", flush=True)
        await send({"type": "lifespan.shutdown.complete"})
        return
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
    await send({"type": "http.response.body", "body": b"ok"})

adapter = AsgiToWsgi(app)
"""

# Early releases of Python 3.12 start no thread once the exit has begun.
PROBE = "import threading; threading._register_atexit(lambda: threading.Thread(target=print).start())"


@functools.cache
def threads_at_exit() -> bool:
    """Tell whether this Python starts threads while it ends."""
    return not subprocess.run([sys.executable, "-c", PROBE], capture_output=True, timeout=30).stderr


def run(code: str, status: int = 0) -> list[str]:
    """Return the lines that a process printed which runs the prelude and `code`."""
    prelude = PRELUDE.replace("THREADS_AT_EXIT", str(threads_at_exit()))
    done = subprocess.run(
        [sys.executable, "-W", "ignore::DeprecationWarning", "-c", prelude + textwrap.dedent(code)],
        capture_output=True,
        text=True,
        timeout=40,
    )
    assert done.returncode == status, done.stderr
    assert "Traceback" not in done.stderr or status, done.stderr
    return done.stdout.split()


def test_the_lifespan_is_shut_down_at_exit_while_threads_can_still_be_used() -> None:
    assert run("print(ask(adapter).body.decode(), flush=True)") == ["startup", "ok", "shutdown"]


def test_an_adapter_without_requests_starts_nothing_at_exit() -> None:
    assert run("pass") == []


def test_a_closed_adapter_is_not_closed_again() -> None:
    assert run("ask(adapter); adapter.close()") == ["startup", "shutdown"]


def test_sys_exit_ends_it_in_order() -> None:
    assert run("ask(adapter); sys.exit(3)", status=3) == ["startup", "shutdown"]


def test_background_tasks_are_finished_before_the_exit() -> None:
    code = """
    inner = app
    async def app(scope, receive, send):
        await inner(scope, receive, send)
        if scope["type"] == "http":
            await asyncio.sleep(0.2)
            print("background", flush=True)
    adapter = AsgiToWsgi(app)
    ask(adapter)
    """
    assert run(code) == ["startup", "background", "shutdown"]


def test_an_exit_callback_that_fails_does_not_keep_the_others_from_it() -> None:
    code = """
    logging.disable()
    at_exit(lambda: print("first", flush=True))
    at_exit(lambda: 1 / 0)
    at_exit(lambda: print("last", flush=True))
    """
    assert run(code) == ["last", "first"]


def test_not_at_exit_takes_it_back() -> None:
    code = """
    def callback():
        print("called")
    at_exit(callback)
    not_at_exit(callback)
    not_at_exit(callback)
    """
    assert run(code) == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no fork")
def test_a_forked_child_runs_its_own_lifespan_and_closes_only_its_own() -> None:
    code = """
    ask(adapter)
    child = os.fork()
    if child == 0:
        print("child", ask(adapter).body.decode(), flush=True)
        sys.exit(0)
    os.waitpid(child, 0)
    print("parent", ask(adapter).body.decode(), flush=True)
    """
    assert run(code) == ["startup", "startup", "child", "ok", "shutdown", "parent", "ok", "shutdown"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no fork")
def test_a_forked_child_that_asks_nothing_has_nothing_to_close() -> None:
    code = """
    ask(adapter)
    child = os.fork()
    if child == 0:
        sys.exit(0)
    os.waitpid(child, 0)
    """
    assert run(code) == ["startup", "shutdown"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no fork")
def test_what_runs_in_the_parent_is_not_finalised_in_a_child() -> None:
    """Its `finally` would close what the parent still uses."""
    code = """
    running = threading.Event()
    inner = app
    async def app(scope, receive, send):
        try:
            if scope["type"] == "http" and scope["path"] == "/wait":
                running.set()
                await asyncio.Event().wait()
            await inner(scope, receive, send)
        finally:
            print("closed", scope["type"], "by", "child" if os.getpid() != parent else "parent", flush=True)
    parent = os.getpid()
    adapter = AsgiToWsgi(app, shutdown_timeout=0.1)
    request = threading.Thread(target=ask, args=(adapter, "GET", "/wait"), daemon=True)
    request.start()
    running.wait()
    child = os.fork()
    if child == 0:
        sys.exit(0)
    os.waitpid(child, 0)
    print("child ended", flush=True)
    logging.disable()
    """
    assert " ".join(run(code)) == (
        "startup child ended closed http by parent shutdown closed lifespan by parent"
    )


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no fork")
def test_a_fork_during_a_startup_begins_anew_in_the_child() -> None:
    """Another thread holds locks at that moment, and will never release them in the child."""
    code = """
    started, release = threading.Event(), threading.Event()
    inner, parent = app, os.getpid()
    async def app(scope, receive, send):
        if scope["type"] == "lifespan" and os.getpid() == parent:
            started.set()
            await asyncio.to_thread(release.wait)
        await inner(scope, receive, send)
    adapter = AsgiToWsgi(app)
    starting = threading.Thread(target=adapter.start)
    starting.start()
    started.wait()
    child = os.fork()
    if child == 0:
        print("child", ask(adapter).body.decode(), flush=True)
        sys.exit(0)
    os.waitpid(child, 0)
    release.set()
    starting.join()
    """
    assert run(code) == ["startup", "child", "ok", "shutdown", "startup", "shutdown"]
