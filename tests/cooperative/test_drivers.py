"""Drivers against real servers on loopback: requests wait at the same time, and nothing holds the loop."""

from __future__ import annotations

import asyncio
import http.client
import http.server
import sqlite3
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bridge.cooperative.switch import run_in_greenlet
from tests.cli.certificates import write_certificates
from tests.cooperative.conftest import PAUSE, Together, beats
from tests.services import SERVICES

pytestmark = pytest.mark.may_block("the layer replaces the very methods that the guard replaces")

MANY = 8
POSTGRESQL = {"host": "127.0.0.1", "port": SERVICES["postgresql"].port, "user": "postgres", "dbname": "test"}
MARIADB: dict[str, Any] = {
    "host": "127.0.0.1",
    "port": SERVICES["mariadb"].port,
    "user": "root",
    "database": "test",
}


class Counted:
    """Counts how many are inside at the same time."""

    def __init__(self) -> None:
        self.inside = self.most = 0
        self._lock = threading.Lock()

    def __enter__(self) -> None:
        with self._lock:
            self.inside += 1
            self.most = max(self.most, self.inside)

    def __exit__(self, *exc_info: object) -> None:
        with self._lock:
            self.inside -= 1


# ---------------------------------------------------------------- HTTP


@pytest.fixture(params=["http", "https"])
def slow_server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, str, Counted]]:
    """A server that takes its time: its address, the certificate it has, and who was inside."""
    counted = Counted()

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            with counted:
                threading.Event().wait(PAUSE)
            body = self.path.encode() * 1000
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    files = write_certificates(tmp_path)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = False
    if request.param == "https":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(files.cert, files.key)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"{request.param}://localhost:{server.server_port}", files.cert, counted
    server.shutdown()
    server.server_close()
    thread.join()


async def test_requests_wait_together(slow_server: tuple[str, str, Counted], together: Together) -> None:
    import requests

    url, certificate, counted = slow_server

    def ask(number: int) -> Callable[[], int]:
        return lambda: len(requests.get(f"{url}/{number}", verify=certificate, timeout=20).content)

    assert await beats(together, *map(ask, range(MANY))) == [2000] * MANY
    assert counted.most > 1


async def test_a_urllib3_pool_and_http_client(
    slow_server: tuple[str, str, Counted], together: Together
) -> None:
    import urllib3

    url, certificate, counted = slow_server
    host, port = url.rpartition("/")[2].split(":")

    def by_http_client() -> int:
        connection: http.client.HTTPConnection
        if url.startswith("https"):
            context = ssl.create_default_context(cafile=certificate)
            connection = http.client.HTTPSConnection(host, int(port), context=context)
        else:
            connection = http.client.HTTPConnection(host, int(port))
        connection.request("GET", "/x")
        body = connection.getresponse().read()
        connection.close()
        return len(body)

    with urllib3.PoolManager(maxsize=2, block=True, ca_certs=certificate) as pool:

        def by_pool() -> int:
            return len(pool.request("GET", f"{url}/y").data)

        assert await beats(together, by_http_client, *[by_pool] * 6) == [2000] * 7
    assert 1 < counted.most <= 3


# ---------------------------------------------------------------- PostgreSQL


@pytest.mark.service("postgresql")
@pytest.mark.parametrize("driver", ["psycopg2", "psycopg"])
async def test_postgresql_waits_together(driver: str, together: Together) -> None:
    library = pytest.importorskip(driver)

    def ask(number: int) -> Callable[[], Any]:
        def work() -> Any:
            connection = library.connect(**POSTGRESQL)
            try:
                with connection.cursor() as cursor:
                    cursor.execute("SELECT pg_sleep(%s), %s::int", (PAUSE, number))
                    return cursor.fetchone()[1]
            finally:
                connection.close()

        return work

    assert await beats(together, *map(ask, range(MANY))) == list(range(MANY))


@pytest.mark.service("postgresql")
@pytest.mark.parametrize("driver", ["psycopg2", "psycopg"])
async def test_a_postgresql_error_is_the_drivers_own(driver: str, together: Together) -> None:
    library = pytest.importorskip(driver)

    def work() -> None:
        connection = library.connect(**POSTGRESQL)
        with pytest.raises(library.errors.UndefinedTable):
            connection.cursor().execute("SELECT * FROM no_such_table")
        connection.close()

    await together(work)


