"""`wsgi-bridge plan PATH`: what to change, in what order."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import click

from bridge.analysis.model import Report
from bridge.cli.analysing import (
    OUTPUT,
    assume_option,
    assumptions_or_error,
    configuration_or_error,
    input_options,
    output_file_option,
    project_path,
    report_or_error,
    root_of,
)
from bridge.cli.output_file import write_file
from bridge.cli.printing import echo_wrapped
from bridge.cli.sections import SectionedCommand, option
from bridge.reports.as_json import plan_as_json
from bridge.reports.as_markdown import plan_as_markdown
from bridge.reports.as_plan import plan_as_text

__all__ = ["plan"]

MOST_UNITS = 12  # of a wave on a terminal; a large project's plan is a thousand lines

Renderer = Callable[[Report], str]


def _markdown(report: Report) -> str:
    return plan_as_markdown(report.plan)


def _json(report: Report) -> str:
    return json.dumps(plan_as_json(report.plan), indent=2) + "\n"


FORMATS: Mapping[str, Renderer] = {"text": plan_as_text, "markdown": _markdown, "json": _json}


@click.command(
    cls=SectionedCommand,
    short_help="Say what to change, in what order.",
    examples=(
        "wsgi-bridge plan src",
        "wsgi-bridge plan --assume psycopg2=psycopg",
        "wsgi-bridge plan --output-format markdown --output-file PLAN.md",
    ),
)
@project_path
@assume_option
@input_options
@option(
    OUTPUT,
    "--output-format",
    metavar="NAME",
    type=click.Choice(list(FORMATS)),
    default="text",
    help="text: on a terminal the first functions of each wave; markdown: with boxes to tick; json: as in the report.",
)
@output_file_option
def plan(  # noqa: PLR0917 - click passes options by name
    path: Path | None,
    assumed: tuple[str, ...],
    workers: int,
    cache: bool,
    output_format: str,
    output_file: Path | None,
) -> None:
    """Put the functions of the project in PATH (default: here) into the order in which to change them.

    First come packages whose exchange helps most, then the few functions that most routes share, then waves: what
    blocks itself, and after it what calls it.
    """
    configuration = configuration_or_error(path or Path())
    root = root_of(path, configuration)
    report = report_or_error(
        "plan", root, configuration, workers=workers, cache=cache, assume=assumptions_or_error(assumed)
    )
    if output_file is None and output_format == "text":
        most = MOST_UNITS if sys.stdout.isatty() else None
        for line in plan_as_text(report, most=most).splitlines():
            echo_wrapped(line)
        return
    text = FORMATS[output_format](report)
    if output_file is None:
        click.echo(text, nl=False)
    else:
        write_file(output_file, text)
