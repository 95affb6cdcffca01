"""Faults where a request of the greenlet lane waits: each wait cancelled, names that never come, pools that are empty."""

from __future__ import annotations

import asyncio
import ctypes
import gc
import itertools
import queue
import select
import socket
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from bridge import await_, cooperative
from bridge.cooperative import names, readiness
from bridge.cooperative.switch import run_in_greenlet
from bridge.errors import NotInGreenlet
from tests.faults.rig import LIMIT, CancelledAt

pytestmark = [
    pytest.mark.may_block("the layer replaces the very methods that the guard replaces"),
    pytest.mark.usefixtures("layer"),
]

MOST_WAITS = 60  # a guard; the conversation has about 20


@pytest.fixture
def layer() -> Iterator[None]:
    """The cooperative layer, and a look at what it watches when the test is over."""
    cooperative.install()
    yield
    cooperative.uninstall()
    assert readiness._waiting == {}


class Conversation:
    """A request that waits in every way; `held` and `opened` must be free and closed whatever becomes of it."""

    def __init__(self) -> None:
        self.held = threading.Lock()
        self.opened: list[socket.socket] = []
        self.ended = 0

    def run(self) -> None:
        try:
            with self.held, socket.create_server(("127.0.0.1", 0)) as listening:
                time.sleep(0.001)
                client = self.keep(
                    socket.create_connection(("localhost", listening.getsockname()[1]), timeout=LIMIT)
                )
                server = self.keep(listening.accept()[0])
                helper = threading.Thread(target=self.answer, args=(server,))
                helper.start()
                try:
                    self.talk(client)
                finally:
                    client.close()  # ends the helper, too
                    helper.join(LIMIT)
        finally:
            self.ended += 1
            for sock in self.opened:
                sock.close()

    def keep(self, sock: socket.socket) -> socket.socket:
        self.opened.append(sock)
        return sock

    def answer(self, server: socket.socket) -> None:
        with suppress(OSError):  # it is closed when the request is cancelled
            while block := server.recv(100):
                threading.Event().wait(0.001)
                server.sendall(block)

    def talk(self, client: socket.socket) -> None:
        client.sendall(b"one")
        assert client.recv(100) == b"one"
        client.sendall(b"two")
        assert select.select([client], [], [], LIMIT)[0] == [client]
        assert client.recv(100) == b"two"
        with pytest.raises(queue.Empty):
            queue.Queue().get(timeout=0.001)
        assert not threading.Event().wait(0.001)
        await_(asyncio.sleep(0.001))
        database = sqlite3.connect(":memory:")
        try:
            assert database.execute("SELECT 1").fetchone() == (1,)
        finally:
            database.close()


async def test_cancelled_at_each_wait_leaves_nothing() -> None:
    for n in itertools.count(1):
        assert n < MOST_WAITS
        conversation = Conversation()
        driven = CancelledAt(run_in_greenlet(conversation.run), n)

        async def drive(driven: CancelledAt = driven) -> None:
            await driven

        task = asyncio.ensure_future(drive())
        await asyncio.wait([task], timeout=LIMIT)
        assert task.done(), f"the request ignored its cancellation at wait {n}"
        assert not conversation.held.locked()
        assert [sock.fileno() for sock in conversation.opened] == [-1] * len(conversation.opened)
        if driven.suspensions < n:
            task.result()
            assert n > 10, "the conversation hardly waited"
            break
        assert task.cancelled(), f"at wait {n}"
        assert conversation.ended == 1
    gc.collect()  # from 3.13 on sqlite3 tells of connections that nobody has closed


async def test_a_name_that_is_never_found_does_not_hold_a_cancelled_request(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked, go = threading.Event(), threading.Event()

    def look_up(*_: Any, **__: Any) -> Any:
        asked.set()
        go.wait(LIMIT)
        return []

    monkeypatch.setattr(names, "_original", look_up)
    request = asyncio.ensure_future(run_in_greenlet(socket.create_connection, ("never.invalid", 80)))
    try:
        await asyncio.get_running_loop().run_in_executor(None, asked.wait, LIMIT)
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(request, 0.01)
    finally:
        go.set()


async def test_an_exhausted_pool_is_the_pools_own_error(tmp_path: Path) -> None:
    sqlalchemy = pytest.importorskip("sqlalchemy")
    engine = sqlalchemy.create_engine(
        f"sqlite:///{tmp_path}/data.db",
        poolclass=sqlalchemy.QueuePool,
        pool_size=1,
        max_overflow=0,
        pool_timeout=0.02,
    )
    refused: list[str] = []

    def holder() -> None:
        with engine.connect():
            while not refused:
                time.sleep(0.001)

    def other() -> None:
        with pytest.raises(sqlalchemy.exc.TimeoutError) as caught:
            engine.connect()
        refused.append(str(caught.value))

    await asyncio.wait_for(asyncio.gather(run_in_greenlet(holder), run_in_greenlet(other)), LIMIT)
    assert "QueuePool limit" in refused[0]
    assert engine.pool.checkedout() == 0
    await run_in_greenlet(engine.dispose)


async def test_a_callback_of_c_code_may_wait_in_the_greenlet() -> None:
    order: list[int] = []

    @ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_int), ctypes.POINTER(ctypes.c_int))
    def compare(one: Any, other: Any) -> int:
        order.append(one[0])
        time.sleep(0)
        return int(one[0] - other[0])

    def request() -> list[int]:
        numbers = (ctypes.c_int * 5)(5, 3, 1, 4, 2)
        ctypes.CDLL(None).qsort(numbers, 5, ctypes.sizeof(ctypes.c_int), compare)
        return list(numbers)

    expected = [1, 2, 3, 4, 5]
    sorted_ones = await asyncio.gather(run_in_greenlet(request), run_in_greenlet(request))
    assert list(sorted_ones) == [expected, expected]
    assert len(order) > 8


async def test_a_callback_of_c_code_in_a_thread_is_told_that_it_can_not_wait() -> None:
    errors: list[str] = []

    def waits(number: int) -> int:
        try:
            return int(await_(asyncio.sleep(0, number)))
        except NotInGreenlet as error:
            errors.append(str(error))
            raise

    def request() -> None:
        connection = sqlite3.connect(":memory:")
        connection.create_function("waits", 1, waits)
        try:
            with pytest.raises(sqlite3.OperationalError, match="user-defined function raised"):
                connection.execute("SELECT waits(1)").fetchone()
        finally:
            connection.close()

    await run_in_greenlet(request)
    assert "greenlet" in errors[0]
