"""What a replay found: for people, for programs (JSON), and for a build's page of tests (JUnit)."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bridge.cli.output_file import CannotWrite, write_file
from bridge.incremental.compare import Outcome, field_key
from bridge.incremental.counters import bucket_of, percentile
from bridge.incremental.traffic.replay import Replay, Replayed
from bridge.reports.wording import counted

__all__ = ["as_json", "as_junit", "write_report"]

KINDS_SHOWN, EXAMPLES_SHOWN = 20, 3  # kinds of differences in text, and of each; JSON and JUnit have them all
NARROW = 100  # columns; below them the fields that are noise stand in JSON alone
_WIDTH = 160  # columns where there is no terminal
# XML 1.0 section 2.2: characters that no document may have, whatever the escape.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_report(found: Replay, left_out: Counter[str], output_format: str, file: Path | None) -> None:
    """Write what was found to standard output, or to `file`."""
    if output_format == "text":
        _write_text(found, left_out, file)
        return
    text = as_json(found, left_out) if output_format == "json" else as_junit(found)
    if file is None:
        click.echo(text)
        return
    write_file(file, f"{text}\n")


def _write_text(found: Replay, left_out: Counter[str], file: Path | None) -> None:
    if file is None:
        console = Console(highlight=False)
        _show(console if console.is_terminal else Console(highlight=False, width=_WIDTH), found, left_out)
        return
    try:
        with file.open("w", encoding="utf-8") as stream:
            _show(Console(highlight=False, width=_WIDTH, file=stream), found, left_out)
    except OSError as error:
        raise CannotWrite(file, error) from None


# ---------------------------------------------------------------- text


def _show(console: Console, found: Replay, left_out: Counter[str]) -> None:
    kinds = list(_kinds(found).values())
    for kind in kinds[:KINDS_SHOWN]:
        _show_kind(console, kind)
    if len(kinds) > KINDS_SHOWN:
        console.print(Text(f"... and {len(kinds) - KINDS_SHOWN} more kinds of differences\n", style="dim"))
    console.print(_table(found, narrow=console.width < NARROW))
    console.print()
    *before, last = _summary(found, left_out)
    for line in before:
        console.print(Text(line, style="dim"))
    console.print(Text(last, style="bold red" if found.different else "bold green"))


def _kinds(found: Replay) -> dict[tuple[str, ...], list[Replayed]]:
    """Return the differing requests by route and fields: one mistake of modern's is one kind, however often."""
    kinds: dict[tuple[str, ...], list[Replayed]] = {}
    for each in found.different:
        key = (each.route, *dict.fromkeys(field_key(field.field) for field in each.fields))
        kinds.setdefault(key, []).append(each)
    return kinds


def _show_kind(console: Console, kind: list[Replayed]) -> None:
    first, *others = kind
    console.print(Text(f"{first.request.method} {first.target}", style="bold"))
    for field in first.fields:
        console.print(Text(f"  {field.field}"))
        console.print(Text(f"    - {_value(field.legacy)}", style="red"))
        console.print(Text(f"    + {_value(field.modern)}", style="green"))
    if others:
        console.print(Text(f"  {_so_do(first, others)}", style="dim"))
    console.print()


def _so_do(first: Replayed, others: list[Replayed]) -> str:
    """Return how many requests more differ alike, with examples: targets of their own."""
    if len(others) == 1:
        (other,) = others
        return "so does the same request again" if other.target == first.target else f"so does {other.target}"
    targets = list(dict.fromkeys(each.target for each in others if each.target != first.target))
    examples = ", ".join(targets[: EXAMPLES_SHOWN - 1])
    return f"so do {len(others)} more{f': {examples}' if examples else ''}{', ...' if targets[EXAMPLES_SHOWN - 1 :] else ''}"


def _value(value: str | None) -> str:
    return "(not there)" if value is None else value.replace("\n", "\\n")


