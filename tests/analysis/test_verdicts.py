from __future__ import annotations

import re
from pathlib import Path

import pytest

from bridge.analysis.model import Category, Confidence, Finding, Replacement, Severity, Verdict
from bridge.analysis.verdicts import judged, lane_of, route_effort
from tests.analysis.making import finding, route

LOCAL = finding(
    id="F2",
    rule="WB501",
    category=Category.THREAD_LOCAL,
    sink="threading.local",
    replacement=Replacement("", "contextvars.ContextVar"),
)
KEPT = finding(
    id="F11", rule="WB505", category=Category.THREAD_LOCAL, sink="threading.local", replacement=None
)
HASH = finding(
    id="F3", rule="WB401", category=Category.CPU, sink="hashlib.scrypt", cooperative=False, replacement=None
)
ORM = finding(id="F4", rule="WB211", category=Category.DATABASE, sink="sqlalchemy.orm.Session.get", effort=5)
LDAP = finding(id="F5", rule="WB209", sink="ldap.search", cooperative=False, replacement=None, effort=13)
FILE = finding(id="F6", rule="WB301", category=Category.FILE, sink="builtins.open", cooperative=False)
AIOFILES = finding(
    id="F6",
    rule="WB301",
    category=Category.FILE,
    sink="builtins.open",
    cooperative=False,
    replacement=Replacement("aiofiles", "aiofiles.open"),
)
TO_THREAD = finding(
    id="F10",
    rule="WB304",
    category=Category.FILE,
    sink="zipfile.ZipFile",
    cooperative=False,
    replacement=Replacement("", "asyncio.to_thread"),
)
NOTE = finding(id="F7", rule="WB511", category=Category.PROCESS_STATE, severity=Severity.INFO, effort=0)
STREAM = finding(id="F8", rule="WB630", category=None, sink="flask.Response", replacement=None)
CHDIR = finding(id="F9", rule="WB522", category=Category.PROCESS_STATE, sink="os.chdir", replacement=None)


@pytest.mark.parametrize(
    ("findings", "verdict"),
    [
        pytest.param([], "ready", id="nothing"),
        pytest.param([NOTE], "ready", id="what only informs"),
        pytest.param([STREAM], "ready", id="a stream that waits for nothing"),
        pytest.param([finding()], "rewrite", id="a documented change"),
        pytest.param([finding(), FILE], "rewrite", id="two documented changes"),
        pytest.param([AIOFILES], "offload", id="replaced by threads"),
        pytest.param([TO_THREAD, AIOFILES], "offload", id="replaced by threads only"),
        pytest.param([finding(), AIOFILES], "rewrite", id="not by threads only"),
        pytest.param([ORM], "greenlet", id="cooperative, costly to replace"),
        pytest.param([finding(replacement=None)], "greenlet", id="cooperative, without a replacement"),
        pytest.param([ORM, FILE], "offload", id="not all of it cooperative"),
        pytest.param([HASH], "keep-sync", id="only computing"),
        pytest.param([LOCAL], "rewrite", id="a value of the request in a thread-local"),
        pytest.param([ORM, LOCAL], "greenlet", id="a thread-local, which is one for each greenlet"),
        pytest.param([finding(), KEPT], "redesign", id="kept in its thread"),
        pytest.param([finding(), CHDIR], "redesign", id="changes the process"),
        pytest.param([LDAP], "redesign", id="no way out"),
    ],
)
def test_the_verdict_is_the_first_line_of_the_table_that_holds(findings: list[Finding], verdict: str) -> None:
    assert judged(route(), findings, 1.0).verdict.value == verdict


def test_an_async_route_is_rewritten_not_sent_to_a_lane() -> None:
    assert judged(route(is_async=True), [ORM], 1.0).verdict.value == "rewrite"


