"""Real gevent and eventlet, each in a process of its own: patching cannot be undone."""

from __future__ import annotations

import importlib.util
import sys
import types
from pathlib import Path

import pytest

from bridge.cli.monkey import find_patching_line, patched_by
from tests.cli.conftest import Project
from tests.cli.serving import Served, run_command

WSGI = "def app(environ, start_response):\n    start_response('200 OK', [])\n    return [b'fine']\n"
GEVENT = "from gevent import monkey\nmonkey.patch_all()\n"
GEVENT_PART = "from gevent import monkey\nmonkey.patch_socket()\n"
EVENTLET = "import eventlet\n# eventlet.monkey_patch() is what this is about\neventlet.monkey_patch()\n"

needs_gevent = pytest.mark.skipif(
    importlib.util.find_spec("gevent") is None, reason="gevent has no wheel for this Python"
)
needs_eventlet = pytest.mark.skipif(
    importlib.util.find_spec("eventlet") is None,
    reason="eventlet is not installed: with it in the environment, the tests that fork fail of its warning",
)


@pytest.mark.parametrize(
    ("source", "library", "line"),
    [
        pytest.param(GEVENT, "gevent", 2, marks=needs_gevent, id="gevent"),
        pytest.param(GEVENT_PART, "gevent", 2, marks=needs_gevent, id="gevent in part"),
        pytest.param(EVENTLET, "eventlet", 3, marks=needs_eventlet, id="eventlet"),
    ],
)
def test_an_application_that_patches_at_import_is_refused(
    project: Project, source: str, library: str, line: int
) -> None:
    folder = project({"shop.py": "import patching\n" + WSGI, "patching.py": source})
    done = run_command(folder, "serve", "shop", "--port", "0")
    assert done.returncode == 2
    error = done.stderr[done.stderr.index("Error:") :]  # eventlet has a warning of its own before
    assert error.startswith(f"Error: importing 'shop' monkey-patched the standard library with {library};")
    assert f"\n  patched in  {folder}/patching.py, line {line}\n" in error
    assert "Traceback" not in done.stderr


@needs_gevent
def test_an_application_that_patches_is_refused_before_workers_are_started(project: Project) -> None:
    folder = project({"shop.py": GEVENT + WSGI})
    done = run_command(folder, "serve", "shop", "--port", "0", "--workers", "2")
    assert done.returncode == 2
    assert done.stderr.startswith("Error: importing 'shop' monkey-patched the standard library with gevent;")


@needs_gevent
def test_an_application_that_imports_gevent_without_patching_is_served(project: Project) -> None:
    with Served(project({"shop.py": "import gevent.monkey\n" + WSGI}), "shop", "--port", "0") as served:
        assert served.get("/").body == b"fine"


# ---------------------------------------------------------------- with stand-ins, on every Python


@pytest.mark.parametrize(
    ("module", "predicate", "library"),
    [
        ("gevent.monkey", "is_module_patched", "gevent"),
        ("eventlet.patcher", "is_monkey_patched", "eventlet"),
    ],
)
def test_patched_by_asks_the_library_that_was_imported(
    monkeypatch: pytest.MonkeyPatch, module: str, predicate: str, library: str
) -> None:
    fake = types.ModuleType(module)
    patched: set[str] = set()
    setattr(fake, predicate, lambda name: name in patched)
    monkeypatch.delitem(sys.modules, "gevent.monkey", raising=False)
    monkeypatch.delitem(sys.modules, "eventlet.patcher", raising=False)
    assert patched_by() is None
    monkeypatch.setitem(sys.modules, module, fake)
    assert patched_by() is None
    patched.add("threading")
    assert patched_by() == library


def test_find_patching_line_looks_in_the_user_s_modules_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def module(name: str, path: Path, source: str) -> str:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source)
        fake = types.ModuleType(name)
        fake.__file__ = str(path)
        monkeypatch.setitem(sys.modules, name, fake)
        return name

    installed = module("fake_lib", tmp_path / "venv" / "site-packages" / "lib.py", "monkey_patch()\n")
    elsewhere = module("fake_other", tmp_path / "other" / "x.py", "monkey_patch()\n")
    innocent = module("fake_ok", tmp_path / "app" / "ok.py", "# patch_all()\n")
    own = module(
        "fake_own", tmp_path / "app" / "own.py", "\n\nfrom gevent.monkey import patch_all; patch_all()\n"
    )
    names = ["not_imported", installed, elsewhere, innocent]
    assert find_patching_line(names, [str(tmp_path / "app"), str(tmp_path / "venv")]) is None
    assert find_patching_line([*names, own], [str(tmp_path / "app")]) == f"{tmp_path}/app/own.py, line 3"


def test_find_patching_line_survives_modules_without_source(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled = types.ModuleType("fake_so")
    compiled.__file__ = str(tmp_path / "fake.so")
    Path(compiled.__file__).write_bytes(b"\xff\xfe\x00")
    gone = types.ModuleType("fake_gone")
    gone.__file__ = str(tmp_path / "gone.py")
    for fake in (compiled, gone):
        monkeypatch.setitem(sys.modules, fake.__name__, fake)
    assert find_patching_line(["fake_so", "fake_gone"], [str(tmp_path)]) is None