def _table(found: Replay, *, narrow: bool) -> Table:
    table = Table(box=None, header_style="bold", padding=(0, 2, 0, 0))
    table.add_column("route", overflow="fold")
    for column in ("requests", "same", "noise", "different", "legacy p95", "modern p95"):
        table.add_column(column, justify="right", min_width=max(map(len, column.split())))
    if not narrow:
        table.add_column("noise is in", overflow="fold")
    for route, verdict in found.verdicts().items():
        results = [each for each in found.results if each.route == route]
        numbers = (verdict.compared, verdict.equal, verdict.noise, verdict.different)
        times = (
            _p95([each.legacy.seconds for each in results]),
            _p95([each.modern.seconds for each in results]),
        )
        style = "red" if verdict.different else ""
        noisy = ", ".join(field for field, _ in verdict.noisy[:5])
        cells = (route, *numbers, *times, *(() if narrow else (noisy,)))
        table.add_row(*(Text(str(cell), style=style) for cell in cells))
    return table


def _p95(seconds: list[float]) -> str:
    found = percentile(Counter(map(bucket_of, seconds)), 0.95)
    return "-" if found is None else f"{found * 1000:.0f} ms"


def _summary(found: Replay, left_out: Counter[str]) -> list[str]:
    lines = [f"{number} left out {reason}" for reason, number in left_out.items()]
    replayed = counted(len(found.results), "request")
    return [*lines, f"{replayed} replayed, {len(found.different)} answered differently"]


# ---------------------------------------------------------------- JSON and JUnit


def as_json(found: Replay, left_out: Counter[str]) -> str:
    """Return everything as JSON: a summary, the routes, and every request that differs."""
    document = {
        "schema_version": 1,
        "summary": {
            "requests": len(found.results),
            "different": len(found.different),
            "left_out": dict(left_out),
        },
        "routes": [
            {
                "route": route,
                "requests": verdict.compared,
                "equal": verdict.equal,
                "noise": verdict.noise,
                "different": verdict.different,
                "same_at_least": round(verdict.lower, 6),
                "noisy_fields": dict(verdict.noisy),
                "differing_fields": dict(verdict.differing),
            }
            for route, verdict in found.verdicts().items()
        ],
        "differences": [_plain(each) for each in found.different],
    }
    return json.dumps(document, indent=2, ensure_ascii=False)


def _plain(each: Replayed) -> dict[str, Any]:
    return {
        "route": each.route,
        "method": each.request.method,
        "target": each.target,
        "status": {"legacy": each.legacy.status, "modern": each.modern.status},
        "fields": [
            {"field": field.field, "legacy": field.legacy, "modern": field.modern} for field in each.fields
        ],
    }


def as_junit(found: Replay) -> str:
    """Return a test suite for each route and a test case for each request, as CI servers read them."""
    suites = ET.Element("testsuites", name="wsgi-bridge replay")
    for route, verdict in found.verdicts().items():
        results = [each for each in found.results if each.route == route]
        suite = ET.SubElement(
            suites, "testsuite", name=_clean(route), tests=str(len(results)), failures=str(verdict.different)
        )
        for each in results:
            _case(suite, each)
    return ET.tostring(suites, encoding="unicode", xml_declaration=True)


def _case(suite: ET.Element, each: Replayed) -> None:
    name = f"{each.request.method} {each.target}"
    case = ET.SubElement(
        suite, "testcase", classname=_clean(each.route), name=_clean(name), time=f"{each.modern.seconds:.3f}"
    )
    if each.outcome is Outcome.DIFFERENT:
        fields = ", ".join(field.field for field in each.fields)
        failure = ET.SubElement(case, "failure", message=_clean(f"differs in {fields}"), type="difference")
        failure.text = _clean(
            "\n".join(f"{f.field}\n- {_value(f.legacy)}\n+ {_value(f.modern)}" for f in each.fields)
        )


def _clean(text: str) -> str:
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)
