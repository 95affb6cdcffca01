"""The report as one HTML file: no network, no other file, readable without JavaScript.

Everything that comes from the project is escaped (Jinja's autoescape), and printed without control characters. The
page forbids itself everything but its own two inline blocks: a Content-Security-Policy names their hashes.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from bridge.analysis.model import DependencyStatus, Finding, Report, RouteReport, Summary, Unit, Verdict
from bridge.errors import BridgeError
from bridge.reports.context import RenderContext
from bridge.reports.highlights import (
    briefly,
    findings_of,
    lever,
    misses,
    routes_by_work,
    served_today,
    shared_units,
)
from bridge.reports.matching import matching_routes, with_routes
from bridge.reports.picture import picture_of
from bridge.reports.progress import changes, milestones
from bridge.reports.sources import printable
from bridge.reports.tool import NAME, VERSION
from bridge.reports.wording import (
    EFFORT_MEANING,
    VERDICT_MEANING,
    actions_together,
    advice,
    counted,
    finding_facts,
    points,
    routes_hint,
)

if TYPE_CHECKING:
    import jinja2

__all__ = ["MissingTemplateEngine", "render"]

MOST_ROUTES = 100  # named behind a shared function; a middleware has thousands. Arbitrary
MOST_PRINTED = 40  # cards that a printer prints unasked: four hundred of them were 900 pages. Arbitrary
FEW = 3  # findings that are listed in every card that has them; arbitrary
SEAM = re.compile(r"(?<=\w)[./_](?=\w)")  # of a dotted name, a path, a name of several words


class MissingTemplateEngine(BridgeError):
    """Jinja2, which the HTML report is written with, is not installed."""

    package = "Jinja2"
    extra = "html"

    def __init__(self) -> None:
        super().__init__("the HTML report needs Jinja2: pip install 'wsgi-bridge[html]'")


def render(report: Report, context: RenderContext) -> str:
    """Return the page; of `context.route` alone where it names one. Raises MissingTemplateEngine."""
    shown = report
    if context.route is not None:
        shown = with_routes(report, matching_routes(report, context.route))
    style, script = _asset("report.css"), _asset("report.js")
    return (
        _environment()
        .get_template("report.html")
        .render(
            report=report,
            context=context,
            name=NAME,
            version=VERSION,
            style=style,
            script=script,
            policy=_policy(style, script),
            cards=list(_cards(shown, context)),
            shown_verdicts={each.verdict for each in shown.routes},
            stray=_stray(shown),
            lever=lever(report.plan),
            whole=context.route is None,
            served=served_today(report),
            shared=_shared(report, context),
            milestones=milestones(report, context.history),
            of_libraries=sum(1 for each in report.routes if each.library),
            changes=changes(context.history[-1].report, report) if context.history else [],
            misses=misses(context.missed),
            picture=picture_of(shown),
        )
    )


@dataclass(frozen=True, slots=True)
class Card:
    """A route on the page. `brief` says what blocks by kind. `here` are the findings that are shown in it in full, `elsewhere` those in another card.

    `like` is the card before it that has the very same findings and lists them, None if there is none, or they are few.
    """

    anchor: str
    route: RouteReport
    brief: str
    here: tuple[Finding, ...]
    elsewhere: tuple[Finding, ...]
    like: Card | None


def _cards(report: Report, context: RenderContext) -> Iterator[Card]:
    """Yield the routes, those with the most work first. A finding is shown in the first card only: else the page
    of five hundred routes that share one chain would hold it five hundred times. A list of findings is in the first
    card only, too: thousands of routes behind the same middleware would make a page of 50 MB.
    """
    shown: set[str] = set()
    alike: dict[tuple[str, ...], Card] = {}
    for number, route in enumerate(routes_by_work(report, context.witnessed), start=1):
        findings = findings_of(report, route)
        here = tuple(each for each in findings if each.id not in shown)
        elsewhere = tuple(each for each in findings if each.id in shown)
        shown.update(each.id for each in here)
        key = tuple(each.id for each in findings)
        like = alike.get(key) if len(key) > FEW else None
        brief = briefly(report, route, context)
        card = Card(f"route-{number}", route, brief, here, elsewhere, like)
        alike.setdefault(key, card)
        yield card


def _shared(report: Report, context: RenderContext) -> tuple[Unit, ...]:
    """Return the functions that routes share; those of one route are in the chains of its card."""
    return () if context.route is not None else report.plan.shared or tuple(shared_units(report.plan))


def _stray(report: Report) -> list[Finding]:
    reached = {id_ for route in report.routes for id_ in route.findings}
    return [each for each in report.findings if each.id not in reached]


# ---------------------------------------------------------------- the template


@cache
def _environment() -> jinja2.Environment:
    try:
        import jinja2
    except ImportError:
        raise MissingTemplateEngine from None
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("bridge.reports"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=_shown,
    )
    environment.filters.update(
        actions=_actions,
        advice=advice,
        breakable=_breakable,
        counted=counted,
        facts=finding_facts,
        hint=routes_hint,
        points=points,
        stretches=_stretches,
        web=_web,
    )
    environment.globals.update(
        verdicts=list(Verdict),
        verdict_meaning=VERDICT_MEANING,
        effort_meaning=EFFORT_MEANING,
        most_routes=MOST_ROUTES,
        most_printed=MOST_PRINTED,
        wanting=(DependencyStatus.BLOCKING, DependencyStatus.WSGI_ONLY),
    )
    return environment


def _shown(value: Any) -> Any:
    """Return what stands in the page for a value: text without control characters. Markup of our own stays."""
    if isinstance(value, str) and not hasattr(value, "__html__"):
        return printable(value)
    return "" if value is None else value


def _actions(unit: Unit) -> Any:
    """Return what to do in a unit, as markup."""
    return _breakable("; ".join(actions_together(unit.actions)).replace(" -> ", " → "))


def _breakable(text: str) -> Any:
    """Return `text` as markup that a narrow page breaks behind the seams of a name, not within a word."""
    import markupsafe

    escaped = str(markupsafe.escape(printable(text)))
    return markupsafe.Markup(SEAM.sub(r"\g<0><wbr>", escaped))  # noqa: S704 - what is the project's is escaped


def _web(url: str) -> str:
    """Return `url` if it leads to the web, else "": a knowledge base may be the project's own."""
    return url if url.startswith(("https://", "http://")) else ""


def _stretches(summary: Summary) -> list[tuple[Verdict, float, float]]:
    """Return for each verdict that occurs where it begins in a bar of 100 and how wide it is."""
    total = sum(summary.verdicts.values())
    found, start = [], 0.0
    for verdict in Verdict:
        width = 100 * summary.verdicts.get(verdict, 0) / total if total else 0
        if width:
            found.append((verdict, round(start, 2), round(width, 2)))
        start += width
    return found


# ---------------------------------------------------------------- what the page may load: itself


@cache
def _asset(name: str) -> str:
    return (resources.files("bridge.reports") / "templates" / name).read_text("utf-8")


def _policy(style: str, script: str) -> str:
    return "; ".join(
        [
            "default-src 'none'",
            f"style-src {_hash(style)}",
            f"script-src {_hash(script)}",
            "img-src data:",  # the empty icon, so that no browser asks a server for one
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
