"""Disconnect, cancellation, shutdown: every row of the list, on the strict driver and on every server."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conformance.apps import disconnect as rows
from tests.conformance.apps.environ import dump
from tests.conformance.peers import Peer
from tests.conformance.strict_peer import StrictPeer

ROOT = Path(__file__).resolve().parents[2]
MORE_THAN_THREADS = 45  # the bridge has 40


def wait_until_idle(peer: Peer) -> None:
    """Return when no request runs; each question gives the others time to end."""
    for _ in range(2000):
        if peer.active() == 0:
            return
    raise AssertionError(f"{peer.active()} requests still run")


def test_a_client_that_goes_while_the_app_streams_ends_the_iteration(peer: Peer, token: str) -> None:
    with peer.open(rows.endless, method="GET", token=token) as conversation:
        conversation.await_body(100_000)
        conversation.leave()
        notes = peer.notes(token, until="closed")
    assert [note for note in notes if note != "block"] == ["thread", "context", "closed"]
    wait_until_idle(peer)


def test_a_client_that_goes_before_the_first_block_ends_the_iteration(peer: Peer, token: str) -> None:
    with peer.open(rows.endless_when_told, method="GET", token=token) as conversation:
        assert "waiting" in peer.notes(token, until="waiting")
        conversation.leave()
        peer.tell(token, "go")
        assert peer.notes(token, until="closed").count("closed") == 1
    wait_until_idle(peer)


def test_abandoned_streams_leave_the_pool_free(peer: Peer, token: str) -> None:
    for number in range(MORE_THAN_THREADS):
        with peer.open(rows.endless, method="GET", token=f"{token}-{number}") as conversation:
            conversation.await_body(1)
            conversation.leave()
    assert peer.ask(dump).status == 200
    wait_until_idle(peer)


def test_an_app_that_waits_can_ask_whether_its_client_has_gone(peer: Peer, token: str) -> None:
    with peer.open(rows.waits_for_disconnect, method="GET", token=token) as conversation:
        assert peer.notes(token, until="first False") == ["first False"]
        conversation.leave()
        assert peer.notes(token, until="ended") == ["first False", "last True", "ended"]


def test_a_client_that_stays_gets_every_block_as_it_comes(peer: Peer, token: str) -> None:
    with peer.open(rows.two_blocks, method="GET", token=token) as conversation:
        conversation.await_body(len(b"first "))
        peer.tell(token, "go")
        assert conversation.reply().body == b"first second"


@pytest.mark.parametrize("error", [ConnectionResetError("gone"), RuntimeError("a server's own fault")])
def test_a_send_that_raises_strands_no_worker(strict: StrictPeer, token: str, error: Exception) -> None:
    async def failing(event: object) -> None:
        raise error

    reply = strict.ask_with(rows.endless, token=token, on_send=failing)
    assert reply.error is (None if isinstance(error, OSError) else error)  # OSError: the client has gone
    assert "closed" in strict.notes(token, until="closed")
    wait_until_idle(strict)


def test_cancellation_closes_the_iterable(strict: StrictPeer, token: str) -> None:
    with strict.open(rows.endless, method="GET", token=token) as conversation:
        conversation.await_body(100_000)
    assert strict.notes(token, until="closed").count("closed") == 1
    wait_until_idle(strict)


def test_shutdown_lets_running_requests_end(executor: str, token: str) -> None:
    strict = StrictPeer(executor)
    try:
        conversation = strict.open(rows.two_blocks, method="GET", token=token)
        conversation.await_body(1)
        strict.tell(token, "go")
        assert conversation.reply().complete
    finally:
        strict.close()
    assert strict.statistics().active == 0


FORK = """
import asyncio, os, sys, threading

from bridge import WsgiToAsgi
from tests.asgi_driver import AsgiCall

def app(environ, start_response):
    start_response("200 OK", [])
    return [b"from a thread: %d" % (threading.current_thread() is not threading.main_thread())]

async def ask():
    answer = await AsgiCall(bridge).run()
    await bridge.executor.drain()
    return answer.body

bridge = WsgiToAsgi(app)
assert threading.active_count() == 1, "threads were started at import or construction"
child = os.fork()
assert asyncio.run(ask()) == b"from a thread: 1"
if child:
    sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork()")
def test_forked_workers_start_their_own_threads_and_import_starts_none(executor: str) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", FORK],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert (done.returncode, done.stderr) == (0, "")
