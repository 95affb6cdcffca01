"""What becomes of a route, and which executor suits it today.

The first line that holds gives the verdict:

    something is kept in its thread, or a wait has no way out             redesign
    nothing blocks, and nothing of the request is in a thread-local       ready (offload where its view is a
                                                                          library's, which is not read)
    nothing blocks                                                        rewrite
    it only computes                                                      keep-sync
    it is async already                                                   rewrite
    each call has an async replacement that is a documented change,
        and not all of these wait in threads of their own                 rewrite
    every wait is cooperative                                             greenlet
    else                                                                  offload

A wait has no way out if nothing replaces it, it waits inside C, and it is not short (a file). `rewrite` stands
before `greenlet` because a replaced call is done for good; a change that costs more than a documented one (an ORM, say)
does not pay as long as a lane waits as cheaply. Neither does one to an interface that is asynchronous by name and
hands each call to a thread (Django's a-methods, aiofiles, aiosqlite): the thread lane does that without a change.

A value of the request in a `threading.local` is no redesign: a context variable takes its place, as documented, and the
greenlet lane has one for each request. What is kept there from request to request has no such way out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bridge.analysis.model import (
    Category,
    Confidence,
    Finding,
    Replacement,
    Route,
    RouteReport,
    Severity,
    Verdict,
)
from bridge.analysis.reasons import accepted_reason, reasons_for
from bridge.analysis.rules import Rule, rules
from bridge.analysis.spoken import spoken

__all__ = ["ANSWERING", "HARMLESS", "judged", "lane_of", "route_effort", "verdict_of"]

DOCUMENTED_CHANGE = 3  # points
UNDERSTOOD, WELL_UNDERSTOOD = 2 / 3, 0.85  # shares of resolved calls; arbitrary, as every such line

# Their calls are coroutines and each waits in a thread (Django: until its drivers are asynchronous).
THREADS_BY_ANOTHER_NAME = frozenset({"aiofiles", "aiosqlite", "anyio", "asgiref", "django"})
HAND_OVERS = ("to_thread", "sync_to_async", "run_in_executor", "run_in_threadpool")

COMPUTING = frozenset({Category.CPU})
STATE = frozenset({Category.THREAD_LOCAL, Category.PROCESS_STATE})
SHORT = frozenset({Category.FILE, Category.CPU})  # in a thread this costs next to nothing
LONG_WAITS = frozenset({Category.NETWORK, Category.DATABASE, Category.ORM_LAZY})
STREAMING = "WB630"
PROCESS_WIDE = ("WB52",)
ON_A_LOOP = "WB7"
SERVING = frozenset({"handler", "dispatch"})  # roles of what answers a request
ANSWERING = SERVING | {"page"}  # and of what a library's view lets answer
# Views of the frameworks' own that serve a file, a page without data, or a redirection.
HARMLESS = (
    "flask.",
    "quart.",
    "bottle.",
    "pyramid.",
    "falcon.",
    "cherrypy.",
    "werkzeug.",
    "starlette.",
    "fastapi.",
    "django.views.",
)


@dataclass(frozen=True, slots=True)
class Facts:
    """What the verdict on a route looks at."""

    waits: tuple[Finding, ...]  # what blocks
    bound: tuple[Finding, ...]  # what is right on one thread only
    carried: tuple[Finding, ...]  # what a context variable would carry through the request
    is_async: bool

    @classmethod
    def of(cls, route: Route, findings: Iterable[Finding]) -> Facts:
        """Sort the findings of a route; what only informs does not count."""
        counted = [each for each in findings if each.severity is not Severity.INFO]
        known = rules()
        waits = tuple(each for each in counted if each.category is not None and each.category not in STATE)
        bound = tuple(each for each in counted if _binds(known.get(each.rule)))
        carried = tuple(
            each for each in counted if each.category is Category.THREAD_LOCAL and each not in bound
        )
        return cls(tuple(each for each in waits if each not in bound), bound, carried, route.is_async)


def _binds(rule: Rule | None) -> bool:
    return rule is not None and rule.binds


def verdict_of(facts: Facts) -> Verdict:
    """Return what the table above says."""
    if facts.bound or any(_is_stuck(each) for each in facts.waits):
        return Verdict.REDESIGN
    if not facts.waits:
        return Verdict.REWRITE if facts.carried else Verdict.READY
    if all(each.category in COMPUTING for each in facts.waits):
        return Verdict.KEEP_SYNC
    if facts.is_async or _pays(facts.waits):
        return Verdict.REWRITE
    if all(each.cooperative for each in facts.waits):
        return Verdict.GREENLET
    return Verdict.OFFLOAD


def _is_stuck(finding: Finding) -> bool:
    return finding.replacement is None and not finding.cooperative and finding.category in LONG_WAITS


def _pays(waits: Iterable[Finding]) -> bool:
    replaced = [(each.replacement, each.effort) for each in waits]
    known = [new for new, effort in replaced if new is not None and effort <= DOCUMENTED_CHANGE]
    return len(known) == len(replaced) and not all(_is_a_thread(new) for new in known)


def _is_a_thread(replacement: Replacement) -> bool:
    name = replacement.package.lower()
    return name in THREADS_BY_ANOTHER_NAME or any(word in replacement.call for word in HAND_OVERS)


def lane_of(findings: Sequence[Finding], resolved: float, *, unread: bool = False) -> tuple[str, str]:
    """Return the executor that suits a route as it is today, and why; `unread`: its view is not known."""
    if any(each.rule == STREAMING for each in findings):
        return "stream", "streams: it would hold a place in a pool that others wait for"
    counted = [each for each in findings if each.severity is not Severity.INFO]
    waits = [each for each in counted if each.category is not None and each.category not in STATE]
    if any(each.rule.startswith(ON_A_LOOP) for each in waits):
        return "thread", "is async and blocks its event loop: no lane changes that"
    if unread:
        return "thread", "its view is not read: what it waits for is not known"
    if not waits:
        return "thread", "never waits: where it runs does not matter"
    for reason in _against_greenlets(counted, waits, resolved):
        return "thread", reason
    return "greenlet", f"waits cooperatively: {_named(each.sink for each in waits if each.cooperative)}"


def _against_greenlets(counted: list[Finding], waits: list[Finding], resolved: float) -> Iterable[str]:
    computing = [each.sink for each in waits if each.category in COMPUTING]
    if computing:
        yield f"computes: {_named(computing)}"
    inside_c = [each.sink for each in waits if not each.cooperative and each.category not in SHORT]
    if inside_c:
        yield f"waits where nothing can yield: {_named(inside_c)}"
    wide = [each.sink for each in counted if each.rule.startswith(PROCESS_WIDE)]
    if wide:
        yield f"changes the whole process: {_named(wide)}"
    files = [each.sink for each in waits if not each.cooperative and each.category in SHORT]
    if files:  # no greenlet can yield there either; and the verdict is not `greenlet`, which all must be for
        yield f"waits for files, which hold a greenlet's loop: {_named(files)}"
    if resolved < UNDERSTOOD:
        yield f"only {resolved:.0%} of its calls are understood"


def _named(sinks: Iterable[str], most: int = 3) -> str:
    names = list(dict.fromkeys(map(spoken, sinks)))
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")


def route_effort(findings: Iterable[Finding]) -> int:
    """Return the points of a route: each rule and library once, at its dearest."""
    dearest: dict[tuple[str, str], int] = {}
    for each in findings:
        key = (each.rule, each.sink.partition(".")[0])
        dearest[key] = max(dearest.get(key, 0), each.effort)
    return sum(dearest.values())


def judged(
    route: Route,
    findings: Sequence[Finding],
    resolved: float,
    *,
    accepted: Sequence[Finding] = (),
    library: str = "",
) -> RouteReport:
    """Return the route's row of the report; what is `accepted` counts as the findings do, and is not listed.

    `library` is the package that the view stands in, where it is not the project's.
    """
    counted = (*findings, *accepted)
    facts = Facts.of(route, counted)
    verdict = verdict_of(facts)
    reasons = (
        *reasons_for(verdict, counted, waits=facts.waits, bound=facts.bound, resolved=resolved),
        *accepted_reason(accepted),
    )
    unread = _is_unread(route)
    if unread and verdict is Verdict.READY:
        verdict, reasons = Verdict.OFFLOAD, (_unread_view(route), *reasons[1:])
    lane, lane_reason = lane_of(counted, resolved, unread=unread)
    return RouteReport(
        id=route.id,
        methods=route.methods,
        path=route.path,
        framework=route.framework,
        handler=route.handler,
        file=route.file,
        line=route.line,
        verdict=verdict,
        lane=lane,
        lane_reason=lane_reason,
        effort=route_effort(counted),
        confidence=Confidence.LOW if unread else _confidence(counted, resolved),
        resolved_calls=resolved,
        reasons=(
            *((f"there only if {route.condition}",) if route.condition else ()),
            *reasons,
        ),
        findings=tuple(each.id for each in findings),
        library=library,
    )


def _is_unread(route: Route) -> bool:
    """Return whether nothing of the project serves a route, and what does is not known to be harmless."""
    return not route.handler.startswith(HARMLESS) and not any(root.role in SERVING for root in route.roots)


def _unread_view(route: Route) -> str:
    return (
        f"{route.handler or 'its view'} is not read: what it waits for is not known, and a thread bears that"
    )


def _confidence(findings: Sequence[Finding], resolved: float) -> Confidence:
    if resolved < UNDERSTOOD:
        return Confidence.LOW
    unsure = any(each.confidence is not Confidence.HIGH for each in findings)
    return Confidence.MEDIUM if unsure or resolved < WELL_UNDERSTOOD else Confidence.HIGH
