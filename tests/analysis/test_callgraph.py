from __future__ import annotations

from pathlib import Path

import pytest

from bridge.analysis.callgraph import build_call_graph
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


def test_a_package_imports_its_own_modules_from_itself(tmp_path: Path) -> None:
    (tmp_path / "pkg").mkdir()
    (tmp_path / "pkg" / "__init__.py").write_text("from . import mod\ndef f(): mod.g()\n")
    (tmp_path / "pkg" / "mod.py").write_text("def g(): pass\n")
    assert build_call_graph(read_project(tmp_path)).callees()["pkg.f"] == ["pkg.mod.g"]


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


@pytest.mark.parametrize(
    ("annotation", "use"),
    [
        ("A", "x"),
        ("'A'", "x"),
        ("A | None", "x"),
        ("Optional[A]", "x"),
        ("type[A]", "x()"),
        ("'Type[A]'", "x()"),
        ("list[A]", "x[0]"),
        ("typing.Sequence['A']", "x[-1]"),
        ("tuple[A, ...]", "next(iter(x))"),
        ("tuple[()] | A", "x"),
        ("set[A]", "x.pop()"),
        ("dict[str, A]", "x['k']"),
        ("Mapping[str, A]", "x.get('k')"),
        ("Iterator[A]", "next(x)"),
    ],
)
def test_an_annotation_may_name_a_class_or_what_a_container_holds(
    callees: Callees, annotation: str, use: str
) -> None:
    text = f"class A:\n    def go(self): pass\ndef unknown(x: {annotation}): ({use}).go()\n"
    assert callees(main=text)["main.unknown"] == ["main.A.go"]


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("(Path('a') / 'b').read_text()", "pathlib.Path.read_text"),
        ("('a' + unknown).upper()", "<builtin>.str.upper"),
        ("('%s' % unknown).upper()", "<builtin>.str.upper"),
        ("s = set([1]); s.add(2)", "<builtin>.set.add"),
        ("s = {1}; s.add(2)", "<builtin>.set.add"),
        ("annotated.lower()", "<builtin>.str.lower"),
    ],
)
def test_results_of_operators_and_builtins_are_known(graph: Graph, statement: str, expected: str) -> None:
    text = f"from pathlib import Path\ndef f(unknown, annotated: str):\n    {statement}\n"
    assert expected in graph(main=text).callees()["main.f"]


def test_what_an_unknown_dictionary_holds_is_not_known(graph: Graph) -> None:
    found = graph(main="def f(settings: dict): settings.get('x').go()\n")
    assert [each.reason for each in found.unresolved] == ["an attribute of an unknown object"]


def test_a_defaultdict_holds_what_its_factory_makes(callees: Callees) -> None:
    assert callees(
        main="""
            from collections import defaultdict
            class A:
                def go(self): pass
            def make(): return A()
            d = defaultdict(make)
            d["x"].go()
            e = defaultdict(A)
            e["x"].go()
        """
    ) == {"main": ["main.A.go", "main.make"]}


def test_views_registered_through_a_method_of_ones_own_are_kept_apart(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text(
        "class Blueprint:\n"
        "    def add_url_rule(self, rule, view): view()\n"
        "blueprint = Blueprint()\n"
        "def a(): pass\ndef b(): pass\n"
        "blueprint.add_url_rule('/a', a)\nblueprint.add_url_rule('/b', b)\n"
    )
    state = solve(Program(read_project(tmp_path).modules))
    name = {number: state.program.qualified(each.scope) for number, each in enumerate(state.instances)}
    called = [
        sorted(name[target] for target in targets)
        for owner, targets in state.edges.items()
        if name[owner] == "main.Blueprint.add_url_rule"
    ]
    assert sorted(called) == [["main.a"], ["main.b"]]


def test_a_base_that_is_known_late_reaches_the_classes_below(callees: Callees) -> None:
    assert callees(
        main="""
            def bases(): return Base
            class Leaf(bases()):
                def run(self): self.go()
            class Lower(Leaf): pass
            Lower().run()
            class Base:
                def go(self): pass
        """
    ) == {"main": ["main.Leaf.run", "main.bases"], "main.Leaf.run": ["main.Base.go"]}


DEEP = 2000

DEEP_PROGRAMS = {
    "classes": (
        "class C0:\n    def go(self): pass\n"
        + "".join(f"class C{each}(C{each - 1}): pass\n" for each in range(1, DEEP))
        + f"C{DEEP - 1}().go()\n"
    ),
    "functions": (
        "def f0(): pass\n"
        + "".join(f"def f{each}(): f{each - 1}()\n" for each in range(1, DEEP))
        + f"f{DEEP - 1}()\n"
    ),
    "wrappers": (
        "def f(): pass\ndef w(g):\n    def i(): return g()\n    return i\nx = f\n"
        + "x = w(x)\n" * DEEP
        + "x()\n"
    ),
    "data": "DATA = {\n"
    + "".join(f"'k{each}': ['{each}', ('a', 'b')],\n" for each in range(DEEP))
    + "}\nDATA.get('k')\n",
}


@pytest.mark.timeout(30)
@pytest.mark.parametrize("text", DEEP_PROGRAMS.values(), ids=DEEP_PROGRAMS)
def test_deep_and_long_programs_are_solved(graph: Graph, text: str) -> None:
    assert graph(main=text).resolved_share == 1.0


def test_a_long_chain_of_star_imports_is_followed(graph: Graph) -> None:
    files = {f"m{each}": f"from m{each - 1} import *\n" for each in range(1, DEEP)}
    found = graph(m0="def f(): pass\n", **files, main=f"from m{DEEP - 1} import *\nf()\n")
    assert found.callees()["main"] == ["m0.f"]


@pytest.mark.parametrize(
    "program",
    [
        "f = a\ndef change():\n    global f\n    f = b\nchange()\nf()\n",
        "def outer():\n    f = a\n    def change():\n        nonlocal f\n        f = b\n    change()\n    f()\nouter()\n",
    ],
    ids=["global", "nonlocal"],
)
def test_what_a_function_inside_assigns_is_seen_outside(callees: Callees, program: str) -> None:
    found = callees(main="def a(): pass\ndef b(): pass\n" + program)
    assert {"main.a", "main.b"} <= {callee for called in found.values() for callee in called}


def test_the_class_object_is_a_callee(graph: Graph) -> None:
    found = graph(main="make = object\nmake()\nobject()\n")
    assert (found.resolved_share, found.callees()["main"]) == (1.0, ["<builtin>.object"])


def test_a_register_that_everything_reaches_is_not_resolved(graph: Graph) -> None:
    constants = ", ".join(repr(str(each)) for each in range(40))
    found = graph(main=f"def f(*names):\n    for name in names: name()\nf({constants})\n")
    assert [each.reason for each in found.unresolved] == ["more values than are followed"]
