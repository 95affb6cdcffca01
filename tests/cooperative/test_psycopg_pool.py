"""psycopg's connection pool: its threads, its queue, and requests that are cancelled in it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bridge.cooperative.switch import run_in_greenlet
from tests.cooperative.conftest import WAIT
from tests.services import SERVICES

psycopg_pool = pytest.importorskip("psycopg_pool")

pytestmark = [
    pytest.mark.may_block("the layer replaces the very methods that the guard replaces"),
    pytest.mark.service("postgresql"),
]

CONNINFO = f"host=127.0.0.1 port={SERVICES['postgresql'].port} user=postgres dbname=test"
SIZE = 2


@pytest.fixture
async def pool(installed: None) -> AsyncIterator[Any]:
    pool = psycopg_pool.ConnectionPool(CONNINFO, min_size=SIZE, max_size=SIZE, open=False, timeout=WAIT)
    await run_in_greenlet(pool.open)
    yield pool
    await run_in_greenlet(pool.close)


def ask(pool: Any, number: int) -> int:
    with pool.connection() as connection:
        found: int = connection.execute("SELECT %s::int FROM pg_sleep(0.01)", (number,)).fetchone()[0]
        return found


async def test_requests_wait_for_a_connection(pool: Any) -> None:
    def exhausted() -> None:
        with pytest.raises(psycopg_pool.PoolTimeout), pool.connection(timeout=0.001):
            """Not reached."""

    asking = [asyncio.ensure_future(run_in_greenlet(ask, pool, number)) for number in range(8)]
    await asyncio.sleep(0)
    await run_in_greenlet(exhausted)
    assert await asyncio.gather(*asking) == list(range(8))


async def test_a_request_that_is_cancelled_in_the_queue_takes_no_connection_with_it(pool: Any) -> None:
    asking = [asyncio.ensure_future(run_in_greenlet(ask, pool, number)) for number in range(8)]
    await asyncio.sleep(0.005)
    for request in asking[::2]:
        request.cancel()
    found = await asyncio.wait_for(asyncio.gather(*asking, return_exceptions=True), WAIT)
    assert found[1::2] == [1, 3, 5, 7]
    assert await asyncio.wait_for(
        asyncio.gather(*[run_in_greenlet(ask, pool, number) for number in range(4)]), WAIT
    ) == list(range(4))
