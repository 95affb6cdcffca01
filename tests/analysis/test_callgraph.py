from __future__ import annotations

from pathlib import Path

import pytest

from bridge.analysis.project import read_project
from bridge.analysis.solving.engine import solve
from bridge.analysis.solving.program import Program
from tests.analysis.conftest import Callees, Graph


def test_a_file_without_calls_has_no_edges(graph: Graph) -> None:
    found = graph(main="x = 1\ndef f(): pass\n")
    assert found.callees() == {"main": [], "main.f": []}
    assert (found.calls, found.resolved_share) == (0, 1.0)


def test_an_edge_carries_its_file_and_lines(graph: Graph) -> None:
    found = graph(pkg__mod="def f(): pass\nf()\n\nf()\n")
    assert [(edge.caller, edge.callee, edge.file, edge.lines) for edge in found.edges] == [
        ("pkg.mod", "pkg.mod.f", "pkg/mod.py", (2, 4))
    ]


def test_an_object_flows_through_an_untyped_constructor_parameter(callees: Callees) -> None:
    assert callees(
        repo="class Repo:\n    def load(self): pass\n",
        service="""
            class Service:
                def __init__(self, repo): self.repo = repo
                def run(self): return self.repo.load()
        """,
        main="""
            from repo import Repo
            from service import Service
            Service(Repo()).run()
        """,
    ) == {
        "main": ["service.Service.__init__", "service.Service.run"],
        "service.Service.run": ["repo.Repo.load"],
    }


