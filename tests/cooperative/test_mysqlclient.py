"""mysqlclient against a real MariaDB. It has no wheels: where it is not built, test_offloaded_drivers.py has its layout."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

import pytest

from bridge.cooperative.switch import run_in_greenlet
from tests.cooperative.conftest import PAUSE, Together, beats
from tests.services import SERVICES

MySQLdb = pytest.importorskip("MySQLdb", reason="mysqlclient is not built here (libmariadb-dev, a compiler)")

# No `service` mark: CI may not skip those, and CI has no mysqlclient.
pytestmark = [
    pytest.mark.may_block("the layer replaces the very methods that the guard replaces"),
    pytest.mark.skipif(not SERVICES["mariadb"].answers(), reason="mariadb does not answer"),
]

MANY = 8
MARIADB: dict[str, Any] = {
    "host": "127.0.0.1",
    "port": SERVICES["mariadb"].port,
    "user": "root",
    "database": "test",
}


async def test_requests_wait_together(together: Together) -> None:
    def ask(number: int) -> Callable[[], Any]:
        def work() -> Any:
            connection = MySQLdb.connect(**MARIADB)
            try:
                with connection.cursor() as cursor:
                    cursor.execute("SELECT SLEEP(%s), %s", (PAUSE, number))
                    return cursor.fetchone()[1]
            finally:
                connection.close()

        return work

    begun = time.monotonic()
    assert await beats(together, *map(ask, range(MANY))) == list(range(MANY))
    assert time.monotonic() - begun < PAUSE * MANY, "one after the other"


async def test_a_commit_that_waits_for_a_lock_holds_nobody_up(together: Together) -> None:
    """Two transactions on one row: the second waits inside C until the first is done, 0.2 s later."""
    table = f"bridge_{time.monotonic_ns()}"

    def prepare() -> None:
        with MySQLdb.connect(**MARIADB) as connection, connection.cursor() as cursor:
            cursor.execute(f"CREATE TABLE {table} (number INT) ENGINE=InnoDB")
            cursor.execute(f"INSERT INTO {table} VALUES (0)")
            connection.commit()

    def add() -> None:
        with MySQLdb.connect(**MARIADB) as connection, connection.cursor() as cursor:
            cursor.execute(f"UPDATE {table} SET number = number + 1")
            time.sleep(PAUSE)
            connection.commit()

    def total() -> Any:
        with MySQLdb.connect(**MARIADB) as connection, connection.cursor() as cursor:
            cursor.execute(f"SELECT number FROM {table}")
            found = cursor.fetchone()[0]
            cursor.execute(f"DROP TABLE {table}")
            return found

    await together(prepare)
    await beats(together, add, add)
    assert await together(total) == [2]


async def test_an_error_is_the_drivers_own(together: Together) -> None:
    def work() -> None:
        connection = MySQLdb.connect(**MARIADB)
        with pytest.raises(MySQLdb.ProgrammingError, match="no_such_table"):
            connection.cursor().execute("SELECT * FROM no_such_table")
        connection.close()

    await together(work)


async def cancelled_in_its_query(request: Callable[[Callable[[], None]], Any]) -> None:
    """Run a request and cancel it after it has said that its query comes next."""
    asking = asyncio.Event()
    task = asyncio.ensure_future(run_in_greenlet(request, asking.set))
    await asking.wait()
    await asyncio.sleep(PAUSE / 4)  # into the query: nothing tells from outside that it has begun
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.mark.usefixtures("installed")
async def test_a_cancelled_request_can_close_its_connection() -> None:
    """In the middle of a query mysqlclient refuses that, and before 2.3 pulls it from under the other thread."""
    closed: list[bool] = []

    def request(asking: Callable[[], None]) -> None:
        connection = MySQLdb.connect(**MARIADB)
        try:
            asking()
            connection.cursor().execute("SELECT SLEEP(%s)", (PAUSE,))
        finally:
            connection.close()
            closed.append(True)

    await cancelled_in_its_query(request)
    assert closed == [True]


@pytest.mark.usefixtures("installed")
async def test_a_cancelled_request_gives_its_connection_back_in_order() -> None:
    """The next request on that connection gets its own answer, not what was on its way for the other."""
    sqlalchemy = pytest.importorskip("sqlalchemy")
    url = f"mysql+mysqldb://root@127.0.0.1:{SERVICES['mariadb'].port}/test"
    engine = sqlalchemy.create_engine(url, pool_size=1, max_overflow=0, pool_timeout=20)

    def request(asking: Callable[[], None]) -> None:
        with engine.connect() as connection:
            asking()
            connection.execute(sqlalchemy.text(f"SELECT SLEEP({PAUSE}), 'the answer of another'"))

    def other() -> Any:
        with engine.connect() as connection:
            return connection.execute(sqlalchemy.text("SELECT 42")).scalar()

    await cancelled_in_its_query(request)
    assert await run_in_greenlet(other) == 42
    assert engine.pool.checkedout() == 0
    await run_in_greenlet(engine.dispose)
