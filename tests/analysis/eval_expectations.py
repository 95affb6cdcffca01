"""The expectations that stand inside an eval file.

    requests.get(url)  # expect: WB201 requests.get via GET /x, POST /y
    requests.get(url)  # expect: WB201 requests.get via GET /x; WB511 a module's container via GET /x
    await fetch()      # expect: WB710 requests.get              (an async function that is on no route)
    store.get("a")     # ok                                       (looks like one and is none)
    book.author.name   # expect: low WB214 app.__get__ via GET /x (said with low confidence; any other has no word)
    {% for x in xs %}  {# expect: WB610 django.db.models.QuerySet.__iter__ via GET /x #}
    # verdict: GET /x rewrite greenlet

A finding on a line that does not expect it is a mistake, with or without `# ok`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bridge.analysis.model import Confidence, Finding, Report

__all__ = ["Expected", "Verdicts", "expected_in", "found_in", "verdicts_in"]

COMMENT = re.compile(r"# expect: (?P<all>.+?)(?: #\})?$")
ONE = re.compile(r"(?P<low>low )?(?P<rule>WB\d{3}) (?P<sink>.+?)(?: via (?P<routes>.+))?$")
VERDICT = re.compile(r"^\s*# verdict: (?P<route>\S+ \S+) (?P<verdict>[a-z-]+) (?P<lane>[a-z]+)$")

Verdicts = dict[str, tuple[str, str]]


@dataclass(frozen=True, slots=True, order=True)
class Expected:
    """A finding, as far as an eval file says it."""

    file: str
    line: int
    rule: str
    sink: str
    routes: tuple[str, ...]
    is_low: bool = False


def expected_in(folder: Path, files: list[Path]) -> set[Expected]:
    """Return what the files expect; their names are told as seen from `folder`."""
    return {each for file in files for each in _in_file(file, file.relative_to(folder).as_posix())}


def _in_file(file: Path, name: str) -> Iterator[Expected]:
    for number, line in enumerate(file.read_text("utf-8").splitlines(), start=1):
        comment = COMMENT.search(line)
        for text in comment["all"].split("; ") if comment else ():
            one = ONE.fullmatch(text.strip())
            assert one is not None, f"{file}:{number}: not an expectation: {text!r}"
            routes = tuple(sorted((one["routes"] or "").split(", "))) if one["routes"] else ()
            yield Expected(name, number, one["rule"], one["sink"], routes, one["low"] is not None)


def found_in(report: Report) -> set[Expected]:
    """Return the findings of a report in the same form."""
    return {_told(each) for each in report.findings}


def _told(finding: Finding) -> Expected:
    sink = finding.sink.removeprefix("builtins.")
    is_low = finding.confidence is Confidence.LOW
    return Expected(finding.file, finding.line, finding.rule, sink, tuple(sorted(finding.routes)), is_low)


def verdicts_in(files: list[Path]) -> Verdicts:
    """Return route -> (verdict, lane) of every `# verdict:` line."""
    found = (VERDICT.match(line) for file in files for line in file.read_text("utf-8").splitlines())
    return {each["route"]: (each["verdict"], each["lane"]) for each in found if each}
