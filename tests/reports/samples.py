"""Reports to render: a small shop with one route of every verdict, one whose every text is hostile, and a large one."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from pathlib import Path

from bridge.analysis.model import (
    Category,
    Confidence,
    Context,
    Dependency,
    DependencyStatus,
    Finding,
    MiddlewareReport,
    PackageSwap,
    Plan,
    ProjectFacts,
    PythonError,
    Replacement,
    Report,
    RouteReport,
    Severity,
    Step,
    Summary,
    Unit,
    Verdict,
    Wave,
)

__all__ = [
    "EVIL",
    "SOURCES",
    "empty_report",
    "hostile_report",
    "large_report",
    "sample_report",
    "write_sources",
]

# Escapes of HTML, Markdown, GitHub's commands, XML and terminals in one text.
EVIL = "<script>alert('x')</script>&\"]]>`|*_::error::%0A\x1b[31m\x00\u202e\n::set-output name=a::b"

VIEWS = """\
from flask import Flask, jsonify

from shop import db, mail, passwords

app = Flask(__name__)


@app.get("/users/<id>")
def user(id):
    row = db.fetch("SELECT * FROM users WHERE id = %s", id)
    return jsonify(row)


@app.get("/users")
def users():
    return jsonify([db.fetch("SELECT 1", each) for each in range(10)])


@app.post("/orders")
def order():
    db.fetch("INSERT INTO orders ...")
    mail.send("Thank you")
    return "", 201


@app.post("/login")
def login():
    return passwords.check()


@app.get("/export")
def export():
    return open("export.csv").read()


@app.get("/state")
def state():
    return mail.last_error.text


@app.get("/health")
def health():
    return "ok"
"""
DB = """\
import psycopg2

DSN = "dbname=shop"


def connect():
    return psycopg2.connect(DSN)


def fetch(statement, *values):
    with connect() as connection, connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchone()
"""
MAIL = """\
import smtplib
import threading

last_error = threading.local()


def send(text):
    with smtplib.SMTP("localhost") as server:
        server.sendmail("shop@example.com", [], text)
"""
PASSWORDS = """\
import hashlib


def check():
    hashlib.pbkdf2_hmac("sha256", b"secret", b"salt", 600_000)
    return "welcome"
"""
SOURCES = {"shop/views.py": VIEWS, "shop/db.py": DB, "shop/mail.py": MAIL, "shop/passwords.py": PASSWORDS}


def write_sources(folder: Path, sources: dict[str, str] | None = None) -> Path:
    """Write the shop's files below `folder` and return it."""
    for name, text in (SOURCES if sources is None else sources).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return folder


def view(name: str, line: int) -> Step:
    return Step(f"shop.views.{name}", "shop/views.py", line)


def finding(name: str, rule: str, category: Category, sink: str, place: Step, **changes: object) -> Finding:
    base = Finding(
        id=name,
        rule=rule,
        category=category,
        sink=sink,
        severity=Severity.ERROR,
        confidence=Confidence.HIGH,
        context=Context.REQUEST,
        file=place.file,
        line=place.line,
        column=12,
        symbol=place.symbol,
        message=f"{sink} blocks the event loop",
        chain=(place,),
        routes=(),
        cooperative=False,
        effort=1,
        fingerprint=f"{rule}:{place.file}:{place.symbol}:{sink}",
    )
    return dataclasses.replace(base, **changes)  # type: ignore[arg-type] # the caller's are checked at run time


CONNECT = Step("shop.db.connect", "shop/db.py", 7)
FETCH = Step("shop.db.fetch", "shop/db.py", 11)
EXECUTE = Step("shop.db.fetch", "shop/db.py", 12)
PSYCOPG = Replacement(
    "psycopg",
    "psycopg.AsyncConnection.connect",
    "rows come as before",
    "https://www.psycopg.org/psycopg3/docs/advanced/async.html",
)

