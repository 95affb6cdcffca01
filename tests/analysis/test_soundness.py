"""A law: every call between the functions of a program that happens when it runs is an edge of its call graph.

Small programs are made up, run under a tracer, and compared. What the solver does not claim to follow (numbers as
keys that are computed, strings as code) is not made up.
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType

from hypothesis import HealthCheck, given, settings, strategies as st

from bridge.analysis.callgraph import build_call_graph
from bridge.analysis.project import read_project

NAMES = ("a", "b", "c", "d")

PRELUDE = """
from functools import partial, wraps
from contextlib import contextmanager

def leaf(*args): return leaf
def give(x, *rest): return x
def apply(f, *args): return f(*args)
def around(f):
    @wraps(f)
    def inner(*args, **kwargs): return f(*args, **kwargs)
    return inner
def later(x):
    def thunk(*args): return x
    return thunk
def each(*xs):
    for x in xs: yield x
@contextmanager
def held(x): yield x
class Box:
    def __init__(self, x): self.x = x
    def get(self, *args): return self.x
    def __call__(self, *args): return self.x
    def __iter__(self): return iter([self.x])
    def __getitem__(self, key): return self.x
    @property
    def only(self): return self.x
    @classmethod
    def make(cls, x): return cls(x)
class Crate(Box):
    def get(self, *args): return super().get()
    @staticmethod
    def pick(x, *rest): return x
"""

name = st.sampled_from(NAMES)


@st.composite
def expressions(draw: st.DrawFn, depth: int = 2) -> str:
    """Return an expression that gives something to call, whatever the names hold."""
    if depth == 0:
        return draw(st.sampled_from([*NAMES, "leaf", "leaf", "give"]))
    x, y = draw(expressions(depth - 1)), draw(expressions(depth - 1))
    forms = [
        f"give({x}, {y})",
        f"apply(give, {x}, {y})",
        f"around(leaf)({x})",
        f"around({x})",
        f"later({x})()",
        f"later({x})",
        f"Box({x}).get()",
        f"Box({x}).x",
        f"Box({x}).only",
        f"Box({x})['k']",
        f"Box({x})",
        f"Crate.make({x}).get()",
        f"Crate.pick({x}, {y})",
        f"Crate({x}).get",
        f"partial(give, {x})",
        f"partial(give, {x})()",
        f"[{x}, {y}][0]",
        f"({x}, {y})[-1]",
        f"{{'k': {x}, 'l': {y}}}['k']",
        f"dict(k={x}).get('k')",
        f"[z for z in [{x}, {y}]][0]",
        f"next(iter(Box({x})))",
        f"list(each({x}, {y}))[1]",
        f"(lambda z: z)({x})",
        f"(lambda *z: {x})",
        f"({x} if len(NAMES) else {y})",
        f"({x} or {y})",
        f"list(map(give, [{x}]))[0]",
        f"max([{x}], key=give)",
        f"getattr(Box({x}), 'x')",
    ]
    return draw(st.sampled_from(forms))


@st.composite
def statements(draw: st.DrawFn) -> str:
    """Return a statement (or several) that rebinds a name to something to call, or calls it."""
    n, x = draw(name), draw(expressions())
    forms = [
        f"{n} = {x}",
        f"{n}(leaf)",
        f"{n}, _ = {x}, leaf",
        f"*{n}_rest, {n} = [leaf, {x}]",
        f"for {n} in each({x}, leaf): {n}(leaf)",
        f"with held({x}) as {n}: {n}(leaf)",
        f"try:\n    {n} = {x}\nfinally:\n    {n}(leaf)",
        f"if {n}: {n} = {x}\nelse: {n} = leaf",
        f"def {n}(*args, kept={x}): return kept",
        f"@around\ndef {n}(*args): return leaf",
        f"box = Box(leaf)\nbox.x = {x}\n{n} = box.x",
        f"table = {{}}\ntable['k'] = {x}\n{n} = table['k']",
        f"row = []\nrow.append({x})\n{n} = row[0]",
        f"def change():\n    global {n}\n    {n} = {x}\nchange()",
        f"if ({n} := {x}): {n}(leaf)",
        f"while True:\n    {n} = {x}\n    break",
    ]
    return draw(st.sampled_from(forms))


def called(program: str) -> set[tuple[str, str]]:
    """Return (caller, callee), by their own names, for what happens when `program` runs."""
    seen: set[tuple[str, str]] = set()

    def trace(frame: FrameType, event: str, _argument: object) -> None:
        caller = frame.f_back
        while caller is not None and caller.f_code.co_name in TRANSPARENT:
            caller = caller.f_back
        if event == "call" and caller is not None and _is_told(frame) and _is_ours(caller):
            seen.add((_label(caller), _label(frame)))

    namespace: dict[str, object] = {"__name__": "main", "NAMES": NAMES}
    code = compile(program, "main.py", "exec")
    before = sys.getprofile()
    sys.setprofile(trace)
    try:
        exec(code, namespace)
    except (TypeError, RecursionError, AttributeError):
        pass  # a name was called with what it does not take: the calls before count
    finally:
        sys.setprofile(before)
    return seen


# Before 3.12 comprehensions are functions; they and generators' bodies belong to who runs them, which the graph tells otherwise.
TRANSPARENT = frozenset({"<listcomp>", "<genexpr>", "<dictcomp>", "<setcomp>"})


def _is_ours(frame: FrameType) -> bool:
    return frame.f_code.co_filename == "main.py"


def _is_told(frame: FrameType) -> bool:
    generator = 0x20
    resumed = bool(frame.f_code.co_flags & generator)
    return (
        _is_ours(frame)
        and not resumed
        and frame.f_code.co_name not in {*TRANSPARENT, "<module>", "Box", "Crate"}
    )


def _label(frame: FrameType) -> str:
    return frame.f_code.co_name.strip("<>")


def found(program: str) -> set[tuple[str, str]]:
    """Return the same of the call graph."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "main.py")
        path.write_text(program, "utf-8")
        graph = build_call_graph(read_project(path))
    return {(_short(edge.caller), _short(edge.callee)) for edge in graph.edges if not edge.is_external}


def _short(symbol: str) -> str:
    last = symbol.rpartition(".")[2]
    return "lambda" if last.startswith("<lambda") else "module" if last == "main" else last


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(statements(), min_size=1, max_size=6))
def test_every_call_that_happens_is_in_the_graph(body: list[str]) -> None:
    start = "".join(f"{each} = leaf\n" for each in NAMES)
    program = PRELUDE + start + "\n".join(body) + "\n"
    assert called(program) <= found(program)