def test_a_shared_decorator_does_not_connect_the_functions_it_wraps(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text(
        "def login(f):\n    def inner(): return f()\n    return inner\n"
        "@login\ndef a(): pass\n@login\ndef b(): pass\na()\nb()\n"
    )
    state = solve(Program(read_project(tmp_path).modules))
    name = {number: state.program.qualified(each.scope) for number, each in enumerate(state.instances)}
    wrapped = [
        sorted(name[target] for target in targets)
        for owner, targets in state.edges.items()
        if name[owner] == "main.login.inner"
    ]
    assert sorted(wrapped) == [["main.a"], ["main.b"]]


def test_an_inherited_method_is_kept_apart_by_the_class_that_inherits_it(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text(
        "class View:\n    def dispatch(self): self.get()\n"
        "class A(View):\n    def get(self): pass\nclass B(View):\n    def get(self): pass\n"
        "A().dispatch()\nB().dispatch()\n"
    )
    state = solve(Program(read_project(tmp_path).modules))
    name = {number: state.program.qualified(each.scope) for number, each in enumerate(state.instances)}
    dispatched = [
        sorted(name[target] for target in targets)
        for owner, targets in state.edges.items()
        if name[owner] == "main.View.dispatch"
    ]
    assert sorted(dispatched) == [["main.A.get"], ["main.B.get"]]


def test_a_decorator_factory_with_wraps_is_followed(callees: Callees) -> None:
    assert callees(
        main="""
            import functools
            def require(role):
                def decorate(f):
                    @functools.wraps(f)
                    def inner(*args, **kwargs):
                        return f(*args, **kwargs)
                    return inner
                return decorate
            @require("admin")
            def view(callback): callback()
            def helper(): pass
            view(helper)
        """
    ) == {
        "main": ["main.require", "main.require.decorate", "main.require.decorate.inner"],
        "main.require.decorate.inner": ["main.view"],
        "main.view": ["main.helper"],
    }


def test_partial_hands_on_its_arguments(callees: Callees) -> None:
    assert callees(
        main="""
            from functools import partial
            def f(callback, other): callback(); other()
            def a(): pass
            def b(): pass
            g = partial(f, a)
            g(other=b)
        """
    ) == {"main": ["main.f"], "main.f": ["main.a", "main.b"]}


def test_a_property_is_a_call(callees: Callees) -> None:
    assert callees(
        main="""
            class A:
                @property
                def session(self): return B()
                @session.setter
                def session(self, value): self.log()
                def log(self): pass
            class B:
                def query(self): pass
            a = A()
            a.session.query()
            a.session = 1
        """
    ) == {"main": ["main.A.session", "main.B.query"], "main.A.session": ["main.A.log"]}


def test_with_for_operators_and_subscripts_call_their_methods(callees: Callees) -> None:
    assert callees(
        main="""
            class A:
                def __enter__(self): return self
                def __exit__(self, *a): pass
                def __iter__(self): yield self
                def __add__(self, other): return self
                def __getitem__(self, key): return self
                def __len__(self): return 0
                def go(self): pass
            with A() as a:
                for each in a:
                    (each + 1)[0].go()
            len(a)
        """
    ) == {
        "main": [
            "main.A.__add__",
            "main.A.__enter__",
            "main.A.__exit__",
            "main.A.__getitem__",
            "main.A.__iter__",
            "main.A.__len__",
            "main.A.go",
        ]
    }


def test_super_follows_the_order_of_resolution_of_the_receiver(callees: Callees) -> None:
    assert callees(
        main="""
            class Base:
                def go(self): pass
            class Left(Base):
                def go(self): super().go()
            class Right(Base):
                def go(self): super().go()
            class Both(Left, Right):
                def go(self): super().go()
            Both().go()
        """
    ) == {
        "main": ["main.Both.go"],
        "main.Both.go": ["main.Left.go"],
        "main.Left.go": ["main.Right.go"],
        "main.Right.go": ["main.Base.go"],
    }


def test_a_contextmanager_gives_what_it_yields(callees: Callees) -> None:
    assert callees(
        main="""
            from contextlib import contextmanager
            class Session:
                def commit(self): pass
            @contextmanager
            def session():
                yield Session()
            with session() as s:
                s.commit()
        """
    ) == {"main": ["main.Session.commit", "main.session"]}


def test_a_module_getattr_table_is_asked(callees: Callees) -> None:
    assert callees(
        pkg="""
                def thing(): pass
                def other(): pass
                LAZY = {"lazy": thing, "other": other}
                def __getattr__(name): return LAZY[name]
            """,
        main="""
                import pkg
                pkg.lazy()
            """,
    )["main"] == ["pkg.thing"]


def test_names_are_found_through_star_imports_and_conditional_imports(callees: Callees) -> None:
    assert callees(
        a="def f(): pass\n",
        b="from a import *\n",
        fast="def g(): pass\n",
        slow="def g(): pass\n",
        main="""
            from b import *
            try:
                from fast import g
            except ImportError:
                from slow import g
            f()
            g()
        """,
    ) == {"main": ["a.f", "fast.g", "slow.g"]}


def test_circular_imports_are_followed_both_ways(callees: Callees) -> None:
    assert callees(
        a="import b\ndef f(): b.g()\n",
        b="import a\ndef g(): a.f()\n",
    ) == {"a.f": ["b.g"], "b.g": ["a.f"]}


def test_an_annotation_counts_where_no_argument_is_known(callees: Callees) -> None:
    text = """
        class A:
            def go(self): pass
        class B(A):
            def go(self): pass
        def unknown(a: "A | None"): a.go()
        def known(a: A): a.go()
        known(B())
    """
    assert callees(main=text) == {
        "main": ["main.known"],
        "main.known": ["main.B.go"],
        "main.unknown": ["main.A.go"],
    }


def test_rebinding_is_followed_in_order(callees: Callees) -> None:
    assert callees(
        main="""
            def a(): pass
            def b(): pass
            f = a
            f = b
            f()
            for _ in range(3):
                f()
                f = a
        """
    ) == {"main": ["main.a", "main.b"]}
    assert callees(main="def a(): pass\ndef b(): pass\nf = a\nf = b\nf()\n") == {"main": ["main.b"]}


def test_what_a_call_may_change_in_a_dictionary_is_not_forgotten(callees: Callees) -> None:
    assert callees(
        main="""
            def a(): pass
            def b(): pass
            d = {"k": a}
            d["k"] = b
            def reset(): d["k"] = a
            reset()
            d["k"]()
        """
    )["main"] == ["main.a", "main.b", "main.reset"]


def test_unresolved_calls_are_counted_with_their_reason(graph: Graph) -> None:
    found = graph(main="def f(callback, thing):\n    callback()\n    thing.go()\n    undefined()\n")
    assert found.calls == 3
    assert [(each.line, each.reason) for each in found.unresolved] == [
        (2, "a parameter that no known call passes"),
        (3, "an attribute of an unknown object"),
        (4, "a name that is not defined"),
    ]
    assert found.resolved_share == 0.0


def test_external_calls_have_canonical_names(graph: Graph) -> None:
    found = graph(main="import requests as r\nfrom os import path as p\nr.get('x').json()\np.join('a')\n")
    assert found.callees()["main"] == ["os.path.join", "requests.get", "requests.get.json"]
    assert found.callees(application_only=True)["main"] == []


def test_a_builder_that_grows_in_a_loop_ends(graph: Graph) -> None:
    found = graph(main="import orm\nq = orm.query()\nwhile q:\n    q = q.filter().join().order().limit()\n")
    assert "orm.query.filter" in found.callees()["main"]


def test_dataclass_arguments_reach_their_fields(callees: Callees) -> None:
    assert callees(
        main="""
            from dataclasses import dataclass
            @dataclass
            class Job:
                name: str
                run: object
            def work(): pass
            Job("x", work).run()
        """
    ) == {"main": ["main.work"]}


@pytest.mark.parametrize(
    "loop",
    [
        "f = functools.partial(f, 1)",
        "f = property(f)",
        "f = staticmethod(f)",
        "d = d.items()",
        "d = d[1:]",
        "d = [d]",
        "d = list(zip(d, d))",
        "d = {**d, 'x': d}",
        "d = super(A, d)",
        "d = lambda: d()",
        "d = A(d)",
        "f = wrap(f)",
        "d = iter(d)",
        "d = d + [d]",
        "a, *d = d",
    ],
)
def test_values_made_of_themselves_end(graph: Graph, loop: str) -> None:
    found = graph(
        main=f"""
            import functools
            class A:
                def __init__(self, x): self.x = x
                def __call__(self): return self.x()
            def wrap(f):
                def inner(): return f()
                return inner
            def f(): pass
            d = {{"a": f}}
            for each in range(3):
                {loop}
            d()
            f()
        """
    )
    assert found.calls >= 5
