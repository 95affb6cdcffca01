"""Drivers that wait in C are sent to threads by their knowledge rows, however their packages import their parts."""

from __future__ import annotations

import _io
import asyncio
import http.server
import importlib
import io
import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from bridge import cooperative
from bridge.cooperative import knowledge
from bridge.cooperative.knowledge import offloaded_modules
from tests.cooperative.conftest import PAUSE, Together, beats

pytestmark = pytest.mark.may_block("the layer replaces the very methods that the guard replaces")

# As mysqlclient is made: the package imports its connections in connect().
MYSQLDB = {
    "__init__": "def connect():\n    from MySQLdb.connections import Connection\n    return Connection()\n",
    "connections": """
import threading
class InC:
    def commit(self): return threading.current_thread().name
class Connection(InC):
    def cursor(self):
        from MySQLdb import cursors
        return cursors.Cursor()
""",
    "cursors": """
import threading
class BaseCursor:
    def execute(self, query): return threading.current_thread().name
class Cursor(BaseCursor): pass
""",
}


@pytest.fixture
def mysqlclient(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What stands for mysqlclient, which has no wheels: its layout, and calls that tell their thread."""
    (tmp_path / "MySQLdb").mkdir()
    for name, source in MYSQLDB.items():
        (tmp_path / f"MySQLdb/{name}.py").write_text(source)
    before = {
        name: sys.modules.pop(name) for name in list(sys.modules) if name.partition(".")[0] == "MySQLdb"
    }
    monkeypatch.syspath_prepend(tmp_path)
    yield
    for name in list(sys.modules):
        if name.partition(".")[0] == "MySQLdb":
            del sys.modules[name]
    sys.modules.update(before)


@pytest.mark.usefixtures("mysqlclient")
async def test_mysqlclient_waits_in_threads(together: Together) -> None:
    def request() -> Any:
        connection = importlib.import_module("MySQLdb").connect()
        return connection.commit(), connection.cursor().execute("SELECT SLEEP(1)")

    ((commit, execute),) = await together(request)
    assert commit.startswith("bridge-offload")
    assert execute.startswith("bridge-offload")
    connection = importlib.import_module("MySQLdb").connect()
    assert connection.commit() == threading.current_thread().name  # outside of a request as before


def test_each_call_stands_below_its_module() -> None:
    assert {"MySQLdb", "MySQLdb.connections", "MySQLdb.cursors", "hashlib"} <= set(offloaded_modules())
    assert all(
        name.startswith(f"{module}.") for module, names in offloaded_modules().items() for name in names
    )


# ---------------------------------------------------------------- classes of C


FILE_IO = io.FileIO


@pytest.fixture
def module_in_c(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """A module with a class of C that takes no other methods, and a Python subclass of it."""
    module = ModuleType("module_in_c")
    vars(module).update(FileIO=FILE_IO, Older=type("Older", (FILE_IO,), {}))
    monkeypatch.setitem(sys.modules, "module_in_c", module)
    monkeypatch.setattr(knowledge, "offloaded_modules", lambda: {"module_in_c": ["module_in_c.FileIO.read"]})
    return module


@pytest.mark.parametrize("name", ["FileIO", "Older"])
async def test_a_class_of_c_gives_way_to_a_subclass(
    module_in_c: ModuleType, name: str, together: Together
) -> None:
    reading, writing = os.pipe()
    with getattr(module_in_c, name)(reading) as file:
        assert isinstance(file, getattr(module_in_c, name))
        taken, _ = await together(lambda: file.read(4), lambda: os.write(writing, b"late"))
        assert taken == b"late"
        os.write(writing, b"outside of a request as before")
        assert file.read(100) == b"outside of a request as before"
        os.close(writing)
    cooperative.uninstall()
    assert module_in_c.FileIO is FILE_IO is io.FileIO is _io.FileIO
    assert "read" not in vars(module_in_c.Older)


async def test_pycurl_waits_in_threads(together: Together) -> None:
    pycurl = pytest.importorskip("pycurl", reason="pycurl is not installed here")
    handler = type(
        "Handler", (http.server.BaseHTTPRequestHandler,), {"do_GET": slowly, "log_message": slowly_logged}
    )
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()

        def request() -> bytes:
            got = io.BytesIO()
            curl = pycurl.Curl()
            try:
                curl.setopt(pycurl.URL, f"http://127.0.0.1:{server.server_port}/")
                curl.setopt(pycurl.WRITEDATA, got)
                curl.perform()
            finally:
                curl.close()
            return got.getvalue()

        try:
            assert await beats(together, *[request] * 4) == [b"slow"] * 4
        finally:
            await asyncio.to_thread(server.shutdown)
            await asyncio.to_thread(thread.join)


def slowly(self: http.server.BaseHTTPRequestHandler) -> None:
    threading.Event().wait(PAUSE)
    self.send_response(200)
    self.end_headers()
    self.wfile.write(b"slow")


def slowly_logged(self: http.server.BaseHTTPRequestHandler, *_: object) -> None:
    pass


@pytest.mark.parametrize("kind", ["Consumer", "DeserializingConsumer"])
async def test_confluent_kafka_waits_in_threads(kind: str, together: Together) -> None:
    """There is no broker; `poll` waits in C all the same."""
    kafka = pytest.importorskip("confluent_kafka", reason="confluent-kafka is not installed here")

    def request() -> Any:
        consumer = getattr(kafka, kind)({"bootstrap.servers": "127.0.0.1:1", "group.id": "g", "log_level": 0})
        try:
            return consumer.poll(PAUSE)
        finally:
            consumer.close()

    assert await beats(together, request, request) == [None, None]
