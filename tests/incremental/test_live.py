"""Several workers behind a real server: changes reach them all, and what kills one or the store kills no request."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlencode

import pytest
from prometheus_client.parser import text_string_to_metric_families

from bridge.incremental.rules import Mode
from bridge.incremental.store import Store, open_store
from bridge.incremental.store.sqlite import SqliteStore
from tests.adapters.live_server import LiveServer
from tests.cli.serving import Served
from tests.incremental.applications import TOGETHER, asked, migrated
from tests.services import SERVICES

ROOT = Path(__file__).parents[2]
WORKERS = 4
PATIENCE = 30.0  # seconds; starting four processes on a busy machine
# The promise is one second. The tests share their machine, so they only refuse what no load explains.
CHANGE_LIMIT = 5.0  # seconds
STOP_LIMIT = 8.0  # seconds; three is the promise
CHANGES = 1000


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    made = SqliteStore(tmp_path / "migration.sqlite3")
    yield made
    made.close()


@pytest.fixture
def server(store: SqliteStore, tmp_path: Path) -> Iterator[LiveServer]:
    command = [sys.executable, "-m", "uvicorn", "--workers", str(WORKERS)]
    running = LiveServer(
        "uvicorn", command, "tests.incremental.live_app:app", tmp_path, MIGRATION_STORE=store.url
    )
    try:
        until(lambda: len({pid_of(running) for _ in range(40)}) == WORKERS)
        yield running
    finally:
        running.stop()


def until(condition: Callable[[], bool], limit: float = PATIENCE) -> float:
    """Ask again and again; return how many seconds it took."""
    start = time.monotonic()
    while not condition():
        assert time.monotonic() - start < limit, "it did not happen"
        time.sleep(0.005)
    return time.monotonic() - start


def said(server: LiveServer | Served, path: str = "/x") -> tuple[str, int]:
    """Return who answered, and in which process; every answer must be a good one."""
    if isinstance(server, Served):
        reply = server.get(path)
        return who(reply.status, reply.body)
    response, body = server.ask("GET", path)
    return who(response.status, body)


def who(status: int, body: bytes) -> tuple[str, int]:
    assert status == 200
    side, pid, settings = body.decode().split()
    assert settings == "1", "a half-applied table"
    return side, int(pid)


def pid_of(server: LiveServer | Served) -> int | None:
    try:
        return said(server)[1]
    except OSError:  # it has not begun to listen, or its worker was killed
        return None


@pytest.fixture
def served(store: SqliteStore, tmp_path: Path) -> Iterator[Served]:
    """Four workers as `wsgi-bridge serve` makes them, with dashboard and metrics; hypercorn's leave signals to their parent."""
    options = ["--server", "hypercorn", "--workers", str(WORKERS), "--port", "0", "--dashboard", "--metrics"]
    env = {"MIGRATION_STORE": store.url, "PYTHONPATH": str(ROOT)}
    with Served(tmp_path, "tests.incremental.live_app:app", *options, env=env) as running:
        until(lambda: len({pid_of(running) for _ in range(40)}) == WORKERS)
        yield running


@pytest.mark.slow
def test_changes_reach_every_worker_whole_no_request_is_lost_and_an_open_page_does_not_hold_up_the_end(
    served: Served, store: SqliteStore
) -> None:
    reach_every_worker(served, store)
    scrape_every_worker(served)
    click_in_every_worker(served)
    change_under_load(served, store)
    with contextlib.closing(served.connect()) as page:
        page.request("GET", "/_migration/events", headers={"Host": "localhost"})
        assert page.getresponse().readline().startswith(b"retry"), "the page is open"
        assert until(lambda: served.stop() == 0) < STOP_LIMIT


def change_under_load(served: Served, store: SqliteStore) -> None:
    """Change twenty rules at once, again and again, while every worker is asked on a connection of its own."""
    done, asked = threading.Event(), dict[int, int]()
    connections: dict[int, http.client.HTTPConnection] = {}
    while len(connections) < WORKERS:
        connection = served.connect()
        if connections.setdefault(ask_on(connection)[1], connection) is not connection:
            connection.close()

    def ask_until_done(pid: int, connection: http.client.HTTPConnection) -> int:
        while not done.is_set():
            assert ask_on(connection)[1] == pid
            asked[pid] = asked.get(pid, 0) + 1
        return asked[pid]

    with ThreadPoolExecutor(WORKERS) as pool:
        asking = [pool.submit(ask_until_done, *each) for each in connections.items()]
        for number in range(CHANGES):
            store.change(dict.fromkeys(TOGETHER, "legacy" if number % 2 else "modern"), by="test")
        done.set()
        assert all(each.result() > 0 for each in asking)
    assert store.revision() >= CHANGES * len(TOGETHER)
    for connection in connections.values():
        connection.close()


def ask_on(connection: http.client.HTTPConnection) -> tuple[str, int]:
    connection.request("GET", "/together/7")
    response = connection.getresponse()
    return who(response.status, response.read())