FINDINGS = (
    finding(
        "F1",
        "WB210",
        Category.DATABASE,
        "psycopg2.connect",
        CONNECT,
        chain=(view("user", 10), FETCH, CONNECT),
        routes=("GET /users", "GET /users/<id>", "POST /orders"),
        cooperative=True,
        replacement=PSYCOPG,
        message="psycopg2.connect waits for the database",
    ),
    finding(
        "F2",
        "WB211",
        Category.DATABASE,
        "psycopg2.extensions.cursor.execute",
        EXECUTE,
        column=9,
        chain=(view("users", 16), EXECUTE),
        routes=("GET /users",),
        cooperative=True,
        in_loop=True,
        effort=3,
        replacement=Replacement("psycopg", "psycopg.AsyncCursor.execute"),
        message="psycopg2.extensions.cursor.execute waits for the database, once per item",
    ),
    finding(
        "F3",
        "WB220",
        Category.NETWORK,
        "smtplib.SMTP",
        Step("shop.mail.send", "shop/mail.py", 8),
        column=10,
        chain=(view("order", 22), Step("shop.mail.send", "shop/mail.py", 8)),
        routes=("POST /orders",),
        cooperative=True,
        effort=3,
        replacement=Replacement("aiosmtplib", "aiosmtplib.send", url="https://aiosmtplib.readthedocs.io/"),
        message="smtplib.SMTP waits for the mail server",
    ),
    finding(
        "F4",
        "WB401",
        Category.CPU,
        "hashlib.pbkdf2_hmac",
        Step("shop.passwords.check", "shop/passwords.py", 5),
        column=5,
        chain=(view("login", 28), Step("shop.passwords.check", "shop/passwords.py", 5)),
        routes=("POST /login",),
        effort=3,
        severity=Severity.WARNING,
        message="hashlib.pbkdf2_hmac computes for a tenth of a second",
    ),
    finding(
        "F5",
        "WB301",
        Category.FILE,
        "open",
        view("export", 33),
        routes=("GET /export",),
        severity=Severity.WARNING,
        effort=3,
        replacement=Replacement("", "asyncio.to_thread", "or anyio.Path"),
        message="open waits for the disk",
    ),
    finding(
        "F6",
        "WB501",
        Category.THREAD_LOCAL,
        "threading.local",
        view("state", 38),
        routes=("GET /state",),
        confidence=Confidence.MEDIUM,
        effort=5,
        message="threading.local is not the same on the next await",
    ),
)


def route(
    method: str, path: str, verdict: Verdict, handler: str, line: int, **changes: object
) -> RouteReport:
    base = RouteReport(
        id=f"{method} {path}",
        methods=(method,),
        path=path,
        framework="flask",
        handler=f"shop.views.{handler}",
        file="shop/views.py",
        line=line,
        verdict=verdict,
        lane="thread",
        lane_reason="never waits: where it runs does not matter",
        effort=0,
        confidence=Confidence.HIGH,
        resolved_calls=1.0,
        reasons=(),
        findings=(),
    )
    return dataclasses.replace(base, **changes)  # type: ignore[arg-type] # as in `finding`


ROUTES = (
    route(
        "GET", "/users/<id>", Verdict.GREENLET, "user", 9,
        lane="greenlet", effort=1, findings=("F1",),
        reasons=("its only blocking call, psycopg2.connect, is cooperative",),
    ),
    route(
        "GET", "/users", Verdict.REWRITE, "users", 15,
        lane="greenlet", effort=4, resolved_calls=0.97, findings=("F1", "F2"),
        reasons=("queries in a loop", "psycopg replaces psycopg2"),
    ),
    route(
        "POST", "/orders", Verdict.REWRITE, "order", 20,
        lane="greenlet", effort=4, findings=("F1", "F3"),
        reasons=("psycopg replaces psycopg2, aiosmtplib replaces smtplib",),
    ),
    route(
        "POST", "/login", Verdict.KEEP_SYNC, "login", 27,
        effort=3, findings=("F4",), reasons=("bound by the CPU",),
    ),
    route(
        "GET", "/export", Verdict.OFFLOAD, "export", 32,
        effort=3, findings=("F5",), reasons=("file access has no cooperative form",),
    ),
    route(
        "GET", "/state", Verdict.REDESIGN, "state", 37,
        effort=5, confidence=Confidence.MEDIUM, findings=("F6",),
        reasons=("relies on threading.local",),
    ),
    route("GET", "/health", Verdict.READY, "health", 42, reasons=("nothing blocks",)),
)  # fmt: skip

