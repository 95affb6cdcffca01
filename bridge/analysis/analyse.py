"""From a path to a report: the one function that the verbs call.

    read_project -> solve -> discover -> effects -> survey -> findings -> verdicts -> plan

What crashes in one reader or rule is named in `Report.crashed`, and the rest goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatch
from pathlib import Path

from bridge.analysis.assembling import assembled
from bridge.analysis.assumptions import Assumptions
from bridge.analysis.cache import FactsCache
from bridge.analysis.collecting import no_collection
from bridge.analysis.configuration import Configuration
from bridge.analysis.crashes import Crashes
from bridge.analysis.dependencies import dependencies_of
from bridge.analysis.effects import effects_of
from bridge.analysis.environment import environment_of
from bridge.analysis.frameworks import READERS
from bridge.analysis.frameworks.base import Options, Reader, discover
from bridge.analysis.frameworks.django.orm import models_of
from bridge.analysis.frameworks.sqlalchemy import mapped_classes_of
from bridge.analysis.inspecting import Inspector
from bridge.analysis.knowledge import Knowledge, load_knowledge
from bridge.analysis.model import Dependency, Report
from bridge.analysis.names import is_test_file
from bridge.analysis.project import Project, read_project
from bridge.analysis.remembering import ReportCache, fingerprint, remembered
from bridge.analysis.solving.engine import solve
from bridge.analysis.solving.program import Program
from bridge.analysis.survey import Survey, survey
from bridge.analysis.wrapping import with_wrappers

__all__ = ["STAGES", "Analysis", "Progress", "analyse", "analysed"]

STAGES = ("reading files", "following values", "finding routes", "looking for what blocks", "planning")

Progress = Callable[[str], None]
"""Called with each of `STAGES` when it begins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """A report and what it was made of, for those who ask further."""

    report: Report
    project: Project
    knowledge: Knowledge
    survey: Survey


def analyse(
    path: Path,
    configuration: Configuration | None = None,
    *,
    progress: Progress | None = None,
    cache: FactsCache | None = None,
    workers: int = 1,
    assume: Mapping[str, str] | None = None,
    readers: Sequence[Reader] | None = None,
    accept: Callable[[Analysis], None] | None = None,
) -> Report:
    """Return the report on the Python files at `path`, a folder or one file.

    `assume`: package -> package that is taken to have its place. `readers` None: all. With a `cache` the last report
    is given again if nothing has changed that it was made of. `accept` is given what was made anew, before that is
    remembered, and may raise what its caller takes for no result. Raises FileNotFoundError; `InvalidRow` where the
    configuration's own rows cannot be read; `UnknownAssumption`.
    """

    def anew() -> Report:
        found = analysed(
            path,
            configuration,
            progress=progress,
            cache=cache,
            workers=workers,
            assume=assume,
            readers=readers,
        )
        if accept is not None:
            accept(found)
        return found.report

    if cache is None or readers is not None:
        return anew()
    named = configuration.environment_folder if configuration else None
    installed = environment_of(path if path.is_dir() else path.parent, named).signature()
    return remembered(ReportCache(cache.folder), fingerprint(path, configuration, assume, installed), anew)


@no_collection()
def analysed(
    path: Path,
    configuration: Configuration | None = None,
    *,
    progress: Progress | None = None,
    cache: FactsCache | None = None,
    workers: int = 1,
    assume: Mapping[str, str] | None = None,
    readers: Sequence[Reader] | None = None,
) -> Analysis:
    """Return the report as `analyse` does, and what it was made of; always made anew."""
    wanted = configuration or Configuration()
    say = progress or _silent
    knowledge = load_knowledge(wanted.rows)
    assumptions = Assumptions.of(assume or {}, knowledge)
    crashes = Crashes()
    say(STAGES[0])
    project = _kept(read_project(path, cache=cache, workers=workers), wanted)
    say(STAGES[1])
    program = Program(project.modules, package=project.package)
    extension = models_of(program, project) or mapped_classes_of(program, knowledge.canonical)
    state = solve(program, modules=_followed(program), library=knowledge.library, extension=extension)
    say(STAGES[2])
    options = Options(app=wanted.app, settings=wanted.settings, environment=wanted.environment_folder)
    discovery = discover(state, project, options, readers=READERS if readers is None else readers)
    discovery = with_wrappers(discovery)
    say(STAGES[3])
    surveyed = survey(state, discovery, effects_of(state, knowledge, offloaders=wanted.offloaders))
    dependencies: tuple[Dependency, ...] = ()
    with crashes.naming("the dependencies"):
        dependencies = dependencies_of(project, knowledge, folder=_folder(path, wanted))
    inspector = Inspector(
        project=project,
        survey=surveyed,
        knowledge=knowledge,
        dependencies=dependencies,
        assumptions=assumptions,
        crashes=crashes,
    )
    inspected = inspector.inspected()
    say(STAGES[4])
    report = assembled(str(path), inspector, inspected)
    return Analysis(report=report, project=project, knowledge=knowledge, survey=surveyed)


def _followed(program: Program) -> Collection[int]:
    """Return the modules that are followed: tests call the application as no request does, unless there is nothing else."""
    numbers = range(len(program.modules))
    return [each for each in numbers if not is_test_file(program.modules[each].file)] or numbers


def _silent(_stage: str) -> None:
    """Say nothing."""


def _folder(path: Path, configuration: Configuration) -> Path:
    """Return how far up requirements are looked for: beside pyproject.toml, if that is at the analysed path or above."""
    start = path.resolve()
    folder = configuration.folder.resolve()
    return folder if configuration.folder != Path() and folder in {start, *start.parents} else start


def _kept(project: Project, wanted: Configuration) -> Project:
    """Return the project without what the configuration excludes, or leaves out of several `paths`."""
    several = len(wanted.paths) > 1 and project.root.resolve() == wanted.folder.resolve()
    included = wanted.paths if several else ()
    if not (included or wanted.exclude):
        return project

    def is_kept(file: str) -> bool:
        return not _is_below(file, wanted.exclude) and (not included or _is_below(file, included))

    return replace(
        project,
        modules=tuple(each for each in project.modules if is_kept(each.file)),
        diagnostics=tuple(each for each in project.diagnostics if is_kept(each.file)),
    )


def _is_below(file: str, patterns: Iterable[str]) -> bool:
    return any(fnmatch(file, pattern) or fnmatch(file, f"{pattern.rstrip('/')}/*") for pattern in patterns)