@pytest.mark.parametrize(
    ("findings", "resolved", "lane", "reason"),
    [
        pytest.param([], 1.0, "thread", "never waits", id="nothing"),
        pytest.param([STREAM, finding()], 1.0, "stream", "streams", id="a stream"),
        pytest.param([finding()], 1.0, "greenlet", "requests.get", id="cooperative"),
        pytest.param([finding(), FILE], 1.0, "thread", "loop: open", id="cooperative, and a file"),
        pytest.param([finding(), HASH], 1.0, "thread", "computes: hashlib.scrypt", id="computing"),
        pytest.param([finding(), LDAP], 1.0, "thread", "nothing can yield: ldap.search", id="inside C"),
        pytest.param([finding(), CHDIR], 1.0, "thread", "the whole process: os.chdir", id="process-wide"),
        pytest.param(
            [FILE], 1.0, "thread", "waits for files, which hold a greenlet's loop: open", id="files"
        ),
        pytest.param([finding()], 0.5, "thread", "50% of its calls", id="not understood"),
    ],
)
def test_a_lane_has_a_reason(findings: list[Finding], resolved: float, lane: str, reason: str) -> None:
    chosen, why = lane_of(findings, resolved)
    assert chosen == lane
    assert reason in why


def test_a_route_whose_view_is_not_read_stays_in_a_thread_whatever_its_middleware_waits_for() -> None:
    report = judged(route(roots=()), [finding()], 1.0)
    assert (report.lane, report.lane_reason) == (
        "thread",
        "its view is not read: what it waits for is not known",
    )


def test_the_effort_counts_each_rule_and_library_once() -> None:
    twice = [finding(), finding(sink="requests.post"), finding(rule="WB301", sink="builtins.open", effort=3)]
    assert route_effort(twice) == 4


@pytest.mark.parametrize(
    ("sure", "resolved", "confidence"),
    [
        (Confidence.HIGH, 1.0, Confidence.HIGH),
        (Confidence.MEDIUM, 1.0, Confidence.MEDIUM),
        (Confidence.HIGH, 0.8, Confidence.MEDIUM),
        (Confidence.HIGH, 0.5, Confidence.LOW),
    ],
)
def test_confidence_falls_with_what_is_not_understood(
    sure: Confidence, resolved: float, confidence: Confidence
) -> None:
    assert judged(route(), [finding(confidence=sure)], resolved).confidence is confidence


def test_a_library_with_asynchronous_calls_of_its_own_does_not_take_its_own_place() -> None:
    new = Replacement("SQLAlchemy", "sqlalchemy.ext.asyncio.AsyncSession.get")
    orm = finding(
        rule="WB211", category=Category.DATABASE, sink="sqlalchemy.orm.Session.get", replacement=new
    )
    reasons = judged(route(), [orm], 1.0).reasons
    assert "sqlalchemy has what takes their place itself: sqlalchemy.ext.asyncio.AsyncSession.get" in reasons
    assert not any("takes its place" in each for each in reasons)


def test_the_reasons_name_what_blocks_and_what_replaces_it() -> None:
    reasons = judged(route(), [finding(in_loop=True), KEPT], 0.9).reasons
    assert reasons == (
        "what is bound to a thread, or has no replacement, must change before it can be async",
        "waits for the network: requests.get",
        f"threading.local: {KEPT.message}",
        "once for each round of a loop: requests.get",
        "requests: httpx takes its place",
        "90% of its calls are understood",
    )


def test_every_verdict_is_documented_and_the_reverse() -> None:
    text = (Path(__file__).resolve().parents[2] / "migration_guide" / "verdicts.md").read_text("utf-8")
    assert re.findall(r"^\| `([a-z-]+)` \|", text, re.MULTILINE) == [verdict.value for verdict in Verdict]


@pytest.mark.parametrize(
    "handler", ["wagtail.admin.views.home.HomeView", "django.contrib.admin.sites.AdminSite.index", ""]
)
def test_a_view_that_is_not_read_is_never_ready(handler: str) -> None:
    told = judged(route(handler=handler, roots=()), (), 1.0)
    assert (told.verdict, told.confidence) == (Verdict.OFFLOAD, Confidence.LOW)
    assert "is not read" in told.reasons[0]


def test_the_files_that_a_framework_serves_itself_are_ready() -> None:
    told = judged(route(handler="flask.Flask.send_static_file", roots=()), (), 1.0)
    assert (told.verdict, told.confidence) == (Verdict.READY, Confidence.HIGH)


def test_what_a_route_depends_on_is_its_first_reason() -> None:
    told = judged(route(condition="settings.BETA"), (), 1.0)
    assert told.reasons[0] == "there only if settings.BETA"


def test_no_route_that_is_to_be_offloaded_gets_the_greenlet_lane() -> None:
    report = judged(route(), [ORM, FILE], 1.0)
    assert (report.verdict.value, report.lane) == ("offload", "thread")
