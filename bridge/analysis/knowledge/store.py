"""The knowledge files, each read when a name of its imports is first asked for.

The first line of every file is `imports = [...]`, the top-level names it is about: that line alone is read at the start,
because reading all files whole costs more than most projects need (measured in migration_guide/knowledge.md).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bridge.analysis.knowledge.errors import DuplicateRow, InvalidRow
from bridge.analysis.knowledge.reading import Family, read_family
from bridge.analysis.knowledge.rows import Call, Middleware, Offloader, Package, TaskMarker

__all__ = ["FOLDER", "Store", "normalised"]

FOLDER = Path(__file__).parent

_NAME = re.compile(r'"([^"]+)"')
_DISTRIBUTION = re.compile(r'^name = "([^"]+)"$', re.MULTILINE)


@dataclass(slots=True)
class Store:
    """All rows that were read so far, by name. `need` reads what a name may be about; `need_all` everything."""

    waiting: dict[str, list[Path]] = field(default_factory=dict)  # top-level name -> files not yet read
    by_package: dict[str, set[str]] = field(
        default_factory=dict
    )  # distribution -> top-level names of its files
    sources: dict[str, str] = field(default_factory=dict)  # name of a call -> the file of its row
    settled: set[str] = field(default_factory=set)  # names whose row is the user's
    families: list[Family] = field(default_factory=list)
    calls: dict[str, Call] = field(default_factory=dict)
    patterns: dict[str, list[Call]] = field(default_factory=dict)  # by the first part of their names
    aliases: dict[str, str] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=dict)
    attributes: dict[str, str] = field(default_factory=dict)
    classes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    unverified: dict[str, str] = field(default_factory=dict)
    offloaders: dict[str, Offloader] = field(default_factory=dict)
    tasks: dict[str, TaskMarker] = field(default_factory=dict)
    middleware: dict[str, Middleware] = field(default_factory=dict)
    packages: dict[str, Package] = field(default_factory=dict)  # by distribution's name, normalised
    imports: dict[str, Package] = field(default_factory=dict)  # by dotted import name

    @classmethod
    def open(cls, folder: Path = FOLDER) -> Store:
        """Return a store over the files of `folder`, of which only the first lines were read."""
        store = cls()
        for path in sorted(folder.glob("*.toml")):
            for name in _imports(path):
                store.waiting.setdefault(name, []).append(path)
        return store

    def need(self, top: str) -> None:
        """Read the files about the top-level name `top`, once."""
        for path in self.waiting.pop(top, ()):
            if all(family.source != path.name for family in self.families):
                self.add(read_family(path))

    def need_package(self, distribution: str) -> None:
        """Read the files that may have a row about the package, by its normalised name."""
        if not self.by_package:
            for top, path in self._unread():
                for name in _DISTRIBUTION.findall(path.read_text("utf-8")):
                    self.by_package.setdefault(normalised(name), set()).add(top)
        for top in sorted(self.by_package.get(distribution, ())):
            self.need(top)

    def _unread(self) -> list[tuple[str, Path]]:
        """Return every file that waits, with one of the names that it waits for."""
        return [
            (top, path)
            for path, top in {path: top for top, paths in self.waiting.items() for path in paths}.items()
        ]

    def need_all(self) -> None:
        """Read every file."""
        for top in list(self.waiting):
            self.need(top)

    def add(self, family: Family, *, wins: bool = False) -> None:
        """Add a file's rows; `DuplicateRow` where two files have one for a name. `wins`: over all files to come."""
        if wins:
            self.settled.update(call.name for call in family.calls)
        self.families.append(family)
        for call in family.calls:
            self._add_call(call, family.source)
        for known, new in _tables(self, family):
            known.update(new)
        for package in family.packages:
            self.packages[normalised(package.name)] = package
            self.imports.update(dict.fromkeys(package.imports, package))

    def _add_call(self, call: Call, source: str) -> None:
        if call.name in self.settled and call.name in self.sources:
            return
        if call.name in self.sources:
            raise DuplicateRow(call.name, self.sources[call.name], source)
        self.sources[call.name] = source
        if call.is_pattern:
            self.patterns.setdefault(call.name.partition(".")[0], []).append(call)
        else:
            self.calls[call.name] = call


def _tables(store: Store, family: Family) -> Iterator[tuple[dict[str, object], dict[str, object]]]:
    named = ("offloaders", "tasks", "middleware")
    for table in ("aliases", "types", "attributes", "classes", "unverified"):
        yield getattr(store, table), getattr(family, table)
    for table in named:
        yield getattr(store, table), {row.name: row for row in getattr(family, table)}


def _imports(path: Path) -> list[str]:
    with path.open(encoding="utf-8") as file:
        first = file.readline()
    if not first.startswith("imports = [") or not first.rstrip().endswith("]"):
        raise InvalidRow(
            path.name, f"its first line is {first.strip()!r}", 'write imports = ["name", ...] there'
        )
    return _NAME.findall(first)


def normalised(name: str) -> str:
    """Return a distribution's name as PyPI compares it: Flask_Login is flask-login (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()
