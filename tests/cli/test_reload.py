from __future__ import annotations

import signal
from pathlib import Path

import pytest
from watchfiles import Change

from bridge.cli.reload import SUFFIXES, _is_source, _listed
from bridge.cli.servers import SERVERS
from tests.cli.conftest import Project
from tests.cli.serving import Served

# Says on standard error that it was imported, and which version: the tests wait for that.
APP = """
import sys
VERSION = {version!r}
print("imported", VERSION, file=sys.stderr, flush=True)

def app(environ, start_response):
    start_response("200 OK", [])
    return [VERSION.encode()]
"""


def source(version: str) -> str:
    return APP.format(version=version)


def reloading(folder: Path, *arguments: str) -> Served:
    return Served(folder, "shop", "--port", "0", "--reload", *arguments)


@pytest.mark.parametrize("server", SERVERS)
def test_a_change_is_served_at_the_same_port_after_a_mistake_too(project: Project, server: str) -> None:
    folder = project({"shop.py": source("one")})
    with reloading(folder, "--server", server) as served:
        served.wait_until_listening()
        assert served.get("/").body == b"one"

        (folder / "shop.py").write_text(source("two"))
        served.line("imported two")
        served.wait_until_listening()
        assert served.get("/").body == b"two"

        (folder / "shop.py").write_text("def broken(:\n")
        served.line("Error: importing shop raised SyntaxError")
        served.line("The server ended with exit code [12]; waiting for a change")

        (folder / "shop.py").write_text(source("three"))
        served.line("imported three")
        served.wait_until_listening()
        assert served.get("/").body == b"three"
        assert served.stop() == 0
    assert len([line for line in served.lines if line.startswith("wsgi-bridge ")]) == 1


def test_clients_wait_while_the_server_restarts(project: Project) -> None:
    """The watcher's socket stays open: nobody is refused, even while the application is broken."""
    folder = project({"shop.py": source("one")})
    with reloading(folder) as served:
        (folder / "shop.py").write_text("def broken(:\n")
        served.line("waiting for a change")
        waiting = served.connect()
        waiting.request("GET", "/")
        (folder / "shop.py").write_text(source("two"))
        assert waiting.getresponse().read() == b"two"
        waiting.close()


def test_a_first_start_that_fails_ends_the_command(project: Project) -> None:
    served = reloading(project({"shop.py": "1 / 0\n"}))
    try:
        assert served.process.wait(30) == 2
        served.line("^Error: importing shop raised ZeroDivisionError: division by zero")
    finally:
        served.__exit__()


def test_a_change_in_another_folder_counts_when_it_is_named(project: Project) -> None:
    folder = project({"shop.py": source("one"), "templates/x.html": "<p>", "other/x.html": "<p>"})
    with reloading(folder, "--reload-dir", "templates") as served:
        served.line("imported one")
        (folder / "shop.py").write_text(source("two"))
        (folder / "templates" / "x.html").write_text("<b>")
        assert served.line(r"Changed: (.*)\. Restarting")[1] == "templates/x.html"
        served.line("imported two")


def test_stopping_while_the_application_is_broken_is_no_error(project: Project) -> None:
    folder = project({"shop.py": source("one")})
    with reloading(folder) as served:
        (folder / "shop.py").write_text("def broken(:\n")
        served.line("waiting for a change")
        assert served.stop(signal.SIGINT) == 0


def test_the_child_ends_with_the_watcher(project: Project) -> None:
    with reloading(project({"shop.py": source("one")})) as served:
        assert served.get("/").body == b"one"
        assert served.stop() == 0
        served.wait_until_refused()


@pytest.mark.parametrize(
    ("path", "counts"),
    [
        ("/srv/shop/app.py", True),
        ("/srv/shop/templates/page.html", True),
        ("/srv/shop/settings.toml", True),
        ("/srv/shop/.env", True),
        ("/srv/shop/data.json", False),
        ("/srv/shop/db.sqlite3", False),
        ("/srv/shop/app.pyc", False),
        ("/srv/shop/.app.py.swp", False),
        ("/srv/shop/.git/hooks/x.py", False),
        ("/srv/shop/__pycache__/x.py", False),
        ("/srv/shop/node_modules/x/y.html", False),
        ("/srv/shop/.venv/lib/python3.12/site-packages/x.py", False),
    ],
)
def test_what_counts_as_a_change(path: str, counts: bool) -> None:
    assert _is_source(Change.modified, path) is counts


def test_no_suffix_is_that_of_data_which_an_application_writes() -> None:
    assert not {".json", ".db", ".sqlite3", ".log", ".csv", ".txt"} & set(SUFFIXES)


def test_changes_are_listed_shortly(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    changes = {(Change.modified, str(tmp_path / f"{name}.py")) for name in "dcba"}
    assert _listed(changes) == "a.py, b.py, c.py and 1 more"
    assert (
        _listed({(Change.added, str(tmp_path / "a.py")), (Change.modified, str(tmp_path / "a.py"))}) == "a.py"
    )