@pytest.mark.service("postgresql")
@pytest.mark.parametrize("driver", ["psycopg2", "psycopg"])
async def test_a_cancelled_request_stops_its_query_in_the_server(driver: str, installed: None) -> None:
    library = pytest.importorskip(driver)
    begun = asyncio.Event()
    pids: list[int] = []

    def work() -> None:
        connection = library.connect(**POSTGRESQL)
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                pids.append(cursor.fetchone()[0])
                begun.set()
                cursor.execute("SELECT pg_sleep(600)")
        finally:
            connection.close()

    def still_active() -> int:
        with library.connect(**POSTGRESQL) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE pid = %s AND state = 'active'", pids)
            found = int(cursor.fetchone()[0])
        connection.close()
        return found

    task = asyncio.ensure_future(run_in_greenlet(work))
    await begun.wait()
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    while await run_in_greenlet(still_active):
        await asyncio.sleep(0.01)


@pytest.fixture
def silent_server() -> Iterator[int]:
    """A port that takes connections and never says a word."""
    import socket

    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


async def test_psycopg2_keeps_its_connect_timeout(silent_server: int, together: Together) -> None:
    psycopg2 = pytest.importorskip("psycopg2")

    def work() -> None:
        begun = time.monotonic()
        with pytest.raises(psycopg2.OperationalError, match="timeout expired"):
            psycopg2.connect(host="127.0.0.1", port=silent_server, user="x", connect_timeout=2)
        assert time.monotonic() - begun < 15

    await beats(together, work)


@pytest.mark.service("postgresql")
async def test_psycopg2_in_threads_goes_on_as_before(installed: None) -> None:
    psycopg2 = pytest.importorskip("psycopg2")

    def work() -> Any:
        connection = psycopg2.connect(**POSTGRESQL)
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            found = cursor.fetchone()
        connection.close()
        return found

    assert await asyncio.to_thread(work) == (1,)


# ---------------------------------------------------------------- MariaDB, Redis, RabbitMQ


@pytest.mark.service("mariadb")
async def test_pymysql_waits_together(together: Together) -> None:
    pymysql = pytest.importorskip("pymysql")

    def ask(number: int) -> Callable[[], Any]:
        def work() -> Any:
            with pymysql.connect(**MARIADB, read_timeout=20) as connection, connection.cursor() as cursor:
                cursor.execute("SELECT SLEEP(%s), %s", (PAUSE, number))
                return cursor.fetchone()[1]

        return work

    assert await beats(together, *map(ask, range(MANY))) == list(range(MANY))


@pytest.mark.service("redis")
async def test_redis_with_its_pool_and_pubsub(together: Together) -> None:
    redis = pytest.importorskip("redis")
    pool = redis.BlockingConnectionPool(host="127.0.0.1", port=SERVICES["redis"].port, max_connections=4)
    client = redis.Redis(connection_pool=pool)
    channel = f"bridge-{time.monotonic_ns()}"
    subscribed = threading.Event()

    def waiter() -> Any:
        return client.blpop([f"{channel}-empty"], timeout=PAUSE * 2)

    def setter() -> Any:
        client.set(channel, "value", ex=10)
        return client.get(channel)

    def subscriber() -> Any:
        with client.pubsub(ignore_subscribe_messages=True) as pubsub:
            pubsub.subscribe(channel)
            pubsub.get_message(timeout=5)
            subscribed.set()
            while (message := pubsub.get_message(timeout=20)) is None:
                pass
            return message["data"]

    def publisher() -> int:
        subscribed.wait()
        return int(client.publish(channel, "news"))

    got = await beats(together, waiter, subscriber, publisher, setter, setter, setter)
    assert got == [None, b"news", 1, b"value", b"value", b"value"]
    pool.disconnect()


