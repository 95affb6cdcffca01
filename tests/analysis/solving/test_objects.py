from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

from bridge.analysis.project import read_project
from bridge.analysis.solving.engine import solve
from bridge.analysis.solving.objects import name_of
from bridge.analysis.solving.program import Program
from bridge.analysis.solving.state import ObjectCall, State
from bridge.analysis.solving.values import CONSTANT


def solved(tmp_path: Path, source: str) -> State:
    (tmp_path / "main.py").write_text(dedent(source))
    return solve(Program(read_project(tmp_path).modules))


def first_constants(state: State, call: ObjectCall) -> list[str]:
    held = state.flow.holds[call.arguments.positional[0]] if call.arguments.positional else ()
    return sorted(state.values.parts[each][1] for each in held if state.values.kinds[each] == CONSTANT)


def calls(state: State) -> Iterator[tuple[object, str, list[str]]]:
    """Yield (line where the object is made, what is called, the constants of the first argument)."""
    for owner, found in state.object_calls.items():
        making = state.makings.get(owner)
        for call in found:
            made = making.site.line if making else None
            yield made, name_of(state, call.callee), first_constants(state, call)


def test_objects_are_told_apart_by_where_they_are_made(tmp_path: Path) -> None:
    state = solved(
        tmp_path,
        """
        import flask
        from flask import Blueprint
        a = Blueprint("a", __name__)
        b = flask.blueprints.Blueprint("b", __name__)
        a.add_url_rule("/a")
        b.add_url_rule("/b")
        """,
    )
    assert sorted(calls(state)) == [
        (4, "flask.Blueprint.add_url_rule", ["/a"]),
        (5, "flask.Blueprint.add_url_rule", ["/b"]),
    ]


def test_what_a_member_gives_is_an_object_too(tmp_path: Path) -> None:
    state = solved(
        tmp_path,
        """
        from flask import Flask
        app = Flask(__name__)
        @app.route("/x")
        def view(): pass
        """,
    )
    found = list(calls(state))
    assert found[0] == (3, "flask.Flask.route", ["/x"])
    assert found[1][:2] == (4, "flask.Flask.route")  # the decorator, made on line 4, is called with the view


def test_instances_of_a_projects_subclass_are_told_apart_even_through_super(tmp_path: Path) -> None:
    state = solved(
        tmp_path,
        """
        from flask import Blueprint
        class Mine(Blueprint):
            def add_url_rule(self, rule, **options):
                super().add_url_rule(rule, **options)
        a = Mine("a", __name__)
        b = Mine("b", __name__)
        a.add_url_rule("/a")
        b.add_url_rule("/b")
        """,
    )
    assert sorted(each for each in calls(state) if each[0]) == [
        (6, "flask.Blueprint.add_url_rule", ["/a"]),
        (7, "flask.Blueprint.add_url_rule", ["/b"]),
    ]


def test_a_function_that_hands_rules_on_is_kept_apart_by_call_site(tmp_path: Path) -> None:
    state = solved(
        tmp_path,
        """
        from flask import Flask
        app = Flask(__name__)
        def add(app, rule):
            app.add_url_rule(rule)
        add(app, "/a")
        add(app, "/b")
        """,
    )
    assert [each[2] for each in calls(state)] == [["/a"], ["/b"]]


def test_other_attributes_are_plain_names(tmp_path: Path) -> None:
    state = solved(tmp_path, "import flask\nflask.Flask(__name__).config.get('x')\n")
    assert not list(calls(state))
    names = {state.values.parts[~target][0] for table in state.edges.values() for target in table}
    assert names == {"flask.Flask", "flask.Flask.config.get"}
