"""Who is asked: the strict driver in process, and every server of the matrix.

A later executor is one more name in EXECUTORS; the strict driver and all servers are then asked for it, too.
Each server runs once, beside the xdist worker that has its group (`--dist loadgroup`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from tests.conformance.peers import Peer, new_token
from tests.conformance.strict_peer import StrictPeer
from tests.servers.catalogue import PEERS, server_of
from tests.servers.limits import LIMITS
from tests.servers.processes import ServerProcess
from tests.servers.socket_peer import Http2Peer, SocketPeer
from tests.servers.wire import Incomplete

__all__ = [
    "EXECUTORS",
    "SHORT",
    "executor",
    "http1",
    "mark_if_limited",
    "peer",
    "running_servers",
    "strict",
    "token",
]

EXECUTORS = ["thread", "greenlet"]
STRICT = "strict"
SHORT = 1.0  # seconds to wait for what a server is known not to do


@pytest.fixture(params=EXECUTORS)
def executor(request: pytest.FixtureRequest) -> str:
    """Return the name of the executor under test."""
    name: str = request.param
    return name


class RunningServers:
    """Starts a server when it is first asked for, and stops them all at the end."""

    def __init__(self) -> None:
        self._running: dict[tuple[str, str], ServerProcess] = {}

    def __call__(self, peer: str, executor: str) -> ServerProcess:
        """Return the process behind a peer."""
        key = (server_of(peer).name, executor)
        if key not in self._running:
            with ExitStack() as on_failure:
                self._running[key] = on_failure.enter_context(ServerProcess(server_of(peer), executor))
                on_failure.pop_all()  # it listens: it runs until stop()
        return self._running[key]

    def stop(self) -> None:
        """End them, all at the same time: some take a second or two."""
        with ThreadPoolExecutor() as pool:
            list(pool.map(ServerProcess.stop, self._running.values()))


@pytest.fixture(scope="session")
def running_servers() -> Iterator[RunningServers]:
    """Return what starts servers; they end with the session."""
    servers = RunningServers()
    yield servers
    servers.stop()


def _params(names: list[str]) -> list[object]:
    return [
        pytest.param(name, marks=() if name == STRICT else pytest.mark.xdist_group(server_of(name).name))
        for name in names
    ]


@pytest.fixture
def strict(executor: str) -> Iterator[StrictPeer]:
    """Return the strict driver alone, for what no socket can show."""
    peer = StrictPeer(executor)
    yield peer
    peer.close()


@pytest.fixture(params=_params([STRICT, *PEERS]))
def peer(request: pytest.FixtureRequest, executor: str) -> Iterator[Peer]:
    """Return whom to ask: the strict driver, and each server over each of its protocols."""
    if request.param == STRICT:
        yield request.getfixturevalue("strict")
    else:
        yield _socket_peer(request, executor)


@pytest.fixture(params=_params([name for name in PEERS if name == server_of(name).name]))
def http1(request: pytest.FixtureRequest, executor: str) -> SocketPeer:
    """Return each server, over HTTP/1.1."""
    found = _socket_peer(request, executor)
    assert isinstance(found, SocketPeer)
    return found


def _socket_peer(request: pytest.FixtureRequest, executor: str) -> SocketPeer | Http2Peer:
    name = request.param
    limited = mark_if_limited(request, name, executor)
    running: RunningServers = request.getfixturevalue("running_servers")
    address = running(name, executor).address
    found = SocketPeer(name, address) if name == server_of(name).name else Http2Peer(name, address)
    if limited:
        found.patience = found.read_limit = SHORT
    return found


def mark_if_limited(request: pytest.FixtureRequest, peer: str, executor: str) -> bool:
    """Expect the test to fail if that is a known limit of the server; tell whether it is.

    Strictly: when the server improves, the test fails and the entry has to go.
    """
    reason = maybe_limit(peer, request.node.name, executor)
    if reason is not None:
        raises = (AssertionError, OSError, Incomplete)
        request.applymarker(pytest.mark.xfail(reason=f"{peer}: {reason}", strict=True, raises=raises))
    return reason is not None


def maybe_limit(peer: str, test: str, executor: str) -> str | None:
    """Return the reason why this test fails on this server; None where it should pass.

    An entry names a test, `test_x`, or one of its cases, `test_x[case]`.
    """
    limits = LIMITS.get(peer, {})
    function, case = case_of(test, peer, executor)
    return limits.get(f"{function}[{case}]", limits.get(function))


def case_of(test: str, peer: str, executor: str) -> tuple[str, str]:
    """Split a test's name into its function and its case, without peer and executor."""
    function, _, parameters = test.partition("[")
    case = re.sub(
        rf"(^|-)({re.escape(executor)}-{re.escape(peer)}|{re.escape(peer)}-{re.escape(executor)})",
        "",
        parameters[:-1],
    )
    return function, case.strip("-")


@pytest.fixture
def token() -> str:
    """Return a token for this test's notes."""
    return new_token()
