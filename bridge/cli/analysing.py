"""What the verbs of the analysis share: their options, the run itself, and every way in which it cannot begin."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import click

from bridge.analysis.analyse import Analysis, Progress, analyse, analysed
from bridge.analysis.applications import applications, is_named
from bridge.analysis.assumptions import UnknownAssumption
from bridge.analysis.async_functions import async_symbols
from bridge.analysis.cache import FOLDER, FactsCache
from bridge.analysis.configuration import Configuration, InvalidConfiguration, read_configuration
from bridge.analysis.knowledge import InvalidRow
from bridge.analysis.model import Report
from bridge.analysis.project import Project
from bridge.cli.errors import CommandError
from bridge.cli.sections import option
from bridge.reports.sureness import LEAST, LEVELS

__all__ = [
    "INPUT",
    "OUTPUT",
    "NoSuchApplication",
    "NoSuchPath",
    "NothingFound",
    "NothingToRead",
    "analysis_or_error",
    "assume_option",
    "assumptions_or_error",
    "cache_of",
    "configuration_or_error",
    "input_options",
    "min_confidence_option",
    "output_file_option",
    "project_path",
    "report_or_error",
    "root_of",
]

INPUT, OUTPUT = "What is read", "What is printed"
SHOWN_APPLICATIONS = 10
FRAMEWORKS = "Flask, Django, Pyramid, Bottle, Falcon, Werkzeug, CherryPy, FastAPI, Starlette and Quart"

F = TypeVar("F", bound=Callable[..., Any])


project_path = click.argument(
    "path", metavar="[PATH]", required=False, type=click.Path(path_type=Path)
)  # None: what the configuration says, else here
assume_option = option(
    INPUT,
    "--assume",
    "assumed",
    metavar="OLD=NEW",
    multiple=True,
    help="As if this package had been exchanged: psycopg2=psycopg; repeatable.",
)
min_confidence_option = option(
    "Which findings count",
    "--min-confidence",
    metavar="LEVEL",
    type=click.Choice([each.value for each in LEVELS]),
    default=LEAST.value,
    help="low, medium or high: no findings that are less sure, but those that a trace witnessed.",
)
output_file_option = option(
    OUTPUT, "--output-file", metavar="FILE", type=click.Path(path_type=Path), help="Write there instead."
)


def input_options(command: F) -> F:
    """Add `--workers` and `--[no-]cache`."""
    workers = option(
        INPUT, "--workers", metavar="N", type=click.IntRange(1), default=2, help="Processes that read files."
    )
    cache = option(INPUT, "--cache/--no-cache", default=True, help=f"Remember what files say in {FOLDER}/.")
    return workers(cache(command))


class NoSuchPath(CommandError):
    """A path does not exist."""

    def __init__(self, verb: str, path: Path) -> None:
        super().__init__(
            f"there is no file or folder {path}.",
            facts=[("folder", str(Path.cwd()))],
            advice=["Name the folder that the imports start from:", f"  wsgi-bridge {verb} src"],
        )
        self.path = path


class NothingToRead(CommandError):
    """A path has no Python file, or none that could be read."""

    def __init__(self, verb: str, path: Path, project: Project) -> None:
        told = (
            f"{path} cannot be read as Python"
            if path.is_file()
            else f"no Python file could be read in {path}"
        )
        super().__init__(
            f"{told if project.diagnostics else f'there is no Python file in {path}'}.",
            facts=[(each.file, each.message) for each in project.diagnostics[:10]],
            advice=["Name the folder that the imports start from:", f"  wsgi-bridge {verb} src"],
        )
        self.path = path


class NothingFound(CommandError):
    """No framework is used in a way that can be read, and no function is async."""

    def __init__(self, verb: str, path: Path, analysis: Analysis) -> None:
        facts = [("files", str(analysis.report.project.files))]
        facts += [("failed, a mistake of wsgi-bridge", each) for each in analysis.report.crashed]
        facts += [("not followed", each) for each in analysis.report.unread[:5]]
        super().__init__(
            f"no routes were found in {path}, and no async function: there is nothing to judge.",
            facts=facts,
            advice=[
                f"Known are {FRAMEWORKS}.",
                "Imports must start from the folder that is named:",
                f"  wsgi-bridge {verb} src",
                "A plain WSGI callable is named in pyproject.toml:",
                '  [tool.wsgi-bridge]\n  app = "package.module:application"',
                *(
                    ["or:", "  wsgi-bridge report --app package.module:application"]
                    if verb == "report"
                    else []
                ),
            ],
        )
        self.path = path


class NoSuchApplication(CommandError):
    """What `--app`, or `app` in the configuration, names is not in the project."""

    def __init__(self, verb: str, path: Path, asked: str, known: Sequence[str]) -> None:
        example = get_close_matches(asked, known, 1, 0) or ["package.module:application"]
        super().__init__(
            f"the application {asked} is not in the project.",
            facts=[("folder", str(path)), *(("found", each) for each in known[:SHOWN_APPLICATIONS])],
            advice=[
                "Name the module as it is imported from that folder:",
                f"  wsgi-bridge report {path} --app {example[0]}"
                if verb == "report"
                else f'  [tool.wsgi-bridge]\n  app = "{example[0]}"',
            ],
        )
        self.asked = asked


class WrongConfiguration(CommandError):
    """`[tool.wsgi-bridge]` cannot be used."""

    def __init__(self, problem: str, instead: str, file: str) -> None:
        super().__init__(
            f"[tool.wsgi-bridge] cannot be used: {problem}.", facts=[("file", file)], advice=[instead]
        )


class WrongAssumption(CommandError):
    """What `--assume` says cannot be assumed."""

    def __init__(self, text: str, problem: str, instead: str) -> None:
        super().__init__(f"--assume {text}: {problem}.", advice=[instead])


def configuration_or_error(path: Path) -> Configuration:
    """Return the configuration that counts for `path`."""
    try:
        return read_configuration(path)
    except InvalidConfiguration as error:
        raise WrongConfiguration(error.problem, error.instead, error.file) from None


def root_of(path: Path | None, configuration: Configuration) -> Path:
    """Return what is analysed: PATH, else the one folder of `paths`, else the folder that has several, else here."""
    if path is not None:
        return path
    if len(configuration.paths) == 1:
        return configuration.folder / configuration.paths[0]
    return configuration.folder if configuration.paths else Path()


def assumptions_or_error(texts: Sequence[str]) -> Mapping[str, str]:
    """Return `--assume old=new`, repeated, as a mapping."""
    found = {}
    for text in texts:
        old, equals, new = text.partition("=")
        if not (old and equals and new):
            raise WrongAssumption(text, "it is no exchange", "write old=new, as --assume psycopg2=psycopg")
        found[old] = new
    return found


def cache_of(path: Path) -> FactsCache:
    """Return the cache that stands in the project's folder."""
    return FactsCache((path if path.is_dir() else path.parent).resolve() / FOLDER)


