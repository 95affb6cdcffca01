"""The packages of a project: what it declares and imports, joined with what the knowledge base says of them."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from bridge.analysis.facts import Opcode
from bridge.analysis.knowledge import Knowledge, Package
from bridge.analysis.model import Dependency, DependencyStatus
from bridge.analysis.names import is_test_file
from bridge.analysis.project import Project
from bridge.analysis.requirements import Requirement, declared, normalised

__all__ = ["dependencies_of"]


@dataclass(frozen=True, slots=True)
class Import:
    """Where a top-level name from outside the project is first imported."""

    name: str
    dotted: str
    file: str


def dependencies_of(
    project: Project, knowledge: Knowledge, *, folder: Path | None = None
) -> tuple[Dependency, ...]:
    """Return the packages by name: those that are declared, and those imported.

    The project's own files declare; where they say nothing, the next folder above, up to `folder` (None: none). What
    stands above a project that declares something is about another one: the repository that it is an example in.
    """
    folders = _folders(project.root.resolve(), (folder or project.root).resolve())
    found_in = (list(_seen_from(project.root, each)) for each in folders)
    listed = {normalised(each.name): each for each in next(filter(None, found_in), [])}
    found = {name: _declared(each, knowledge) for name, each in listed.items() if each.is_direct}
    for used in _imports(project):
        package = knowledge.package_of(used.dotted)
        name = normalised(package.name if package else used.name)
        if name not in found and not _belongs(used.name, found, knowledge):
            version = listed[name].version if name in listed else ""
            found[name] = _dependency(
                package.name if package else used.name,
                version,
                package,
                file=used.file,
                line=_line(project.root / used.file, used.name),
                evidence=f"imported in {used.file}",
            )
    return tuple(found[name] for name in sorted(found))


def _folders(start: Path, last: Path) -> Iterator[Path]:
    """Yield `start` and the folders above it up to `last`; `last` alone where it is not above."""
    if last not in start.parents:
        yield last
        return
    yield start
    yield from (each for each in start.parents if each == last or last in each.parents)


def _seen_from(root: Path, folder: Path) -> Iterator[Requirement]:
    """Yield what `folder` declares, its files named as seen from `root`, which may lie below it."""
    for each in declared(folder):
        file = Path(os.path.relpath((folder / each.file).resolve(), root.resolve())).as_posix()
        yield replace(each, file=file)


def _belongs(top: str, found: Iterable[str], knowledge: Knowledge) -> bool:
    """Tell whether a declared package is imported under the name `top`, as far as that is known or to be guessed."""
    guess = normalised(top)
    for name in found:
        package = knowledge.package(name)
        tops = {each.partition(".")[0] for each in package.imports} if package else {name.replace("-", "_")}
        if top in tops or guess == name:
            return True
    return False


def _declared(requirement: Requirement, knowledge: Knowledge) -> Dependency:
    package = knowledge.package(requirement.name)
    evidence = f"declared in {requirement.file}"
    return _dependency(
        requirement.name,
        requirement.version,
        package,
        file=requirement.file,
        line=requirement.line,
        evidence=evidence,
    )


def _dependency(
    name: str, version: str, package: Package | None, *, file: str, line: int, evidence: str
) -> Dependency:
    if package is None:
        return Dependency(name, version, DependencyStatus.UNKNOWN, "", evidence, file, line)
    known = f"{evidence}; {package.note}" if package.note else evidence
    return Dependency(name, version, package.status, package.replacement, known, file, line)


def _imports(project: Project) -> Iterator[Import]:
    """Yield each name once that is neither the project's nor the standard library's; what tests need is left out."""
    own = {module.name.partition(".")[0] for module in project.modules} | {project.package}
    seen: set[str] = set()
    for module in project.modules:
        if is_test_file(module.file):
            continue
        for scope in module.facts.scopes if module.facts else ():
            for instruction in scope.instructions:
                dotted = _imported(instruction)
                top = dotted.partition(".")[0]
                if top and dotted not in seen and top not in own and top not in sys.stdlib_module_names:
                    seen.add(dotted)
                    yield Import(top, dotted, module.file)


def _line(path: Path, top: str) -> int:
    """Return the line that imports a top-level name: the facts of a file do not have it, and few are asked for."""
    statement = re.compile(rf"\s*(?:from|import)\s+(?:.*,\s*)?{re.escape(top)}\b")
    try:
        lines = path.read_text("utf-8", "replace").splitlines()
    except OSError:
        return 0
    return next((number for number, line in enumerate(lines, start=1) if statement.match(line)), 0)


def _imported(instruction: tuple[object, ...]) -> str:
    """Return the dotted name that an instruction imports from outside the file's own package, "" if none."""
    if instruction[0] == Opcode.IMPORT:
        return str(instruction[2])
    if instruction[0] in {Opcode.FROM, Opcode.STAR}:
        first = 2 if instruction[0] == Opcode.FROM else 1
        level, module = instruction[first], instruction[first + 1]
        return "" if level else str(module or "")
    return ""