SHARED = (
    Unit(
        symbols=("shop.db.connect",),
        unblocks=("GET /users/<id>",),
        actions=("psycopg2.connect -> psycopg.AsyncConnection.connect",),
        effort=1,
        routes=("GET /users", "GET /users/<id>", "POST /orders"),
    ),
    Unit(
        symbols=("shop.db.fetch",),
        unblocks=("GET /users",),
        actions=(
            "shop/db.py:12: psycopg2.extensions.cursor.execute -> psycopg.AsyncCursor.execute",
            "shop/db.py:13: psycopg2.extensions.cursor.execute -> psycopg.AsyncCursor.execute",
        ),
        effort=3,
        routes=("GET /users", "GET /users/<id>", "POST /orders"),
    ),
    Unit(
        symbols=("shop.mail.send",),
        unblocks=("POST /orders",),
        actions=("smtplib.SMTP -> aiosmtplib.send",),
        effort=3,
        routes=("POST /orders",),
    ),
    Unit(
        symbols=("shop.passwords.check",),
        unblocks=(),
        actions=("hashlib.pbkdf2_hmac: stays in a thread",),
        effort=3,
        routes=("POST /login",),
    ),
)

PLAN = Plan(
    shared=SHARED,
    waves=(
        Wave(
            1,
            4,
            (
                Unit(
                    symbols=("shop.db.connect",),
                    unblocks=(),
                    actions=("psycopg2.connect -> psycopg.AsyncConnection.connect",),
                    effort=1,
                    routes=("GET /users", "GET /users/<id>", "POST /orders"),
                ),
                Unit(
                    symbols=("shop.mail.send",),
                    unblocks=(),
                    actions=("smtplib.SMTP -> aiosmtplib.send",),
                    effort=3,
                    routes=("POST /orders",),
                ),
            ),
        ),
        Wave(
            2,
            8,
            (
                Unit(
                    symbols=("shop.db.fetch",),
                    unblocks=("GET /users/<id>", "GET /users", "POST /orders"),
                    actions=("make it async def, await connect",),
                    effort=3,
                    routes=("GET /users", "GET /users/<id>", "POST /orders"),
                ),
                Unit(
                    symbols=("shop.views.state",),
                    unblocks=("GET /state",),
                    actions=("threading.local -> contextvars.ContextVar",),
                    effort=5,
                    routes=("GET /state",),
                ),
            ),
        ),
    ),
    packages_first=(
        PackageSwap("psycopg2", "psycopg", 2, ("GET /users", "GET /users/<id>", "POST /orders"), 1),
    ),
    critical_path=("shop.db.connect", "shop.db.fetch"),
)

DEPENDENCIES = (
    Dependency("flask", "3.1.0", DependencyStatus.WSGI_ONLY, "Quart", "pinned", "requirements.txt", 1),
    Dependency("psycopg2", "2.9.9", DependencyStatus.BLOCKING, "psycopg", "imported by shop/db.py"),
    Dependency("requests", "", DependencyStatus.UNKNOWN, "", "requirements.txt"),
)


def summarise(routes: Iterable[RouteReport], findings: int) -> Summary:
    routes = tuple(routes)
    verdicts = {verdict: sum(each.verdict is verdict for each in routes) for verdict in Verdict}
    return Summary(len(routes), verdicts, findings, sum(each.effort for each in routes), 0.962)


