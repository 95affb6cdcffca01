"""Drivers that wait in C are sent to threads by their knowledge rows, however their packages import their parts."""

from __future__ import annotations

import importlib
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bridge.cooperative.knowledge import offloaded_modules
from tests.cooperative.conftest import Together

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
