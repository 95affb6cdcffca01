"""PyMongo in requests: its pool, its monitor's threads and its sockets, against a server of its protocol."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from bridge.cooperative.switch import run_in_greenlet
from tests.cooperative.conftest import PAUSE, WAIT, Together, beats
from tests.cooperative.test_drivers import Counted

pymongo = pytest.importorskip("pymongo")
errors = pytest.importorskip("pymongo.errors")
mongodb_server = pytest.importorskip("tests.cooperative.mongodb_server")  # which encodes with PyMongo's bson

pytestmark = pytest.mark.may_block("the layer replaces the very methods that the guard replaces")

MANY = 8
Clients = Callable[..., Any]


@pytest.fixture
def server() -> Iterator[Any]:
    """A server that takes `PAUSE` for what is slow. It waits on a socket's own: the layer is not its affair."""
    with mongodb_server.MongoServer(Counted(), lambda: time.sleep(PAUSE)) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join(WAIT)


@pytest.fixture
def client_of(server: Any, installed: None) -> Iterator[Clients]:
    """Return what makes a client of the server; it is closed at the end."""
    clients = []

    def make(**options: Any) -> Any:
        port = server.server_address[1]
        clients.append(pymongo.MongoClient("127.0.0.1", port, serverSelectionTimeoutMS=5000, **options))
        return clients[-1]

    yield make
    for client in clients:
        client.close()


async def test_pymongo_waits_together(server: Any, client_of: Clients, together: Together) -> None:
    client = client_of()

    def request(number: int) -> Callable[[], list[Any]]:
        def use() -> list[Any]:
            things = client.test.things
            things.insert_one({"_id": number, "of": "ours"})
            things.insert_many([{"_id": (number + 1) * 1000 + each} for each in range(3)])
            return list(things.find({"_id": number}, comment="slow"))

        return use

    found = await beats(together, *[request(number) for number in range(MANY)])
    assert found == [[{"_id": number, "of": "ours"}] for number in range(MANY)]
    assert server.busy.most == MANY
    assert len(server.collections["things"]) == 4 * MANY


async def test_a_pool_that_is_exhausted_is_waited_for(
    server: Any, client_of: Clients, together: Together
) -> None:
    client = client_of(maxPoolSize=2)
    find = lambda: list(client.test.things.find({}, comment="slow"))  # noqa: E731 - said four times
    assert await beats(together, *[find] * 6) == [[]] * 6
    assert server.busy.most == 2


async def test_waiting_for_the_pool_ends_in_time(client_of: Clients, together: Together) -> None:
    client = client_of(maxPoolSize=1, waitQueueTimeoutMS=int(PAUSE * 250))

    def find() -> str:
        try:
            return str(list(client.test.things.find({}, comment="slow")))
        except errors.WaitQueueTimeoutError:
            return "late"

    assert sorted(await together(find, find, find)) == ["[]", "late", "late"]


async def test_an_error_is_pymongos_own(client_of: Clients, together: Together) -> None:
    client = client_of()

    def unknown() -> None:
        with pytest.raises(errors.OperationFailure, match="no such command"):
            client.test.command("compact", "things")

    await together(unknown)


async def test_a_server_that_says_nothing_is_given_up_in_time(installed: None, together: Together) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]

        def find() -> None:
            with (
                pymongo.MongoClient(
                    "127.0.0.1", port, serverSelectionTimeoutMS=int(PAUSE * 2000), connectTimeoutMS=100
                ) as client,
                pytest.raises(errors.ServerSelectionTimeoutError),
            ):
                client.test.things.find_one()

        await beats(together, find)


async def test_a_cancelled_request_gives_its_place_in_the_pool_back(
    server: Any, client_of: Clients, installed: None
) -> None:
    client = client_of(maxPoolSize=1)
    slow = asyncio.ensure_future(run_in_greenlet(lambda: list(client.test.things.find({}, comment="slow"))))
    while not server.busy.inside:
        await asyncio.sleep(0.005)
    slow.cancel()
    with pytest.raises(asyncio.CancelledError):
        await slow
    find = asyncio.ensure_future(run_in_greenlet(lambda: client.test.things.find_one({})))
    assert await asyncio.wait_for(find, WAIT) is None


async def test_a_thread_uses_the_same_client(client_of: Clients, together: Together) -> None:
    client = client_of(maxPoolSize=1)
    find = lambda: list(client.test.things.find({}, comment="slow"))  # noqa: E731 - in both
    in_thread, in_request = await asyncio.gather(asyncio.to_thread(find), beats(together, find))
    assert (in_thread, in_request) == ([], [[]])
