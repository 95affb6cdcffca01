"""`wsgi-bridge graph PATH`: the call graph alone, for people and for other tools."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import click

from bridge.analysis.cache import FOLDER, FactsCache
from bridge.analysis.callgraph import CallGraph, build_call_graph
from bridge.analysis.project import Diagnostic, Project, read_project
from bridge.cli.errors import CommandError
from bridge.cli.output_file import write_file
from bridge.cli.sections import SectionedCommand, option

__all__ = ["graph"]

INPUT, OUTPUT = "What is read", "What is printed"
FORMATS = ("text", "json", "edges")


class NothingToRead(CommandError):
    """A path has no Python file that could be read."""

    def __init__(self, path: Path, diagnostics: tuple[Diagnostic, ...]) -> None:
        super().__init__(
            f"no Python file could be read in {path}.",
            facts=[(each.file, each.message) for each in diagnostics[:10]],
            advice=["Name the folder that the imports start from:", "  wsgi-bridge graph src"],
        )


class NoSuchPath(CommandError):
    """A path does not exist."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"there is no file or folder {path}.",
            facts=[("folder", str(Path.cwd()))],
            advice=["Name the folder that the imports start from:", "  wsgi-bridge graph src"],
        )


@click.command(
    cls=SectionedCommand,
    short_help="Print what calls what, without running any of it.",
    examples=(
        "wsgi-bridge graph src --application-only",
        "wsgi-bridge graph src --output-format json --output-file graph.json",
    ),
)
@click.argument("path", metavar="[PATH]", default=".", type=click.Path(path_type=Path))
@option(INPUT, "--workers", metavar="N", type=click.IntRange(1), default=2, help="Processes that read files.")
@option(INPUT, "--cache/--no-cache", default=True, help=f"Remember what files say in {FOLDER}/.")
@option(
    OUTPUT,
    "--output-format",
    metavar="NAME",
    type=click.Choice(FORMATS),
    default="text",
    help="text; json: caller to callees; edges: a line of JSON each, with file and lines.",
)
@option(OUTPUT, "--application-only", is_flag=True, help="Leave out what is called outside the project.")
@option(OUTPUT, "--output-file", metavar="FILE", type=click.Path(path_type=Path), help="Write there instead.")
def graph(  # noqa: PLR0917 - click passes options by name
    path: Path,
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
    project = _read(path, cache=cache, workers=workers)
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
        project = read_project(path, cache=_cache(path) if cache else None, workers=workers)
    except FileNotFoundError:
        raise NoSuchPath(path) from None
    if not project.modules:
        raise NothingToRead(path, project.diagnostics)
    return project


def _cache(path: Path) -> FactsCache:
    return FactsCache((path if path.is_dir() else path.parent).resolve() / FOLDER)


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
