from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bridge.analysis.frameworks.base import Options, discover, merged
from bridge.analysis.frameworks.roots import enter_roots, members_of
from bridge.analysis.model import Discovery, Route
from bridge.analysis.project import Project, read_project
from bridge.analysis.solving.engine import settle, solve
from bridge.analysis.solving.program import Program
from bridge.analysis.solving.state import State
from bridge.analysis.solving.values import CLASS, FUNCTION, INSTANCE

ROUTE = Route("fake", ("GET",), "/", "main.f", "main.py", 1, ())


@dataclass(frozen=True)
class Fake:
    name: str
    found: Discovery | Exception

    def read(self, state: State, project: Project, options: Options) -> Discovery:
        del state, project, options
        if isinstance(self.found, Exception):
            raise self.found
        return self.found


def solved(tmp_path: Path, source: str) -> tuple[State, Project]:
    (tmp_path / "main.py").write_text(source)
    project = read_project(tmp_path)
    return solve(Program(project.modules)), project


def test_without_readers_nothing_is_discovered(tmp_path: Path) -> None:
    assert discover(*solved(tmp_path, ""), Options(), readers=()) == Discovery()


def test_a_reader_that_crashes_is_named_and_the_rest_goes_on(tmp_path: Path) -> None:
    readers = (Fake("broken", KeyError("x")), Fake("fine", Discovery(routes=(ROUTE,))))
    found = discover(*solved(tmp_path, ""), Options(), readers=readers)
    assert found.routes == (ROUTE,)
    (crashed,) = found.crashed
    assert crashed.startswith("the reader of broken: KeyError: 'x' (read, line ")


def test_discoveries_are_joined_in_order_and_equal_rows_kept_once() -> None:
    first = Discovery(frameworks=("a",), routes=(ROUTE,), settings={"x": 1}, unread=("u",))
    second = Discovery(frameworks=("b",), routes=(ROUTE,), settings={"y": 2})
    assert merged([first, second]) == Discovery(
        frameworks=("a", "b"), routes=(ROUTE,), settings={"x": 1, "y": 2}, unread=("u",)
    )


def test_a_method_is_entered_with_its_own_receiver(tmp_path: Path) -> None:
    source = (
        "class A:\n    def f(self): self.g()\n    def g(self): pass\nclass B(A):\n    def g(self): pass\n"
    )
    state, _ = solved(tmp_path, source)
    classes = [value for value, kind in enumerate(state.values.kinds) if kind == CLASS]
    (b,) = [value for value in classes if state.program.qualified(state.values.parts[value][0]) == "main.B"]
    receiver = state.values.make(INSTANCE, b)
    (root,) = enter_roots(state, members_of(state, receiver, "f"), "handler")
    settle(state)
    called = {state.program.qualified(state.instances[each].scope) for each in state.edges[root.instance]}
    assert (root.symbol, root.file, root.line, called) == ("main.A.f", "main.py", 2, {"main.B.g"})


def test_a_decorated_function_is_entered_behind_its_decorator(tmp_path: Path) -> None:
    source = "import x\n@x.y\ndef f(): g()\ndef g(): pass\n"
    state, _ = solved(tmp_path, source)
    functions = [value for value, kind in enumerate(state.values.kinds) if kind == FUNCTION]
    roots = enter_roots(state, [*functions, *functions], "handler")
    assert [root.symbol for root in roots] == ["main.f", "main.g"]