def reach_every_worker(server: Served, store: SqliteStore) -> None:
    for setting in ("modern", "legacy", "modern"):
        store.change({"GET /x": setting}, by="test")
        changed: set[int] = set()

        def everywhere(setting: str = setting, changed: set[int] = changed) -> bool:
            side, pid = said(server)
            assert pid not in changed or side == setting, "a worker went back"
            changed |= {pid} if side == setting else set()
            return len(changed) == WORKERS

        assert until(everywhere, PATIENCE) < CHANGE_LIMIT


def scrape_every_worker(server: Served) -> None:
    """Scrape as Prometheus does: whichever worker answers, it tells what all of them have counted; by rules only."""
    for number in range(40):
        assert server.get(f"/nobody/has/{number}").status == 200
    mine = 'requests_total{mode="legacy",route="default",target="legacy"}'
    until(lambda: scraped(server)[1].get(mine) == 40)
    found: dict[int, dict[str, float]] = {}
    while len(found) < WORKERS:
        pid, samples = scraped(server)
        found[pid] = samples
    first, *others = found.values()
    assert all(each == first for each in others)
    assert first['mode{mode="modern",route="GET /x"}'] == 1
    assert not any("nobody" in name for name in first)
    rules = len(TOGETHER) + 3  # /x, /shadow and the default
    assert sum(name.startswith("mode{") for name in first) == rules * len(Mode)


def click_in_every_worker(server: Served) -> None:
    """Send the form of a page that one worker has made to all of them: each must know it for its own."""
    local = {"Host": "localhost", "Content-Type": "application/x-www-form-urlencoded"}
    page = ask_dashboard(server, "GET", "/_migration/route?name=GET%20/x", None, local)
    token = re.search(rb'name="form_token" value="(\w+)"', page)
    assert token is not None
    form = urlencode({"form_token": token[1].decode(), "route": "GET /x", "mode": "dark"})
    for _ in range(5 * WORKERS):
        assert b"Yes, change it" in ask_dashboard(server, "POST", "/_migration/change", form, local)


def ask_dashboard(
    server: Served, method: str, path: str, form: str | None, headers: Mapping[str, str]
) -> bytes:
    with contextlib.closing(server.connect()) as connection:
        connection.request(method, path, form, dict(headers))
        response = connection.getresponse()
        body = response.read()
    assert response.status == 200, body
    return body


def scraped(server: Served) -> tuple[int, dict[str, float]]:
    """Return whose page of metrics it was, and what it says of the migration, read by Prometheus' own parser."""
    families = list(text_string_to_metric_families(server.get("/metrics").body.decode()))
    samples = [sample for family in families for sample in family.samples]
    prefix = "wsgi_bridge_migration_"
    pid = next(int(sample.labels["pid"]) for sample in samples if sample.name == "wsgi_bridge_threads")
    return pid, {
        f"{sample.name.removeprefix(prefix)}{{{spelled(sample.labels)}}}": sample.value
        for sample in samples
        if sample.name.startswith(prefix)
    }


def spelled(labels: Mapping[str, str]) -> str:
    return ",".join(f'{name}="{value}"' for name, value in sorted(labels.items()))


@pytest.mark.slow
def test_a_worker_that_is_killed_loses_nothing_that_was_counted(
    server: LiveServer, store: SqliteStore
) -> None:
    for _ in range(50):
        said(server, "/shadow")
    until(lambda: counted(store, "legacy.requests") >= 50)
    until(lambda: counted(store, "compared") + counted(store, "skipped.busy") >= 50)
    _, victim = said(server)
    os.kill(victim, signal.SIGKILL)
    until(lambda: pid_of(server) not in {None, victim})
    for _ in range(20):
        with contextlib.suppress(OSError):  # the kernel may still hand connections to the dead one's backlog
            said(server, "/shadow")
    assert counted(store, "legacy.requests") >= 50
    assert counted(store, "different") == 0


def counted(store: SqliteStore, name: str) -> int:
    return store.counters().get("GET /shadow", {}).get(name, 0)


@pytest.mark.slow
def test_a_store_that_is_destroyed_stops_no_request(server: LiveServer, store: SqliteStore) -> None:
    store.change({"GET /x": "modern"}, by="test")
    until(lambda: {said(server)[0] for _ in range(20)} == {"modern"})
    store.close()
    until(lambda: in_the_way(store))
    until(lambda: "is not available" in server.log.read_text())
    assert {said(server)[0] for _ in range(20)} == {"modern"}, "the last known rules go on"
    store.path.rmdir()
    until(lambda: "is back" in server.log.read_text())
    assert {said(server)[0] for _ in range(20)} == {"modern"}
    until(lambda: store.settings().routes == {"GET /x": "modern"})  # the last known ones, put back