def sample_report() -> Report:
    """Return a shop's report: seven routes, one finding of each kind, two waves."""
    return Report(
        project=ProjectFacts("shop", 5, 96, ("flask",), (PythonError("shop/old.py", 3, "cannot be parsed"),)),
        summary=summarise(ROUTES, len(FINDINGS)),
        routes=ROUTES,
        findings=FINDINGS,
        middleware=(MiddlewareReport("shop.views.ProxyFix", "shop/views.py", 5, None, ()),),
        dependencies=DEPENDENCIES,
        plan=PLAN,
        unread=("the path of add_url_rule at shop/views.py:50",),
    )


def empty_report() -> Report:
    """Return the report of a project without a route."""
    return Report(ProjectFacts(".", 0, 0, (), ()), summarise((), 0), (), (), (), (), Plan())


def hostile_report() -> Report:
    """Return a report whose every text tries to break out of its format."""
    place = Step(EVIL, f"shop/{EVIL}.py", 3)
    bad = finding(
        "F1", "WB210", Category.DATABASE, EVIL, place,
        message=EVIL, fingerprint=EVIL, routes=(f"GET /{EVIL}",), chain=(place, place),
        replacement=Replacement(EVIL, EVIL, EVIL, f"javascript:{EVIL}"),
    )  # fmt: skip
    hit = route(
        "GET", f"/{EVIL}", Verdict.REWRITE, EVIL, 3,
        file=place.file, reasons=(EVIL,), findings=("F1",), effort=1,
    )  # fmt: skip
    unit = Unit((EVIL,), (hit.id,), (EVIL,), 1, (hit.id,))
    return Report(
        project=ProjectFacts(EVIL, 1, 1, (EVIL,), (PythonError(EVIL, 1, EVIL),)),
        summary=summarise((hit,), 1),
        routes=(hit,),
        findings=(bad,),
        middleware=(MiddlewareReport(EVIL, EVIL, 1, False, ("F1",)),),
        dependencies=(Dependency(EVIL, EVIL, DependencyStatus.BLOCKING, EVIL, EVIL),),
        plan=Plan((Wave(1, 1, (unit,)),), (PackageSwap(EVIL, EVIL, 1, (hit.id,), 1),), (EVIL,), (unit,)),
        crashed=(EVIL,),
        unread=(EVIL,),
    )


def large_report(routes: int = 500) -> Report:
    """Return the shop many times over: every route seven times seventy, with shared functions."""
    many, findings = [], []
    for number in range(routes):
        base = ROUTES[number % len(ROUTES)]
        path = f"/area{number // 25}{base.path}/{number}"
        ids = tuple(f"F{number}.{index}" for index, _ in enumerate(base.findings))
        many.append(
            dataclasses.replace(
                base,
                id=f"{base.methods[0]} {path}",
                path=path,
                findings=ids,
                handler=f"shop.area{number // 25}.{base.handler.rpartition('.')[2]}_{number}",
            )
        )
        for new, old in zip(ids, base.findings, strict=True):
            known = next(each for each in FINDINGS if each.id == old)
            findings.append(
                dataclasses.replace(
                    known,
                    id=new,
                    routes=(many[-1].id,),
                    chain=(Step(many[-1].handler, "shop/views.py", 10), *known.chain[1:]),
                    fingerprint=f"{known.fingerprint}:{number}",
                )
            )
    return dataclasses.replace(
        sample_report(),
        summary=summarise(many, len(findings)),
        routes=tuple(many),
        findings=tuple(findings),
        plan=_large_plan(tuple(many)),
    )


def _large_plan(routes: tuple[RouteReport, ...]) -> Plan:
    ids = [each.id for each in routes if each.verdict is not Verdict.READY]
    waves = []
    for order in range(1, 6):
        units = tuple(
            Unit(
                symbols=(f"shop.layer{order}.function_{number}",),
                unblocks=tuple(ids[(order * 12 + number) :: 60]),
                actions=("make it async def",),
                effort=3,
                routes=tuple(ids[number::12]),
            )
            for number in range(12)
        )
        waves.append(Wave(order, 36, units))
    path = ("shop.layer1.function_0", "shop.layer2.function_0")
    return Plan(tuple(waves), PLAN.packages_first, path, shared=waves[0].units)
