"""How `migrate` shows routes, changes and differences on a terminal, and in plain text elsewhere."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bridge.incremental.counters import SideNumbers
from bridge.incremental.overview import RouteStatus
from bridge.incremental.rules import DEFAULT_ROUTE
from bridge.incremental.store.base import Change, Difference
from bridge.reports.wording import counted

__all__ = ["history_as_plain", "show_differences", "show_history", "show_statuses"]

_WIDTH = 200  # columns where there is no terminal: a file or a pipe breaks no line
_STYLES = {"legacy": "dim", "modern": "green", "shadow": "cyan", "dark": "cyan", "fallback": "yellow"}


def _console() -> Console:
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=_WIDTH)


def _table(*columns: str, right: Sequence[str] = ()) -> Table:
    table = Table(box=None, header_style="bold", padding=(0, 2, 0, 0))
    for column in columns:
        table.add_column(column, justify="right" if column in right else "left", overflow="fold")
    return table


def _print(console: Console, table: Table) -> None:
    """Print a table; where it goes to a file or a pipe no line ends in blanks."""
    if console.is_terminal:
        console.print(table)
        return
    with console.capture() as captured:
        console.print(table)
    text = "\n".join(line.rstrip() for line in captured.get().splitlines())
    console.print(Text(text), soft_wrap=True)


def show_statuses(statuses: Sequence[RouteStatus], store: str) -> None:
    """Print a line for each route."""
    console = _console()
    numbers = ("legacy", "modern", "compared", "different", "same at least")
    table = _table("route", "mode", *numbers, "verdict", right=numbers)
    for each in statuses:
        table.add_row(*_status_row(each))
    _print(console, table)
    rules = [each for each in statuses if each.route != DEFAULT_ROUTE]
    moved = sum(each.setting == "modern" for each in rules)
    console.print(
        Text(f"\n{moved} of {counted(len(rules), 'route')} moved to modern; store {store}", style="dim")
    )


def _status_row(each: RouteStatus) -> tuple[Text, ...]:
    setting = each.setting or "as in the program"
    mode = Text(setting, style=_STYLES.get(setting, "magenta"))
    if each.stored is not None and each.configured not in {None, each.stored}:
        mode.append(f" (configured: {each.configured})", style="dim")
    verdict = each.verdict
    compared = verdict.compared > 0
    cells = (
        _side(each.legacy),
        _side(each.modern),
        str(verdict.compared or "-"),
        str(verdict.different if compared else "-"),
        f"{verdict.lower:.1%}" if compared else "-",
    )
    return Text(_route(each.route)), mode, *map(Text, cells), _verdict(each)


def _side(numbers: SideNumbers) -> str:
    if not numbers.requests:
        return "-"
    p95 = "" if numbers.p95 is None else f", p95 {numbers.p95 * 1000:.0f} ms"
    errors = f", {numbers.error_rate:.1%} errors" if numbers.errors else ""
    return f"{numbers.requests}{p95}{errors}"


def _verdict(each: RouteStatus) -> Text:
    verdict = each.verdict
    if not verdict.compared:
        return Text("")
    if verdict.ready:
        return Text("ready to promote", style="bold green")
    if verdict.differing:
        fields = ", ".join(field for field, _ in verdict.differing[:3])
        return Text(f"differs: {fields}", style="red")
    return Text("too few requests", style="yellow")


def show_history(changes: Sequence[Change]) -> None:
    """Print a line for each change, the newest first."""
    table = _table("when", "route", "from", "to", "by", "reason")
    for each in changes:
        cells = (
            _when(each.at),
            _route(each.route) if each.field is None else f"{_route(each.route)}  {each.field}",
            *_change(each),
            each.by,
            each.reason,
        )
        table.add_row(*map(Text, cells))
    console = _console()
    if changes:
        _print(console, table)
    else:
        console.print("no setting has been changed yet")


def _route(name: str) -> str:
    return "default" if name == DEFAULT_ROUTE else name


def _change(each: Change) -> tuple[str, str]:
    """Return from what to what; nothing where only the counts were forgotten."""
    if each.before == each.after:
        return "", ""
    unset = "as configured" if each.field is None else "compared"
    return each.before or unset, each.after or unset


def _when(at: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(at))


def history_as_plain(changes: Sequence[Change]) -> list[dict[str, Any]]:
    """Return changes as JSON has them."""
    return [asdict(each) for each in changes]


def show_differences(differences: Sequence[Difference]) -> None:
    """Print each request, and below it the fields that differ, legacy's value above modern's."""
    console = _console()
    if not differences:
        console.print("no difference has been kept")
    for each in differences:
        console.print(Text(f"{_when(each.at)}  {each.method} {each.target}", style="bold"))
        for field in each.fields:
            console.print(Text(f"  {field.field}"))
            console.print(Text(f"    - {_value(field.legacy)}", style="red"))
            console.print(Text(f"    + {_value(field.modern)}", style="green"))


def _value(value: str | None) -> str:
    return "(not there)" if value is None else value.replace("\n", "\\n")