def in_the_way(store: SqliteStore) -> bool:
    """Remove the file as people do, `rm migration.sqlite3*`, and have nothing open there; a worker may be faster."""
    for path in store.path.parent.glob(f"{store.path.name}*"):
        path.unlink(missing_ok=True)
    with contextlib.suppress(FileExistsError):
        store.path.mkdir()
        return True
    return False


# ---------------------------------------------------------------- Redis, and the way to it


class Proxy:
    """Stands between a client and Redis, and can cut the wire: what a killed Redis looks like from here."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._sockets: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._cut = False
        self._start(self._accept)

    def _start(self, target: Callable[..., None], *arguments: socket.socket) -> None:
        thread = threading.Thread(target=target, args=arguments)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                if self._cut:
                    client.close()
                    continue
                server = socket.create_connection(("127.0.0.1", self._target))
                self._sockets += [client, server]
                self._start(self._copy, client, server)
                self._start(self._copy, server, client)

    def _copy(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
        self._hang_up([source, sink])

    def cut(self) -> None:
        self._cut = True
        self._hang_up(self._sockets)

    def mend(self) -> None:
        self._cut = False

    @staticmethod
    def _hang_up(sockets: list[socket.socket]) -> None:
        for each in sockets:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self._hang_up([self._listener])
        self._listener.close()
        self.cut()
        for thread in self._threads:
            thread.join()
        for each in self._sockets:
            each.close()


@pytest.mark.service("redis")
async def test_a_redis_that_goes_away_stops_no_request_and_loses_no_count(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("bridge.incremental.ledger.RETRY_AFTER", 0.05)
    port, name = SERVICES["redis"].port, f"live-{os.getpid()}-{time.monotonic_ns()}"
    proxy = Proxy(port)
    direct = open_store(f"redis://127.0.0.1:{port}/0?name={name}")
    behind = open_store(f"redis://127.0.0.1:{proxy.port}/0?name={name}")
    try:
        async with migrated({"GET /x": "legacy"}, store=behind) as migration:
            await asked(migration, path="/x")  # what needs no lifespan begins with the first request
            await asyncio.to_thread(direct.change, {"GET /x": "modern"}, by="test")
            await eventually(lambda: str(migration.table.rules["GET /x"].setting) == "modern")
            await asyncio.to_thread(proxy.cut)
            for _ in range(20):
                assert (await asked(migration, path="/x")).body.startswith(b'["modern"')
            await eventually(lambda: "last known rules" in caplog.text)
            await asyncio.to_thread(direct.change, {"GET /x": "legacy"}, by="test")
            proxy.mend()
            await eventually(lambda: str(migration.table.rules["GET /x"].setting) == "legacy")
        counters = await asyncio.to_thread(direct.counters)
        assert counters["GET /x"]["modern.requests"] == 20
    finally:
        await asyncio.to_thread(proxy.close)
        await asyncio.to_thread(clean, direct, name)


async def eventually(condition: Callable[[], bool]) -> None:
    for _ in range(2000):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it did not happen")


def clean(store: Store, name: str) -> None:
    redis = store._redis  # type: ignore[attr-defined]  # of RedisStore
    redis.delete(*redis.keys(f"wsgi-bridge:{{{name}}}:*"))
    store.close()


# ---------------------------------------------------------------- a Redis of our own, killed


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[tuple[int, Callable[[], subprocess.Popen[bytes]]]]:
    """Yield a port, and what starts a Redis there that keeps nothing on the disk."""
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("there is no redis-server here")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    started: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(tmp_path)]
        started.append(subprocess.Popen(command, stdout=subprocess.DEVNULL))
        until(lambda: listens(port))
        return started[-1]

    try:
        yield port, start
    finally:
        for process in started:
            process.kill()
            process.wait()


def listens(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
        return True
    return False


async def test_a_redis_that_is_killed_and_comes_back_empty_gets_the_last_known_rules(
    own_redis: tuple[int, Callable[[], subprocess.Popen[bytes]]],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr("bridge.incremental.ledger.RETRY_AFTER", 0.05)
    port, start = own_redis
    running = await asyncio.to_thread(start)
    async with migrated({"GET /x": "legacy"}, store=f"redis://127.0.0.1:{port}/0") as migration:
        await asyncio.to_thread(migration.store.change, {"GET /x": "modern"}, by="test")
        await asyncio.to_thread(migration.ledger.turn)
        running.kill()  # SIGKILL
        await asyncio.to_thread(running.wait)
        for _ in range(10):
            assert (await asked(migration, path="/x")).body.startswith(b'["modern"')
        await eventually(lambda: "requests go on by the last known rules" in caplog.text)
        await asyncio.to_thread(start)
        await eventually(lambda: "is back" in caplog.text)
        assert (await asked(migration, path="/x")).body.startswith(b'["modern"')
        await asyncio.to_thread(migration.ledger.turn)
        counted = await asyncio.to_thread(migration.store.counters)
        assert counted["GET /x"]["modern.requests"] == 11
        assert (await asyncio.to_thread(migration.store.settings)).routes == {"GET /x": "modern"}
