"""Wrapping callables and watching imports, inside this process, with modules made for it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib import import_module, resources
from pathlib import Path
from types import ModuleType

import pytest

from bridge.observe.trace.frames import Project
from bridge.observe.trace.importing import watch_imports
from bridge.observe.trace.patching import Patcher
from bridge.observe.trace.recorder import Recorder

LIBRARY = '''
class Base:
    def wait(self):
        return "waited"

class Client(Base):
    def __init__(self, name="x"):
        self.name = name
    def get(self, key, *, default=None):
        """Get it."""
        return self.wait(), key, default
    @staticmethod
    def connect():
        return "connected"
    @classmethod
    def make(cls):
        return cls()
    @property
    def state(self):
        return "state"
    async def later(self):
        return "later"
    def rows(self):
        return (self.wait() for _ in range(2))

class Lazy:
    @property
    def __class__(self):
        raise RuntimeError("woken up")

lazy = Lazy()
def fetch():
    return "fetched"
'''


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    (tmp_path / "traced_library").mkdir()
    (tmp_path / "traced_library" / "core.py").write_text(LIBRARY, "utf-8")
    (tmp_path / "traced_library" / "__init__.py").write_text("from traced_library.core import *\n", "utf-8")
    (tmp_path / "traced_library" / "data.txt").write_text("data", "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    finders = list(sys.meta_path)
    yield "traced_library"
    sys.meta_path[:] = finders
    for name in [name for name in sys.modules if name.startswith("traced_library")]:
        del sys.modules[name]


def patched(targets: list[str], tmp_path: Path) -> tuple[ModuleType, Recorder, list[str]]:
    recorder = Recorder(Project(str(Path(__file__).parent)), str(tmp_path))
    refused: list[str] = []
    patcher = Patcher(targets, (), recorder, lambda sink, _: refused.append(sink))
    watch_imports(set(patcher.modules), patcher.imported)
    return import_module("traced_library"), recorder, refused


def sinks(recorder: Recorder) -> dict[str, int]:
    return {call[3]: call[5] for call in recorder._as_json()["calls"]}


def test_methods_of_every_kind_are_recorded_and_stay_what_they_are(library: str, tmp_path: Path) -> None:
    names = ["Client", "Client.get", "Client.connect", "Client.make", "Client.state", "Client.later", "fetch"]
    module, recorder, refused = patched([f"traced_library.{name}" for name in names], tmp_path)
    client = module.Client("name")
    assert client.get("k", default=1) == ("waited", "k", 1)
    assert (module.Client.connect(), client.state, client.name) == ("connected", "state", "name")
    assert type(module.Client.make()) is module.Client
    assert module.Client.get.__doc__ == "Get it."
    assert (module.fetch(), module.core.fetch()) == ("fetched", "fetched")
    assert module.fetch is module.core.fetch
    assert sinks(recorder) == {
        "traced_library.Client": 1,  # the other one is made inside make()
        "traced_library.Client.get": 1,
        "traced_library.Client.connect": 1,
        "traced_library.Client.make": 1,
        "traced_library.Client.state": 1,
        "traced_library.fetch": 2,
    }
    assert refused == []


def test_a_call_that_raises_is_recorded_and_raises(library: str, tmp_path: Path) -> None:
    module, recorder, _ = patched(["traced_library.Client.get"], tmp_path)
    with pytest.raises(TypeError, match="missing 1 required positional argument"):
        module.Client().get()
    assert sinks(recorder) == {"traced_library.Client.get": 1}


def test_lazy_objects_are_not_woken_up(library: str, tmp_path: Path) -> None:
    module, recorder, _ = patched(["traced_library.lazy", "traced_library.lazy.get"], tmp_path)
    assert module.fetch() == "fetched"
    assert recorder._as_json()["unwatched"] == ["traced_library.lazy"]


def test_a_watched_module_keeps_its_loader_and_its_data(library: str, tmp_path: Path) -> None:
    module, _, _ = patched(["traced_library.fetch"], tmp_path)
    assert (resources.files(module) / "data.txt").read_text("utf-8") == "data"
    loader = module.__spec__.loader if module.__spec__ else None
    assert type(loader).__name__ == "SourceFileLoader"
    assert "exec_module" not in vars(loader)


def test_what_waits_now_and_then_counts_only_when_it_waits(library: str, tmp_path: Path) -> None:
    recorder = Recorder(Project(str(Path(__file__).parent)), str(tmp_path))
    patcher = Patcher(
        ["traced_library.Client.state", "traced_library.Client.get", "traced_library.Base.wait"],
        ["traced_library.Client.state", "traced_library.Client.get"],
        recorder,
        lambda *_: None,
    )
    watch_imports(set(patcher.modules), patcher.imported)
    module = import_module(library)
    assert module.Client().state == "state"
    assert sinks(recorder) == {}
    module.Client().get("k")
    assert sinks(recorder) == {"traced_library.Client.get": 1}


def test_a_generator_counts_where_its_rows_are_taken_and_under_its_other_name(
    library: str, tmp_path: Path
) -> None:
    recorder = Recorder(Project(str(Path(__file__).parent)), str(tmp_path))
    names = {"traced_library.Client.rows": "traced_library.Client.__iter__"}
    patcher = Patcher([*names, "traced_library.Base.wait"], [*names], recorder, lambda *_: None, names)
    watch_imports(set(patcher.modules), patcher.imported)
    rows = import_module(library).Client().rows()
    assert sinks(recorder) == {}
    assert list(rows) == ["waited", "waited"]
    assert sinks(recorder) == {"traced_library.Client.__iter__": 2}
    (call,) = recorder._as_json()["calls"]
    assert call[4][-1][2] == "test_a_generator_counts_where_its_rows_are_taken_and_under_its_other_name"


def test_an_error_in_a_library_that_is_looked_at_is_not_the_programs(library: str, tmp_path: Path) -> None:
    """The search for other finders goes on after a module that does not exist."""
    patched(["traced_library.fetch", "traced_library.nothing.here"], tmp_path)
    with pytest.raises(ModuleNotFoundError):
        import_module("traced_library.nothing")


def test_a_minor_call_counts_only_where_the_project_makes_it(library: str, tmp_path: Path) -> None:
    recorder = Recorder(Project(str(Path(__file__).parent)), str(tmp_path), ["traced_library.Base.wait"])
    patcher = Patcher(["traced_library.Base.wait"], (), recorder, lambda *_: None)
    watch_imports(set(patcher.modules), patcher.imported)
    module = import_module(library)
    module.Client().get("k")
    assert sinks(recorder) == {}
    module.Client().wait()
    assert sinks(recorder) == {"traced_library.Base.wait": 1}
