from __future__ import annotations

from collections.abc import Callable

import pytest

from bridge.analysis.effects import Effects
from bridge.analysis.model import Confidence, Context, Step, Witness
from bridge.analysis.solving.state import State
from tests.analysis.effects.conftest import Reach, root

Built = Callable[..., tuple[State, Effects]]


def sinks(witnesses: tuple[Witness, ...]) -> list[tuple[str, int]]:
    return sorted((each.sink, each.line) for each in witnesses)


def test_a_function_without_sinks_reaches_none(reach: Reach) -> None:
    reached = reach(main="import time\ndef view(): return str(1)\ndef other(): time.sleep(1)\n")
    assert (reached.witnesses, reached.calls, reached.resolved_share) == ((), 1, 1.0)


def test_the_shortest_chain_is_told_with_its_lines(reach: Reach) -> None:
    reached = reach(
        main="""
            from helpers import load, nap
            def view():
                load()
                nap()
        """,
        helpers="""
            import time
            def load(): inner()
            def inner(): nap()
            def nap(): time.sleep(1)
        """,
    )
    (witness,) = reached.witnesses
    assert witness == Witness(
        sink="time.sleep",
        written="time.sleep",
        symbol="helpers.nap",
        file="helpers.py",
        line=5,
        column=12,
        chain=(Step("main.view", "main.py", 5), Step("helpers.nap", "helpers.py", 5)),
    )


def test_every_place_of_a_sink_is_told_once(reach: Reach) -> None:
    reached = reach(
        main="""
            import time, requests as r
            def view():
                time.sleep(1)
                a(); b(); a()
            def a():
                r.get("x")
            def b():
                r.get("y")
                a()
        """
    )
    assert sinks(reached.witnesses) == [("requests.get", 7), ("requests.get", 9), ("time.sleep", 4)]


def test_recursion_ends(reach: Reach) -> None:
    reached = reach(
        main="""
            import time
            def view(): other()
            def other():
                view()
                time.sleep(1)
        """
    )
    assert sinks(reached.witnesses) == [("time.sleep", 6)]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("sqlite3.connect('x').execute('y')", ["sqlite3.Connection.execute", "sqlite3.connect"]),
        ("sqlite3.connect('x').cursor().execute('y')", ["sqlite3.Cursor.execute", "sqlite3.connect"]),
        ("DB.cursor().execute('y')", ["sqlite3.Cursor.execute"]),
        ("Repo().load()", ["sqlite3.Connection.execute"]),
        ("[row for row in DB.cursor()]", ["sqlite3.Cursor.__iter__"]),
        ("list(DB.cursor())", ["sqlite3.Cursor.__iter__"]),
        ("requests.Session().get('x')", ["requests.Session.get"]),
        ("SESSION.get('x')", ["requests.Session.get"]),
        ("Client().get('x')", ["requests.Session.get"]),
        ("Client().fetch('x')", ["requests.Session.get"]),
        ("Mixed().get('x')", ["requests.Session.get"]),
        ("Mail('x').sendmail()", ["smtplib.SMTP", "smtplib.SMTP.sendmail"]),
        ("smtplib.SMTP('x')", ["smtplib.SMTP"]),
        ("with open('x') as f: f.read()", ["builtins.open", "io.TextIOWrapper.read"]),
        ("with orm.transaction() as c: c.execute('x')", ["sqlite3.Connection.execute"]),
        ("for row in orm.query(): row.parent", ["orm.QuerySet.__iter__", "orm.Row.parent"]),
        ("len(orm.query())", ["orm.QuerySet.__len__"]),
        ("bool(orm.query())", ["orm.QuerySet.__bool__", "orm.QuerySet.__len__"]),
        ("orm.query()[0].parent", ["orm.QuerySet.__getitem__", "orm.Row.parent"]),
        ("x = 1 if orm.query() else 2", ["orm.QuerySet.__bool__", "orm.QuerySet.__len__"]),
        ("if not orm.query(): pass", ["orm.QuerySet.__bool__", "orm.QuerySet.__len__"]),
        ("while orm.query(): pass", ["orm.QuerySet.__bool__", "orm.QuerySet.__len__"]),
        ("orm.query() or 1", ["orm.QuerySet.__bool__", "orm.QuerySet.__len__"]),
        ("assert orm.query()", ["orm.QuerySet.__bool__", "orm.QuerySet.__len__"]),
        ("x = orm.query()", []),
        ("x = orm.query() == 1", []),
        ("open = print; open('x')", []),
        ("requests = {}; requests.get('x')", []),
        ("job.delay(1)", ["celery.Task.delay"]),
    ],
)
def test_external_objects_are_known_by_their_type(reach: Reach, body: str, expected: list[str]) -> None:
    reached = reach(
        main=f"""
            import celery, orm, requests, smtplib, sqlite3, time
            app = celery.Celery()
            DB = sqlite3.connect("x")
            SESSION = requests.Session()
            @app.task
            def job(x): time.sleep(x)
            class Repo:
                def __init__(self): self.db = DB
                def load(self): return self.db.execute("x")
            class Client(requests.Session):
                def fetch(self, url): return self.get(url)
            class Plain: pass
            class Mixed(Plain, unknown.Mixin, requests.Session): pass
            class Mail(smtplib.SMTP): pass
            def view():
                {body}
        """,
        unknown="from elsewhere import Mixin\n",
    )
    assert sorted({each.sink for each in reached.witnesses}) == expected


