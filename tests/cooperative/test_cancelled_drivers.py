"""A request is cancelled at each of its waits in turn, in a driver with a pool of one connection: the next one gets it."""

from __future__ import annotations

import asyncio
import http.server
import itertools
import sqlite3
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from bridge import await_
from bridge.cooperative.switch import run_in_greenlet
from tests.cooperative.conftest import WAIT
from tests.faults.rig import CancelledAt
from tests.services import SERVICES

pytestmark = [
    pytest.mark.may_block("the layer replaces the very methods that the guard replaces"),
    pytest.mark.usefixtures("installed"),
]

MOST_WAITS = 100  # a guard; the requests here have up to about 20


async def cancelled_at_each_wait(request: Callable[[], Any], expected: Any) -> None:
    """Cancel `request` at its first wait, its second, ...; after each it must be possible, and right, uncancelled."""
    for n in itertools.count(1):
        assert n < MOST_WAITS
        driven = CancelledAt(run_in_greenlet(request), n)

        async def drive(driven: CancelledAt = driven) -> Any:
            return await driven

        task = asyncio.ensure_future(drive())
        await asyncio.wait([task], timeout=WAIT)
        assert task.done(), f"the request ignored its cancellation at wait {n}"
        if driven.suspensions < n:
            assert task.result() == expected
            assert n > 1, "the request did not wait"
            return
        with pytest.raises(asyncio.CancelledError):
            task.result()
        assert await asyncio.wait_for(run_in_greenlet(request), WAIT) == expected, f"after wait {n}"


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("postgresql+psycopg2://postgres@127.0.0.1:{port}/test", id="psycopg2"),
        pytest.param("postgresql+psycopg://postgres@127.0.0.1:{port}/test", id="psycopg"),
    ],
)
@pytest.mark.service("postgresql")
async def test_a_sqlalchemy_pool_on_postgresql(url: str) -> None:
    await sqlalchemy_pool(url.format(port=SERVICES["postgresql"].port), "SELECT pg_sleep(0.001)")


@pytest.mark.service("mariadb")
async def test_a_sqlalchemy_pool_on_mariadb() -> None:
    port = SERVICES["mariadb"].port
    await sqlalchemy_pool(f"mysql+pymysql://root@127.0.0.1:{port}/test", "SELECT SLEEP(0.001)")


async def sqlalchemy_pool(url: str, sleep: str) -> None:
    sqlalchemy = pytest.importorskip("sqlalchemy")
    engine = sqlalchemy.create_engine(url, pool_size=1, max_overflow=0, pool_timeout=WAIT / 4)

    def request() -> Any:
        with engine.begin() as connection:
            connection.execute(sqlalchemy.text(sleep))
            return connection.execute(sqlalchemy.text("SELECT 42")).scalar()

    await cancelled_at_each_wait(request, 42)
    assert engine.pool.checkedout() == 0
    await run_in_greenlet(engine.dispose)


@pytest.mark.service("redis")
async def test_a_pool_of_redis() -> None:
    redis = pytest.importorskip("redis")
    pool = redis.BlockingConnectionPool(
        host="127.0.0.1", port=SERVICES["redis"].port, max_connections=1, timeout=WAIT / 4
    )
    client = redis.Redis(connection_pool=pool)

    def request() -> Any:
        pipeline = client.pipeline()
        pipeline.set("bridge-cancelled", "value", ex=10)
        pipeline.get("bridge-cancelled")
        nothing = client.blpop(
            ["bridge-cancelled-empty"], timeout=0.01
        )  # the server answers others too soon to wait
        return pipeline.execute()[1], nothing, client.echo("answer")

    await cancelled_at_each_wait(request, (b"value", None, b"answer"))
    await run_in_greenlet(pool.disconnect)


@pytest.fixture
def server() -> Iterator[str]:
    """A server that answers with what it was asked for, in pieces."""

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(self.path) * 2))
            self.end_headers()
            for _ in range(2):
                threading.Event().wait(0.002)
                self.wfile.write(self.path.encode())

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


async def test_a_pool_of_urllib3(server: str) -> None:
    import urllib3

    numbers = itertools.count()
    with urllib3.PoolManager(maxsize=1, block=True) as pool:

        def request() -> bool:
            path = f"/{next(numbers):04}"
            body: bytes = pool.request("GET", server + path, retries=False, timeout=WAIT).data
            return body == path.encode() * 2

        await cancelled_at_each_wait(request, expected=True)


# ---------------------------------------------------------------- in the queue of a pool


Pool = tuple[
    Callable[[], Any], Callable[[Any], object], Callable[[], object]
]  # to take, to give back, to close


def of_urllib3() -> Pool:
    import urllib3

    pool = urllib3.HTTPConnectionPool("127.0.0.1", maxsize=1, block=True)
    return lambda: pool._get_conn(timeout=WAIT), pool._put_conn, pool.close


def of_sqlalchemy() -> Pool:
    pool = pytest.importorskip("sqlalchemy.pool").QueuePool(
        lambda: sqlite3.connect(":memory:"), pool_size=1, max_overflow=0, timeout=WAIT
    )
    return pool.connect, lambda connection: connection.close(), pool.dispose


def of_redis() -> Pool:
    redis = pytest.importorskip("redis")
    pool = redis.BlockingConnectionPool(
        host="127.0.0.1", port=SERVICES["redis"].port, max_connections=1, timeout=WAIT
    )
    return pool.get_connection, pool.release, pool.disconnect


POOLS = [of_urllib3, of_sqlalchemy, pytest.param(of_redis, marks=pytest.mark.service("redis"))]


@pytest.mark.parametrize("make", POOLS)
@pytest.mark.parametrize("first", ["given", "cancelled"])
async def test_a_request_cancelled_in_the_queue_as_the_connection_comes_takes_nothing_with_it(
    make: Callable[[], Pool], first: str
) -> None:
    take, give, close = make()
    go = asyncio.Event()
    holding = asyncio.Event()

    def hold() -> None:
        taken = take()
        holding.set()
        await_(go.wait())
        if first == "cancelled":
            waiting.cancel()
        give(taken)
        waiting.cancel()

    def wait() -> None:
        taken = take()
        give(taken)

    holder = asyncio.ensure_future(run_in_greenlet(hold))
    await holding.wait()
    waiting = asyncio.ensure_future(run_in_greenlet(wait))
    await asyncio.sleep(0.01)  # it is in the queue by then
    assert not waiting.done()
    go.set()
    await holder
    await asyncio.wait([waiting])
    assert waiting.cancelled()
    await asyncio.wait_for(run_in_greenlet(wait), WAIT / 2)
    await run_in_greenlet(close)