@pytest.mark.service("rabbitmq")
async def test_pika(together: Together) -> None:
    pika = pytest.importorskip("pika")
    parameters = pika.ConnectionParameters("127.0.0.1", SERVICES["rabbitmq"].port)
    queue = f"bridge-{time.monotonic_ns()}"
    ready = threading.Event()

    def consumer() -> Any:
        connection = pika.BlockingConnection(parameters)
        channel = connection.channel()
        channel.queue_declare(queue, exclusive=True)
        ready.set()
        for _method, _properties, body in channel.consume(queue, auto_ack=True, inactivity_timeout=20):
            channel.cancel()
            connection.close()
            return body
        return None

    def producer() -> None:
        ready.wait()
        connection = pika.BlockingConnection(parameters)
        connection.sleep(PAUSE)
        connection.channel().basic_publish("", queue, b"message")
        connection.close()

    assert await beats(together, consumer, producer) == [b"message", None]


# ---------------------------------------------------------------- SQLite, bcrypt, SQLAlchemy


async def test_sqlite_waits_in_a_thread(tmp_path: Path, together: Together) -> None:
    file = str(tmp_path / "data.db")

    def prepare() -> None:
        with sqlite3.connect(file) as connection:
            connection.execute("CREATE TABLE numbers (number INTEGER)")
            connection.executemany("INSERT INTO numbers VALUES (?)", [(n,) for n in range(10)])
        connection.close()

    def locker() -> None:
        connection = sqlite3.connect(file, isolation_level=None)
        connection.execute("BEGIN EXCLUSIVE")
        time.sleep(PAUSE)
        connection.execute("INSERT INTO numbers VALUES (10)")
        connection.execute("COMMIT")
        connection.close()

    def reader() -> Any:
        connection = sqlite3.connect(file, timeout=20)
        time.sleep(PAUSE / 4)  # after the locker's BEGIN: SQLite waits for it in C
        rows = [number for (number,) in connection.execute("SELECT number FROM numbers ORDER BY 1")]
        connection.close()
        return rows

    await together(prepare)
    assert (await beats(together, locker, reader))[1] == list(range(11))


async def test_what_the_knowledge_base_says_waits_in_c_goes_to_a_thread(
    monkeypatch: pytest.MonkeyPatch, together: Together
) -> None:
    bcrypt = pytest.importorskip("bcrypt")

    def hashing() -> bool:
        return bool(bcrypt.checkpw(b"secret", bcrypt.hashpw(b"secret", bcrypt.gensalt(11))))

    assert await beats(together, *[hashing] * 3) == [True] * 3


@pytest.mark.service("postgresql")
@pytest.mark.parametrize("url", ["postgresql+psycopg2", "postgresql+psycopg", "mysql+pymysql", "sqlite"])
async def test_sqlalchemy_pool_and_scoped_session(url: str, tmp_path: Path, together: Together) -> None:
    sqlalchemy = pytest.importorskip("sqlalchemy")
    from sqlalchemy.orm import scoped_session, sessionmaker

    where = {
        "postgresql": f"postgres@127.0.0.1:{SERVICES['postgresql'].port}/test",
        "mysql": f"root@127.0.0.1:{SERVICES['mariadb'].port}/test",
        "sqlite": f"/{tmp_path}/data.db",
    }[url.partition("+")[0]]
    if url.startswith("mysql") and not SERVICES["mariadb"].answers():
        pytest.skip("mariadb does not answer")
    engine = sqlalchemy.create_engine(f"{url}://{where}", pool_size=3, max_overflow=0)
    session = scoped_session(sessionmaker(engine))

    def ask(number: int) -> Callable[[], Any]:
        def work() -> Any:
            mine = session()
            try:
                found = session.execute(sqlalchemy.text("SELECT :number"), {"number": number}).scalar()
                time.sleep(0.01)
                assert session() is mine
                return found
            finally:
                session.remove()

        return work

    assert await together(*map(ask, range(MANY))) == list(range(MANY))
    assert engine.pool.checkedout() == 0
    await together(engine.dispose)


async def test_a_sync_session_over_an_async_engine(tmp_path: Path, together: Together) -> None:
    pytest.importorskip("aiosqlite")
    sqlalchemy = pytest.importorskip("sqlalchemy")
    from sqlalchemy.ext.asyncio import create_async_engine
    from sqlalchemy.orm import Session

    engine = create_async_engine(f"sqlite+aiosqlite:///{tmp_path}/data.db")

    def work() -> Any:
        with Session(engine.sync_engine) as session:
            return session.execute(sqlalchemy.text("SELECT 42")).scalar()

    assert await together(work, work) == [42, 42]
    await engine.dispose()