OFFLOADED = {
    "to_thread": "asyncio.to_thread(nap, 1)",
    "run_in_executor": "asyncio.get_event_loop().run_in_executor(None, nap, 1)",
    "partial": "asyncio.to_thread(functools.partial(nap, 1))",
    "lambda": "asyncio.to_thread(lambda: nap(1))",
    "bound": "asyncio.to_thread(Napper().nap)",
    "sink": "asyncio.to_thread(time.sleep, 1)",
    "sync_to_async": "sync_to_async(nap)(1)",
    "decorated": "wrapped(1)",
    "thread": "threading.Thread(target=nap, args=(1,)).start",
    "timer": "threading.Timer(5, nap).start",
    "submit": "concurrent.futures.ThreadPoolExecutor().submit(nap, 1)",
    "with-submit": "[p.submit(nap, 1) for p in [concurrent.futures.ThreadPoolExecutor()]]",
    "anyio": "anyio.to_thread.run_sync(nap, 1)",
    "starlette": "starlette.concurrency.run_in_threadpool(nap, 1)",
    "own": "own(nap)",
}

OFFLOADING = """
    import asyncio, anyio, concurrent.futures, functools, starlette.concurrency, threading, time
    from asgiref.sync import sync_to_async
    def nap(seconds): time.sleep(seconds)
    class Napper:
        def nap(self): time.sleep(1)
    @sync_to_async
    def wrapped(x): time.sleep(x)
    def own(f): f(1)
"""


@pytest.mark.parametrize("call", OFFLOADED.values(), ids=OFFLOADED)
def test_a_thread_cuts_the_chain(effects: Built, call: str) -> None:
    state, found = effects(("main.own",), main=f"{OFFLOADING}\n    def view():\n        {call}\n")
    (witness,) = found.of(root(state, "main.view")).witnesses
    assert (witness.sink, witness.context) == ("time.sleep", Context.OFFLOADED)
    assert witness.chain[0].symbol == "main.view"
    assert "main.view" not in found.sinks()


@pytest.mark.parametrize("order", ["nap(1); {0}", "{0}; nap(1)", "wait = nap; {0}; wait(1)"])
def test_one_way_without_a_thread_is_enough(effects: Built, order: str) -> None:
    body = order.format("asyncio.to_thread(nap, 1)")
    state, found = effects(main=f"{OFFLOADING}\n    def view():\n        {body}\n")
    (witness,) = found.of(root(state, "main.view")).witnesses
    assert witness.context is Context.REQUEST
    assert found.sinks()["main.view"] == {"time.sleep"}


@pytest.mark.parametrize(
    ("body", "in_loop"),
    [
        ("nap()", False),
        ("for _ in range(3): nap()", True),
        ("while nap(): pass", True),
        ("[nap() for _ in range(3)]", True),
        ("[x for x in nap()]", False),
        ("for x in nap(): pass", False),
        ("[y for x in range(3) for y in nap()]", True),
        ("for x in range(3): list(orm.query())", True),
        ("for x in range(3):\n                    for y in orm.query(): pass", True),
        ("for y in orm.query(): pass", False),
        ("{x: y for x, y in orm.query()}", False),
        ("for x in range(3): a()", True),
    ],
)
def test_a_loop_on_the_way_is_noted(reach: Reach, body: str, in_loop: bool) -> None:
    reached = reach(
        main=f"""
            import orm, time
            def nap(): time.sleep(1)
            def a(): nap()
            def view():
                {body}
        """
    )
    assert [each.in_loop for each in reached.witnesses] == [in_loop]


