from __future__ import annotations

import asyncio
import queue
from typing import Any

import pytest

from bridge.adapters.asgi_call import Failure
from bridge.adapters.inner_call import InnerCall, Link
from bridge.errors import ClientDisconnected
from tests.asgi_driver import http_scope

LIMIT = 10.0  # seconds
REQUEST = {"type": "http.request", "body": b"", "more_body": False}
DISCONNECT = {"type": "http.disconnect"}


class Server:
    """A server's `receive`, which must not be asked twice at a time."""

    def __init__(self) -> None:
        self.events: asyncio.Queue[Any] = asyncio.Queue()
        self.asked = asyncio.Semaphore(0)
        self.asking = 0

    async def receive(self) -> Any:
        self.asking += 1
        assert self.asking == 1, "servers give an event to one of two"
        self.asked.release()
        try:
            event = await self.events.get()
        finally:
            self.asking -= 1
        if isinstance(event, Exception):
            raise event
        return event

    async def was_asked(self) -> None:
        await asyncio.wait_for(self.asked.acquire(), LIMIT)


async def nothing(scope: Any, receive: Any, send: Any) -> None:
    """Be an application that is not called."""


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
async def link(server: Server) -> Link:
    return Link({}, server.receive, asyncio.get_running_loop())


def make_call(link: Link) -> InnerCall:
    return InnerCall(nothing, http_scope(), link, has_body=False, high_water=0)


async def over(link: Link) -> None:
    """End the link's request."""

    async def outer() -> None:
        """Have nothing to do."""

    await link.run(outer())


async def test_receive_gives_the_servers_events(server: Server, link: Link) -> None:
    server.events.put_nowait(REQUEST)
    server.events.put_nowait(DISCONNECT)
    assert [await link.receive(), await link.receive()] == [REQUEST, DISCONNECT]
    await over(link)


async def test_what_the_watcher_took_is_still_received_in_order(server: Server, link: Link) -> None:
    link.watch()
    await server.was_asked()
    server.events.put_nowait(REQUEST)
    await server.was_asked()
    assert await link.receive() == REQUEST
    waiting = asyncio.ensure_future(link.receive())
    server.events.put_nowait(DISCONNECT)
    assert [await waiting, await link.receive()] == [DISCONNECT, DISCONNECT]
    await over(link)


async def test_the_watcher_waits_for_a_receive_that_is_under_way(server: Server, link: Link) -> None:
    receiving = asyncio.ensure_future(link.receive())
    await server.was_asked()
    link.watch()
    server.events.put_nowait(REQUEST)
    assert await receiving == REQUEST
    await server.was_asked()  # by the watcher, which has its turn now
    await over(link)


async def test_watching_twice_asks_once(server: Server, link: Link) -> None:
    link.watch()
    link.watch()
    await server.was_asked()
    await asyncio.sleep(0)
    assert server.asking == 1
    await over(link)


async def test_a_server_that_fails_has_lost_its_client(server: Server, link: Link) -> None:
    link.watch()
    server.events.put_nowait(RuntimeError("the server's own trouble"))
    assert await link.receive() == DISCONNECT
    await over(link)


async def test_a_disconnect_reaches_a_call_that_waits_for_it(server: Server, link: Link) -> None:
    received: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        received.extend([await receive(), await receive()])

    call = InnerCall(app, http_scope(), link, has_body=False, high_water=0)
    call.start()
    await server.was_asked()
    server.events.put_nowait(DISCONNECT)
    await call.end()
    assert received == [REQUEST, DISCONNECT]
    await over(link)


async def test_a_call_that_comes_after_its_request_is_not_started(link: Link) -> None:
    await over(link)
    call = make_call(link)
    call.start()
    item = call.items.get_nowait()
    assert isinstance(item, Failure)
    assert isinstance(item.error, ClientDisconnected)
    assert call.task is None


async def test_a_call_that_is_broken_off_frees_its_thread_with_an_oserror(link: Link) -> None:
    started = asyncio.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        started.set()
        await asyncio.Event().wait()

    call = InnerCall(app, http_scope(), link, has_body=False, high_water=0)
    call.start()
    await asyncio.wait_for(started.wait(), LIMIT)
    call.break_off()
    await call.end()
    item = call.items.get_nowait()
    assert isinstance(item, Failure)
    assert isinstance(item.error, OSError)
    with pytest.raises(queue.Empty):
        call.items.get_nowait()
    await over(link)


async def test_only_keys_that_are_new_are_handed_back(link: Link) -> None:
    scope = http_scope(path="/the/middleware's", endpoint="the application's", wsgi_environ={})
    servers: dict[str, Any] = {"path": "/the/server's", "type": "http"}
    InnerCall(nothing, scope, link, has_body=False, high_water=0).hand_back(servers)
    assert (servers["path"], servers["endpoint"]) == ("/the/server's", "the application's")
    assert "wsgi_environ" not in servers
    await over(link)
