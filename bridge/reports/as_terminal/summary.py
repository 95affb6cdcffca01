"""What a tech lead pastes into a ticket: the verdicts, what to change first, the packages, the plan."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from bridge.analysis.model import Plan, Report, Summary, Unit, Verdict
from bridge.reports.as_terminal.style import VERDICT_STYLE, Glyphs, heading, plain, table
from bridge.reports.context import RenderContext
from bridge.reports.highlights import lever, misses, routes_counted, served_today, shared_units
from bridge.reports.progress import change_text, changes, milestones
from bridge.reports.sources import printable
from bridge.reports.tool import NAME, VERSION
from bridge.reports.wording import SEVERITY_ORDER, VERDICT_MEANING, counted, percentages, points, routes_hint

__all__ = ["findings_total", "notes", "summary", "verdict_bar"]

MOST_FUNCTIONS = 10
MOST_CHANGES = 20  # routes
MOST_MISSES = 20
LONGEST_CHAIN = 6  # functions
WIDEST_BAR = 100  # columns
PLACE = re.compile(r"^\S+:\d+: ")  # of an action: "shop/db.py:7: psycopg2.connect -> ..."


def summary(report: Report, context: RenderContext, glyphs: Glyphs) -> Iterator[RenderableType]:
    """Yield everything that stands above the table of routes."""
    yield from _head(report, context)
    yield from _verdicts(report.summary, context, glyphs)
    yield from (Text(each) for each in [served_today(report)] if each)
    yield from _progress(report, context, glyphs)
    yield from _functions(report.plan, glyphs)
    yield from _packages(report.plan, glyphs)
    yield from _waves(report, glyphs)


def _head(report: Report, context: RenderContext) -> Iterator[RenderableType]:
    project, numbers = report.project, report.summary
    yield Text.assemble(
        (f"Migration report of {printable(context.title(report))}", "bold"), (f"   {NAME} {VERSION}", "dim")
    )
    facts = [
        ", ".join(map(printable, project.frameworks)) or "no framework",
        counted(project.files, "file"),
        counted(project.lines, "line"),
        f"{numbers.resolved_calls:.1%} of calls resolved",
    ]
    yield Text(", ".join(facts))
    yield Text()
    yield Text.assemble(
        (routes_counted(report), "bold"),
        f", {counted(numbers.findings, 'finding')}, {points(numbers.effort)} of effort",
    )


def _verdicts(numbers: Summary, context: RenderContext, glyphs: Glyphs) -> Iterator[RenderableType]:
    if not numbers.routes:
        return
    yield verdict_bar(numbers, min(context.width, WIDEST_BAR), glyphs)
    rows = table(header=False)
    rows.add_column(no_wrap=True)
    rows.add_column(no_wrap=True)
    rows.add_column(justify="right", no_wrap=True)
    rows.add_column(justify="right", no_wrap=True)
    rows.add_column()
    counts = [numbers.verdicts.get(verdict, 0) for verdict in Verdict]
    for verdict, number, share in zip(Verdict, counts, percentages(counts), strict=True):
        style = VERDICT_STYLE[verdict] if number else "dim"
        rows.add_row(
            Text(glyphs.verdict(verdict), style=style),
            Text(verdict.value, style=style),
            Text(str(number)),
            Text(f"{share}%"),
            Text(VERDICT_MEANING[verdict], style="" if number else "dim"),
        )
    yield rows


def verdict_bar(numbers: Summary, width: int, glyphs: Glyphs) -> Text:
    """Return one line of `width` columns with a stretch for each verdict, at least one column where it occurs."""
    counts = {verdict: numbers.verdicts.get(verdict, 0) for verdict in Verdict}
    total = sum(counts.values()) or 1
    cells = {verdict: max(1, number * width // total) if number else 0 for verdict, number in counts.items()}
    largest = max(cells, key=lambda verdict: counts[verdict])
    cells[largest] += width - sum(cells.values())
    return Text.assemble(
        *((glyphs.verdict(verdict) * length, VERDICT_STYLE[verdict]) for verdict, length in cells.items())
    )


def _progress(report: Report, context: RenderContext, glyphs: Glyphs) -> Iterator[RenderableType]:
    if not context.history:
        return
    yield heading("Progress")
    rows = table()
    rows.add_column("report", overflow="fold")
    for name in ("routes", "ready", "findings", "points"):
        rows.add_column(name, justify="right", no_wrap=True)
    for each in milestones(report, context.history):
        numbers = (each.summary.routes, each.ready, each.summary.findings, each.summary.effort)
        rows.add_row(plain(each.label), *map(str, numbers))
    yield rows
    moved = changes(context.history[-1].report, report)
    for change in moved[:MOST_CHANGES]:
        yield plain(f"{change.route}: {change_text(change, glyphs.arrow)}")
    if len(moved) > MOST_CHANGES:
        yield Text(f"and {len(moved) - MOST_CHANGES} more routes with another verdict", style="dim")


# ---------------------------------------------------------------- what to change first


def _functions(plan: Plan, glyphs: Glyphs) -> Iterator[RenderableType]:
    found = lever(plan)
    if found:
        some = "this function" if found.functions == 1 else f"these {counted(found.functions, 'function')}"
        free = "route is" if len(found.routes) == 1 else "routes are"
        yield heading(f"Change {some} and {len(found.routes)} {free} free")
        yield from _units(found.units, glyphs)
    elif shared := shared_units(plan):
        yield heading("Functions that most routes share")
        yield from _units(tuple(shared), glyphs)


def _units(units: tuple[Unit, ...], glyphs: Glyphs) -> Iterator[RenderableType]:
    rows = table()
    rows.add_column("points", justify="right", no_wrap=True)
    rows.add_column("routes", justify="right", no_wrap=True)
    rows.add_column("function, and what to do in it", overflow="fold")
    for unit in units[:MOST_FUNCTIONS]:
        what = Text.assemble(_symbols(unit), "\n", (printable(_actions(unit, glyphs)), "dim"))
        rows.add_row(str(unit.effort), str(len(unit.routes)), what)
    yield rows
    if len(units) > MOST_FUNCTIONS:
        yield Text(f"and {len(units) - MOST_FUNCTIONS} more", style="dim")


def _actions(unit: Unit, glyphs: Glyphs) -> str:
    """Return the first actions, each once, without the places: the function is named beside them."""
    texts = (PLACE.sub("", each).replace(" -> ", f" {glyphs.arrow} ") for each in unit.actions)
    actions = list(dict.fromkeys(texts))
    return "; ".join(actions[:2]) + ("; ..." if len(actions) > 2 else "")


def _symbols(unit: Unit) -> Text:
    more = f" (a cycle of {len(unit.symbols)})" if len(unit.symbols) > 1 else ""
    return plain(f"{unit.symbols[0] if unit.symbols else '?'}{more}")


def _packages(plan: Plan, glyphs: Glyphs) -> Iterator[RenderableType]:
    if not plan.packages_first:
        return
    yield heading("Packages to swap first")
    rows = table()
    rows.add_column("package", overflow="fold", ratio=5)
    rows.add_column("points", justify="right", no_wrap=True)
    rows.add_column("routes", justify="right", no_wrap=True)
    rows.add_column("findings", justify="right", no_wrap=True)
    for swap in plan.packages_first:
        pair = plain(f"{swap.name} {glyphs.arrow} {swap.replacement}" if swap.replacement else swap.name)
        rows.add_row(pair, str(swap.effort), str(len(swap.routes)), str(swap.findings))
    yield rows


def _waves(report: Report, glyphs: Glyphs) -> Iterator[RenderableType]:
    plan = report.plan
    if not plan.waves:
        return
    yield heading("Plan by wave")
    rows = table()
    for name in ("wave", "functions", "points", "routes free by then"):
        rows.add_column(name, justify="right", no_wrap=True)
    # Of some of these a wave says that it frees them, too.
    free = {route.id for route in report.routes if route.verdict is Verdict.READY}
    for wave in plan.waves:
        free.update(route for unit in wave.units for route in unit.unblocks)
        functions = sum(len(unit.symbols) for unit in wave.units)
        by_then = f"{len(free)} of {report.summary.routes}"
        rows.add_row(str(wave.order), str(functions), str(wave.effort), by_then)
    yield rows
    if len(plan.critical_path) > 1:
        yield plain(f"Longest chain: {_chain(plan.critical_path, glyphs)}")


def _chain(symbols: tuple[str, ...], glyphs: Glyphs) -> str:
    """Return the functions with arrows between them, of many the ends."""
    arrow = f" {glyphs.arrow} "
    if len(symbols) <= LONGEST_CHAIN:
        return arrow.join(symbols)
    left = len(symbols) - LONGEST_CHAIN
    ends = (*symbols[: LONGEST_CHAIN - 1], f"({left} more)", symbols[-1])
    return arrow.join(ends)


# ---------------------------------------------------------------- the end


def findings_total(report: Report) -> Iterator[RenderableType]:
    """Yield "6 findings: 4 errors, 2 warnings"."""
    counts = Counter(each.severity for each in report.findings)
    parts = [
        counted(counts[severity], "note" if severity.value == "info" else severity.value)
        for severity in SEVERITY_ORDER
        if counts[severity]
    ]
    total = counted(len(report.findings), "finding") if report.findings else "No findings"
    yield Text(f"{total}{': ' if parts else '.'}{', '.join(parts)}", style="bold")


def notes(report: Report, context: RenderContext, *, full: bool) -> Iterator[RenderableType]:
    """Yield what the report cannot vouch for: misses, crashes, files and code that could not be read."""
    yield from _misses(context, most=None if full else MOST_MISSES)
    for text in report.crashed:
        yield Text.assemble(("A part of the analysis failed: ", "bold red"), printable(text))
    errors = [
        f"{context.path(each.file)}{f':{each.line}' if each.line else ''}: {each.message}"
        for each in report.project.python_errors
    ]
    yield from _listed("file could not be read", "files could not be read", errors, full=full)
    yield from _listed(
        "thing could not be followed", "things could not be followed", report.unread, full=full
    )


def _misses(context: RenderContext, *, most: int | None) -> Iterator[RenderableType]:
    found = misses(context.missed)
    if not found:
        return
    yield heading("Witnessed by the trace, not found by the analysis")
    rows = table()
    rows.add_column("times", justify="right", no_wrap=True)
    rows.add_column("seconds", justify="right", no_wrap=True)
    rows.add_column("call, and where", overflow="fold")
    for each in found[:most]:
        place = f"{context.path(each.file)}:{each.line}, " if each.file else ""
        where = printable(f"{place}on {routes_hint(each.routes)}")
        call = Text.assemble(printable(each.sink), "\n", (where, "dim"))
        rows.add_row(f"{each.count:,}", f"{each.seconds:,.3f}", call)
    yield rows
    if most is not None and len(found) > most:
        yield Text(f"and {len(found) - most} more", style="dim")


def _listed(
    one: str, many: str, texts: list[str] | tuple[str, ...], *, full: bool
) -> Iterator[RenderableType]:
    if not texts:
        return
    shown = texts if full else texts[:3]
    more = f" (first {len(shown)})" if len(shown) < len(texts) else ""
    yield Text(f"\n{counted(len(texts), one, many)}{more}:", style="bold")
    yield from (Padding(plain(text), (0, 0, 0, 2)) for text in shown)
