"""Forks, and event loops that end before their requests do; each in a process of its own, in both lanes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LIMIT = 40.0  # seconds

HEAD = """
import asyncio, os, signal, sys, threading, time, warnings
warnings.simplefilter("error")
warnings.filterwarnings("ignore", category=DeprecationWarning, message=".*fork.*")
LANE = {"thread": {"max_threads": 2}, "greenlet": {"executor": "greenlet", "max_greenlets": 2}}[sys.argv[1]]
if sys.argv[1] == "greenlet":
    from bridge import cooperative
    cooperative.install()
from bridge import WsgiToAsgi
from tests.asgi_driver import AsgiCall

def app(environ, start_response):
    body = environ["wsgi.input"].read()
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"%d %d" % (os.getpid(), len(body))]

bridge = WsgiToAsgi(app, **LANE, shutdown_timeout=5.0)

async def ask(count=1, **request):
    calls = [AsgiCall(bridge, **request) for _ in range(count)]
    return [answer.body.decode() for answer in await asyncio.gather(*[call.run() for call in calls])]
"""


LANES = pytest.mark.parametrize("lane", ["thread", "greenlet"])


def run(program: str, lane: str) -> str:
    """Run HEAD and the program in a new interpreter, with that lane; return what it printed."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore::DeprecationWarning", "-c", HEAD + program, lane],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=LIMIT,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Traceback" not in done.stderr, done.stderr
    assert "never awaited" not in done.stderr, done.stderr
    return done.stdout


@LANES
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_child_forked_from_a_process_that_has_served_serves(lane: str) -> None:
    """gunicorn --preload, and any application that forks: the child has none of its parent's threads."""
    out = run(
        """
assert asyncio.run(ask(5)) == [f"{os.getpid()} 0"] * 5
assert bridge.executor.statistics().threads > 0
child = os.fork()
if child == 0:
    statistics = bridge.executor.statistics()
    assert (statistics.started, statistics.active) == (0, 0), statistics
    assert statistics.threads == (0 if sys.argv[1] == "thread" else statistics.idle)  # a greenlet is memory
    assert asyncio.run(ask(20)) == [f"{os.getpid()} 0"] * 20
    assert asyncio.run(ask(1, method="POST", headers=[(b"content-length", b"4")], body=b"body")) == [f"{os.getpid()} 4"]
    statistics = bridge.executor.statistics()
    assert statistics.started == statistics.finished + statistics.active == 21, statistics
    os._exit(0)
assert os.waitpid(child, 0)[1] == 0
assert asyncio.run(ask(5)) == [f"{os.getpid()} 0"] * 5
print("both serve")
""",
        lane,
    )
    assert out == "both serve\n"


@LANES
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_child_forked_in_the_middle_of_requests_serves(lane: str) -> None:
    """Every lock may be held, every thread busy and the queue full at that moment."""
    out = run(
        """
entered, go = threading.Semaphore(0), threading.Event()
def busy(environ, start_response):
    if environ["PATH_INFO"] == "/busy":
        entered.release()
        go.wait()
    return app(environ, start_response)
bridge = WsgiToAsgi(busy, **LANE, shutdown_timeout=5.0)

async def parent():
    tasks = [asyncio.ensure_future(ask(1, path="/busy")) for _ in range(4)]
    for _ in range(2):
        await asyncio.to_thread(entered.acquire)
    with bridge.executor._lock:
        child = os.fork()
    if child == 0:
        child_program()  # not back into the loop: it shares its wake-up socket with the parent's
    go.set()
    await asyncio.gather(*tasks)
    await bridge.executor.drain()
    return child

def child_program():
    statistics = bridge.executor.statistics()
    assert (statistics.threads, statistics.active, statistics.queued) == (0, 0, 0), statistics
    answers = []
    thread = threading.Thread(target=lambda: answers.extend(asyncio.run(ask(20))))
    thread.start()
    thread.join(20)
    os._exit(0 if answers == [f"{os.getpid()} 0"] * 20 else 1)

coroutine = parent()
loop = asyncio.new_event_loop()
child = loop.run_until_complete(coroutine)
assert os.waitpid(child, 0)[1] == 0
loop.close()
print("both serve")
""",
        lane,
    )
    assert out == "both serve\n"


@LANES
def test_many_loops_one_after_the_other_and_at_once(lane: str) -> None:
    """Tests do that, and servers with several loops in one process."""
    out = run(
        """
for _ in range(5):
    assert asyncio.run(ask(3)) == [f"{os.getpid()} 0"] * 3
answers = []
threads = [threading.Thread(target=lambda: answers.extend(asyncio.run(ask(50)))) for _ in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join(20)
assert answers == [f"{os.getpid()} 0"] * 200
asyncio.run(bridge.executor.drain())
statistics = bridge.executor.statistics()
assert statistics.started == statistics.finished == 215, statistics
print("all served")
""",
        lane,
    )
    assert out == "all served\n"


APPS = {
    "reading": 'environ["wsgi.input"].read(); yield b"never"',
    "above-high-water": 'yield from (b"x" * 1000 for _ in range(1000))',
    "asking": 'environ["bridge.disconnected"](); yield b"x"',
    "streaming": 'yield from iter(lambda: b"x", None)',
}


@LANES
@pytest.mark.parametrize("app", APPS)
def test_a_loop_that_ends_before_its_request_strands_no_worker(app: str, lane: str) -> None:
    """asyncio.run() cancels what it finds, the request and its pump in no order, and closes the loop."""
    out = run(
        f"""
entered = threading.Event()
closed = threading.Event()
class Blocks:
    def __init__(self, environ): self.blocks = self.make(environ)
    def __iter__(self): return self.blocks
    def make(self, environ):
        entered.set()
        {APPS[app]}
    def close(self): closed.set()
def endless(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return Blocks(environ)
bridge = WsgiToAsgi(endless, **LANE, high_water=1000, body_wait=0, shutdown_timeout=10.0)
async def stuck(event):
    await asyncio.get_running_loop().create_future()
call = AsgiCall(bridge, method="POST", headers=[(b"content-length", b"10")], body=None, on_send=stuck)
async def main():
    asyncio.ensure_future(call._call())
    await asyncio.to_thread(entered.wait)
asyncio.run(main())
assert closed.wait(10), "the worker is stranded"
assert asyncio.run(bridge.executor.drain()) == []
print("free")
""",
        lane,
    )
    assert out == "free\n"
