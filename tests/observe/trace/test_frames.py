"""Which files are the project's, and where a request's stack ends."""

from __future__ import annotations

import sys
from pathlib import Path

from bridge.observe.trace.entries import BORDER, Entry, Request, _run, current
from bridge.observe.trace.frames import DEEPEST, Project


def test_files_are_the_projects_by_folder(tmp_path: Path) -> None:
    project = Project(str(tmp_path))
    assert project.relative(str(tmp_path / "pkg" / "views.py")) == "pkg/views.py"
    assert project.relative(str(tmp_path / ".venv/lib/python3.11/site-packages/lib.py")) is None
    assert project.relative(str(tmp_path.parent / "elsewhere.py")) is None
    assert project.relative("<string>") is None
    assert project.relative("<frozen importlib._bootstrap>") is None
    assert project.relative(str(Path(sys.prefix) / "lib" / "x.py")) is None


def test_an_environment_below_the_root_is_no_part_of_the_project() -> None:
    assert Project(str(Path(sys.prefix).parent)).relative(str(Path(sys.prefix) / "bin" / "script.py")) is None


def test_a_stack_ends_at_the_request() -> None:
    project = Project(str(Path(__file__).parent))
    stacks = []

    def view() -> None:
        stacks.append(project.stack(sys._getframe(), BORDER))

    entry = Entry("", "", 0, lambda _: ("GET", "/x"), lambda _: None)
    _run(view, Request(None, entry, None), lambda _: None)
    ((file, line, name),) = stacks[0]
    assert (file, name.rpartition(".")[2]) == ("test_frames.py", "view")
    assert line > 1


def test_a_deep_stack_keeps_its_innermost_lines() -> None:
    project = Project(str(Path(__file__).parent))

    def dive(depth: int) -> tuple[tuple[str, int, str], ...]:
        return dive(depth - 1) if depth else project.stack(sys._getframe(), BORDER)

    stack = dive(DEEPEST * 2)
    assert len(stack) == DEEPEST
    assert stack[-1][2].endswith("dive")


def test_the_outer_request_learns_its_route_from_the_inner_one() -> None:
    ended: list[Request] = []
    plain = Entry("", "", 0, lambda _: ("GET", "/users/7"), lambda _: None)
    framework = Entry("", "", 0, lambda _: ("GET", "/users/7"), lambda _: ("GET", "/users/<id>"))
    outer = Request(None, plain, None)

    def client() -> None:
        _run(lambda: None, Request(None, framework, current()), ended.append)

    _run(client, outer, ended.append)
    assert [request.describe() for request in ended] == [("GET", "/users/<id>")] * 2
    assert [request.is_inner for request in ended] == [True, False]
    assert current() is None


def test_a_request_whose_framework_has_changed_is_still_a_request() -> None:
    broken = Entry("", "", 0, lambda about: about.method, lambda about: about.route)
    assert Request(object(), broken, None).describe() == ("GET", "/")
