"""`wsgi-bridge graph PATH`: the call graph alone, for people and for other tools."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import click

from bridge.analysis.callgraph import CallGraph, build_call_graph
from bridge.analysis.project import Project, read_project
from bridge.cli.analysing import (
    OUTPUT,
    NoSuchPath,
    NothingToRead,
    cache_of,
    input_options,
    output_file_option,
    project_path,
)
from bridge.cli.output_file import write_file
from bridge.cli.sections import SectionedCommand, option

__all__ = ["graph"]

FORMATS = ("text", "json", "edges")


@click.command(
    cls=SectionedCommand,
    short_help="Print what calls what, without running any of it.",
    examples=(
        "wsgi-bridge graph src --application-only",
        "wsgi-bridge graph src --output-format json --output-file graph.json",
    ),
)
@project_path
@input_options
@option(
    OUTPUT,
    "--output-format",
    metavar="NAME",
    type=click.Choice(FORMATS),
    default="text",
    help="text; json: caller to callees; edges: a line of JSON each, with file and lines.",
)
@option(OUTPUT, "--application-only", is_flag=True, help="Leave out what is called outside the project.")
@output_file_option
def graph(  # noqa: PLR0917 - click passes options by name
    path: Path | None,
    workers: int,
    cache: bool,
    output_format: str,
    application_only: bool,
    output_file: Path | None,
) -> None:
    """Print the call graph of the Python files in PATH (a folder, or one file; default: here).

    The files are read, never imported or run. PATH is where absolute imports start from. What could not be
    read, and how many calls lead nowhere, is said on standard error.
    """
    project = _read(path or Path(), cache=cache, workers=workers)
    found = build_call_graph(project)
    lines = _lines(found, output_format, application_only=application_only)
    if output_file is None:
        for line in lines:
            click.echo(line)
    else:
        write_file(output_file, "".join(f"{line}\n" for line in lines))
    _remark(project, found)


def _read(path: Path, *, cache: bool, workers: int) -> Project:
    try:
        project = read_project(path, cache=cache_of(path) if cache else None, workers=workers)
    except FileNotFoundError:
        raise NoSuchPath("graph", path) from None
    if not project.modules:
        raise NothingToRead("graph", path, project)
    return project


def _lines(found: CallGraph, output_format: str, *, application_only: bool) -> Iterator[str]:
    if output_format == "json":
        yield json.dumps(found.callees(application_only=application_only), indent=2)
    elif output_format == "edges":
        for edge in found.edges:
            if not (application_only and edge.is_external):
                where = {"file": edge.file, "lines": list(edge.lines)}
                yield json.dumps({"caller": edge.caller, "callee": edge.callee, **where})
    else:
        for caller, callees in found.callees(application_only=application_only).items():
            yield caller
            yield from (f"    {callee}" for callee in callees)


def _remark(project: Project, found: CallGraph) -> None:
    for each in project.diagnostics:
        place = f"{each.file}:{each.line}" if each.line else each.file
        click.echo(f"{place}: {each.message}", err=True)
    click.echo(
        f"{len(project.modules)} modules, {project.lines} lines, {len(found.edges)} edges; "
        f"{found.calls} calls, {found.resolved_share:.1%} resolved",
        err=True,
    )
    for reason, count in found.reasons().most_common():
        click.echo(f"  {count} unresolved: {reason}", err=True)
