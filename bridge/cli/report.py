"""`wsgi-bridge report PATH`: what blocks, on which route, through which chain, and what to do about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click

from bridge.analysis.model import Confidence, Report
from bridge.cli.analysing import (
    INPUT,
    OUTPUT,
    assume_option,
    assumptions_or_error,
    configuration_or_error,
    input_options,
    min_confidence_option,
    output_file_option,
    project_path,
    report_or_error,
    root_of,
)
from bridge.cli.errors import CommandError
from bridge.cli.printing import check_output_file, print_report
from bridge.cli.progress import showing_progress
from bridge.cli.sections import SectionedCommand, option
from bridge.cli.trace_file import trace_or_error
from bridge.reports import FORMATS, NotAReport, read_report
from bridge.reports.context import Earlier
from bridge.reports.matching import matching_routes, nearest_routes, with_routes
from bridge.reports.sureness import hidden_remark, with_sure_findings
from bridge.reports.witnessing import Witnessing, witnessing

__all__ = ["report"]

FAILED = 2  # exit code
SHOWN_ROUTES = 5  # of a project, where none is like what was asked for


class NoSuchRoute(CommandError):
    """No route is called so."""

    def __init__(self, asked: str, found: Report) -> None:
        near = nearest_routes(found, asked)
        names = near or [each.id for each in found.routes[:SHOWN_ROUTES]]
        super().__init__(
            f"there is no route {asked!r} among the {len(found.routes)} that were found.",
            facts=[("near it" if near else "such as", name) for name in names],
            advice=[f"  wsgi-bridge report --route '{names[0]}'"] if names else [],
        )
        self.asked = asked


class NoEarlierReport(CommandError):
    """A file of `--history` cannot be read as a report."""

    def __init__(self, file: Path, problem: str) -> None:
        super().__init__(
            f"--history {file}: {problem}.",
            advice=[
                "Earlier reports are written with:",
                f"  wsgi-bridge report --output-file {file.stem}.json",
            ],
        )
        self.file = file


@click.command(
    cls=SectionedCommand,
    short_help="Say what blocks on which route, and in what order to change it.",
    examples=(
        "wsgi-bridge report src",
        "wsgi-bridge report --route 'GET /users/<id>'",
        "wsgi-bridge report --output-file report.html",
    ),
)
@project_path
@option(
    INPUT,
    "--app",
    metavar="MODULE:NAME",
    help="A plain WSGI callable to analyse, besides the frameworks that are found by themselves.",
)
@assume_option
@option(
    INPUT,
    "--trace",
    "trace_file",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="What `wsgi-bridge trace` recorded: ranks by it, and shows what the analysis missed.",
)
@input_options
@min_confidence_option
@option(
    OUTPUT,
    "--route",
    metavar="ROUTE",
    help="Only this route: 'GET /users/<id>', /users/<id>, or its handler.",
)
@option(
    OUTPUT,
    "--history",
    metavar="FILE",
    multiple=True,
    type=click.Path(path_type=Path),
    help="An earlier JSON report, to show what has changed; repeatable, the oldest first.",
)
@option(
    OUTPUT,
    "--output-format",
    metavar="NAME",
    type=click.Choice(list(FORMATS)),
    help=f"{', '.join(FORMATS)}. rich unless the file's name says another.",
)
@output_file_option
@click.pass_context
def report(  # noqa: PLR0917 - click passes options by name
    context: click.Context,
    path: Path | None,
    app: str | None,
    assumed: tuple[str, ...],
    trace_file: Path | None,
    workers: int,
    cache: bool,
    min_confidence: str,
    route: str | None,
    history: tuple[Path, ...],
    output_format: str | None,
    output_file: Path | None,
) -> None:
    """Report what blocks on which route of the project in PATH (a folder, or one file; default: here), through
    which calls, what replaces it, and in what order to change it.

    The files are read, never imported or run. Findings are no failure (`check` fails on them): the exit code is 0, and
    2 if a part of the analysis failed.
    """
    check_output_file(output_format, output_file)
    earlier = [_earlier(file) for file in history]
    trace = trace_or_error(trace_file) if trace_file else None
    configuration = configuration_or_error(path or Path())
    if app:
        configuration = replace(configuration, app=app)
    root = root_of(path, configuration)
    assume = assumptions_or_error(assumed)
    with showing_progress() as progress:
        found = report_or_error(
            "report", root, configuration, workers=workers, cache=cache, assume=assume, progress=progress
        )
    seen = witnessing(found, trace) if trace else Witnessing(found, {}, ())
    least = Confidence(min_confidence)
    sure = with_sure_findings(seen.report, least)
    hidden = len(found.findings) - len(sure.findings)
    print_report(
        sure if route is None else _narrowed(sure, route),
        root,
        output_format=output_format,
        output_file=output_file,
        elsewhere="rich",
        route=route,
        history=_labelled(history, earlier),
        witnessed=seen.routes,
        missed=seen.missed,
        hidden=hidden,
    )
    remark = hidden_remark(hidden, least)
    if remark:
        click.echo(remark, err=True)
    for crash in found.crashed:
        click.echo(f"a part of the analysis failed, the rest went on: {crash}", err=True)
    if found.crashed:
        context.exit(FAILED)


def _earlier(file: Path) -> Report:
    try:
        return read_report(file.read_text("utf-8"))
    except FileNotFoundError:
        raise NoEarlierReport(file, "there is no such file") from None
    except (OSError, UnicodeDecodeError) as error:
        raise NoEarlierReport(file, f"it cannot be read ({error})") from None
    except NotAReport as error:
        raise NoEarlierReport(file, error.reason) from None


def _labelled(files: Sequence[Path], reports: Sequence[Report]) -> tuple[Earlier, ...]:
    """Return the reports by the names of their files; by whole paths where two files have one name."""
    short = len({file.stem for file in files}) == len(files)
    return tuple(
        Earlier(file.stem if short else str(file), each) for file, each in zip(files, reports, strict=True)
    )


def _narrowed(found: Report, asked: str) -> Report:
    routes = matching_routes(found, asked)
    if not routes:
        raise NoSuchRoute(asked, found)
    return with_routes(found, routes)
