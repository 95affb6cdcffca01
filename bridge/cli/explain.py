"""`wsgi-bridge explain`: what a rule means, or why a function reaches a blocking call."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from bridge.analysis.analyse import Analysis
from bridge.analysis.explaining import Why, known_names, why
from bridge.analysis.model import Context, Replacement, Step, Witness
from bridge.analysis.rules.documentation import documentation_of
from bridge.analysis.spoken import spoken
from bridge.cli.analysing import (
    INPUT,
    OUTPUT,
    analysis_or_error,
    configuration_or_error,
    input_options,
    root_of,
)
from bridge.cli.errors import CommandError
from bridge.cli.printing import echo_wrapped
from bridge.cli.rule_codes import rule_or_error
from bridge.cli.sections import SectionedCommand, option
from bridge.reports.sources import SourceReader, printable

__all__ = ["explain"]

CODE = re.compile(r"[A-Za-z]{2}\d*")
CODE_LINE = re.compile(r"  [ >] +\d+ \||      ")  # of an excerpt, of an example: it stays as it is
MOST = 10  # chains that are shown
OWN_ROLES = {"handler", "function"}  # not worth a word
ROLES = {
    "listed": "the rows that its page lists"
}  # as said in a sentence, where the name of the role is none


class NoSuchName(CommandError):
    """No route and no function has this name."""

    def __init__(self, target: str, near: list[str]) -> None:
        advice = ["Did you mean", *(f"  wsgi-bridge explain '{each}'" for each in near)]
        forms = [
            "Name a rule, a function or a route:",
            "  wsgi-bridge explain WB201",
            "  wsgi-bridge explain shop.views.order --sink requests.get",
            "  wsgi-bridge explain 'GET /orders/<int:number>'",
        ]
        super().__init__(f"there is no function and no route {target!r}.", advice=advice if near else forms)
        self.target = target


@click.command(
    cls=SectionedCommand,
    short_help="Say what a rule means, or why a function reaches a blocking call.",
    examples=(
        "wsgi-bridge explain WB201",
        "wsgi-bridge explain 'GET /users/<id>' src",
        "wsgi-bridge explain shop.views.order --sink psycopg2",
    ),
)
@click.argument("target", metavar="TARGET")
@click.argument("folder", metavar="[PATH]", required=False, type=click.Path(path_type=Path))
@option(
    INPUT,
    "--path",
    metavar="PATH",
    type=click.Path(path_type=Path),
    help="As PATH.",
)
@option(OUTPUT, "--sink", metavar="NAME", help="Only chains to this call: psycopg2.connect, or psycopg2.")
@input_options
def explain(
    target: str, *, folder: Path | None, path: Path | None, sink: str | None, workers: int, cache: bool
) -> None:
    """Explain TARGET: a rule (WB201), a function (shop.views.order) or a route ('GET /orders/<int:number>').

    For a rule, its text. For a function or route, the chain of calls to each blocking call that it reaches, with
    the code. PATH is the folder that imports start from (default: here).
    """
    path = folder if path is None else path
    if CODE.fullmatch(target):
        _print(documentation_of(rule_or_error(target)).text.splitlines())
        return
    configuration = configuration_or_error(path or Path())
    root = root_of(path, configuration)
    analysis = analysis_or_error("explain", root, configuration, workers=workers, cache=cache)
    found = why(analysis, target, sink)
    if found is None:
        raise NoSuchName(target, difflib.get_close_matches(target, known_names(analysis), n=3))
    sources = SourceReader(root if root.is_dir() else root.parent)
    _print(map(printable, _lines(analysis, found, sink, sources)))


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        echo = click.echo if CODE_LINE.match(line) else echo_wrapped
        echo(line)


def _lines(analysis: Analysis, found: Why, sink: str | None, sources: SourceReader) -> Iterator[str]:
    if not found.witnesses:
        yield f"{found.target} reaches {sink or 'nothing that blocks'}{' in no way that is known' if sink else ''}."
        return
    for witness in found.witnesses[:MOST]:
        yield from _chain(analysis, found.target, witness, sources)
        yield ""
    left = len(found.witnesses) - MOST
    if left > 0:
        yield f"and {left} more; name one with --sink"


def _chain(analysis: Analysis, target: str, witness: Witness, sources: SourceReader) -> Iterator[str]:
    elsewhere = ", in a thread that the application starts" if witness.context is Context.OFFLOADED else ""
    loop = ", once for each round of a loop" if witness.in_loop else ""
    by = "" if witness.role in OWN_ROLES else f", by {ROLES.get(witness.role) or f'its {witness.role}'}"
    yield f"{target} reaches {spoken(witness.sink)}{by}{loop}{elsewhere}"
    for step in witness.chain:
        yield ""
        yield from _step(step, sources)
    call = analysis.knowledge.call(witness.sink)
    if call is not None and call.replacement is not None:
        yield ""
        yield f"  instead: {_instead(call.replacement)}"


def _step(step: Step, sources: SourceReader) -> Iterator[str]:
    yield f"  {step.symbol}  {step.file}:{step.line}"
    for line in sources.excerpt(step.file, step.line, before=1, after=1):
        yield f"  {'>' if line.marked else ' '} {line.number:>5} | {line.text}".rstrip()


def _instead(replacement: Replacement) -> str:
    named = " of ".join(part for part in (replacement.call, replacement.package) if part)
    return f"{named}; {replacement.note}" if replacement.note else named