def report_or_error(
    verb: str,
    path: Path,
    configuration: Configuration,
    *,
    workers: int,
    cache: bool,
    assume: Mapping[str, str] | None = None,
    progress: Progress | None = None,
) -> Report:
    """Return the report on `path`: the last one, if there is a cache and nothing has changed that it was made of.

    A `CommandError` says why there is none.
    """
    facts = cache_of(path) if cache else None
    with _errors_told(verb, path):
        return analyse(
            path,
            configuration,
            progress=progress,
            cache=facts,
            workers=workers,
            assume=assume,
            accept=partial(_accept, verb, path, configuration.app),
        )


def analysis_or_error(
    verb: str, path: Path, configuration: Configuration, *, workers: int, cache: bool
) -> Analysis:
    """Return the analysis of `path`, always made anew; a `CommandError` says why there is none."""
    facts = cache_of(path) if cache else None
    with _errors_told(verb, path):
        found = analysed(path, configuration, cache=facts, workers=workers)
    _accept(verb, path, configuration.app, found)
    return found


@contextmanager
def _errors_told(verb: str, path: Path) -> Iterator[None]:
    """Raise what an analysis raises as the `CommandError` that tells it."""
    try:
        yield
    except FileNotFoundError:
        raise NoSuchPath(verb, path) from None
    except InvalidRow as error:
        raise WrongConfiguration(f"{error.where}: {error.problem}", error.instead, "pyproject.toml") from None
    except UnknownAssumption as error:
        raise WrongAssumption(f"{error.old}={error.new}", error.problem, error.instead) from None


def _accept(verb: str, path: Path, app: str, found: Analysis) -> None:
    """Raise a `CommandError` where there was nothing to read, not the application that was named, or nothing to judge."""
    if not found.project.modules:
        raise NothingToRead(verb, path, found.project)
    if app and not is_named(found.survey.state, app):
        raise NoSuchApplication(verb, path, app, applications(found.survey.state))
    if not found.report.routes and not async_symbols(found.survey.state):
        raise NothingFound(verb, path, found)