def test_what_external_code_is_given_may_run_with_less_confidence(reach: Reach) -> None:
    reached = reach(
        main="""
            import time
            from cachelib import cache
            def view(): return cache.get_or_set("k", load)
            def load(): time.sleep(1)
        """
    )
    assert [(each.sink, each.confidence) for each in reached.witnesses] == [("time.sleep", Confidence.MEDIUM)]


@pytest.mark.parametrize(
    ("call", "runs"),
    [
        ("re.sub('a', load, 'b')", True),
        ("re.compile('a').sub(load, 'b')", True),
        ("list(itertools.groupby([1], key=load))", True),
        ("transaction.on_commit(lambda: load(1))", True),
        ("json.dumps({}, default=load)", True),
        ("isinstance(load, object)", False),
        ("callable(load)", False),
        ("logging.info('%s', load)", False),
        ("flask.url_for(load)", False),
        ("cache.delete_memoized(load)", False),
        ("signals.saved.connect(load)", False),
    ],
)
def test_only_external_code_that_calls_runs_what_it_is_given(reach: Reach, call: str, runs: bool) -> None:
    reached = reach(
        main=f"""
            import flask, itertools, json, logging, re, time
            from elsewhere import cache, signals, transaction
            def view(): {call}
            def load(x): time.sleep(1)
        """
    )
    assert [each.sink for each in reached.witnesses] == ["time.sleep"] * runs


def test_what_async_to_sync_gives_is_the_function(reach: Reach) -> None:
    reached = reach(
        main="""
            import time
            from asgiref.sync import async_to_sync
            def view(): async_to_sync(load)(1)
            async def load(x): time.sleep(1)
        """
    )
    assert [(each.sink, each.context) for each in reached.witnesses] == [("time.sleep", Context.REQUEST)]


@pytest.mark.parametrize(
    ("arguments", "blocks"),
    [
        ("", True),
        ("False", False),
        ("blocking=False", False),
        ("True", True),
        ("0", True),
        ("unknown", True),
        ("maybe", True),
        ("timeout=1", True),
    ],
)
def test_a_call_does_not_block_with_the_arguments_that_its_row_excuses(
    reach: Reach, arguments: str, blocks: bool
) -> None:
    reached = reach(
        main=f"""
            import threading
            lock = threading.Lock()
            def view(unknown=None):
                maybe = True if unknown else False
                lock.acquire({arguments})
        """
    )
    assert [each.sink for each in reached.witnesses] == ["threading.Lock.acquire"] * blocks


def test_the_resolved_share_counts_what_the_root_leads_to(reach: Reach) -> None:
    reached = reach(
        main="""
            import os
            def view(request):
                os.getpid()
                helper()
                request.user()
            def helper(): undefined()
            def elsewhere(a): a(); a()
        """
    )
    assert (reached.calls, reached.resolved) == (4, 2)


def test_roots_together_tell_a_place_once_and_prefer_the_request(effects: Built) -> None:
    state, found = effects(
        main="""
            import asyncio, time
            def nap(): time.sleep(1)
            def before(): asyncio.to_thread(nap)
            def view(): nap()
        """
    )
    roots = root(state, "main.before", "before_request"), root(state, "main.view")
    (witness,) = found.of(*roots).witnesses
    assert (witness.role, witness.context) == ("handler", Context.REQUEST)
    (witness,) = found.of(*roots[:1]).witnesses
    assert (witness.role, witness.context) == ("before_request", Context.OFFLOADED)


def test_all_functions_know_their_sinks_and_callees(effects: Built) -> None:
    _, found = effects(
        main="""
            import time
            def a(): b()
            def b(): c(); a()
            def c(): time.sleep(1)
            def d(): pass
            a()
        """
    )
    nap = frozenset({"time.sleep"})
    assert found.sinks() == {"main": nap, "main.a": nap, "main.b": nap, "main.c": nap}
    assert found.calls() == {
        "main": frozenset({"main.a"}),
        "main.a": frozenset({"main.b"}),
        "main.b": frozenset({"main.a", "main.c"}),
    }
