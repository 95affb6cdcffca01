"""The knowledge base, asked by name."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bridge.analysis.knowledge.library import solver_library
from bridge.analysis.knowledge.naming import Names
from bridge.analysis.knowledge.rows import Call, Condition, Middleware, Offloader, Package, TaskMarker
from bridge.analysis.knowledge.store import FOLDER, Store, normalised
from bridge.analysis.knowledge.user_rows import user_family
from bridge.analysis.solving.library import Library

__all__ = ["Knowledge", "load_knowledge"]


class Knowledge:
    """Answers by dotted name as people write it (`builtins.open`, `requests.api.get`); reads files when asked."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._names = Names(store)
        self.library: Library = solver_library(store, self._names)

    def canonical(self, name: str) -> str:
        """Return the public name of what `name` is: requests.get for requests.api.get."""
        return self._names.canonical(name)

    def sink_name(self, name: str) -> str | None:
        """Return the canonical name if it blocks, None if nothing is known of it: what `effects_of` asks."""
        canonical = self._names.canonical(name)
        return canonical if self._names.call(canonical) is not None else None

    def call(self, name: str) -> Call | None:
        """Return the row of a blocking callable, None if it has none. A pattern's row has the pattern's name."""
        return self._names.call(self._names.canonical(name))

    def conditions(self, name: str) -> tuple[Condition, ...]:
        """Return the arguments with which a call of `name` does not block."""
        row = self.call(name)
        return () if row is None else row.unless

    def offloader(self, name: str) -> Offloader | None:
        """Return the row of a callable that runs another one elsewhere."""
        canonical = self._names.canonical(name)
        return self._store.offloaders.get(canonical)

    def task(self, name: str) -> TaskMarker | None:
        """Return the row of a decorator or base class whose functions run outside requests."""
        canonical = self._names.canonical(name)
        return self._store.tasks.get(canonical)

    def middleware(self, name: str) -> Middleware | None:
        """Return the row of a middleware."""
        canonical = self._names.canonical(name)
        return self._store.middleware.get(canonical)

    def package(self, distribution: str) -> Package | None:
        """Return the row of a distribution, by its name in any spelling."""
        name = normalised(distribution)
        self._store.need_package(name)
        return self._store.packages.get(name)

    def package_of(self, dotted: str) -> Package | None:
        """Return the distribution that a dotted name is imported from; None for the standard library and the unknown."""
        self._store.need(dotted.partition(".")[0])
        while dotted:
            if dotted in self._store.imports:
                return self._store.imports[dotted]
            dotted = dotted.rpartition(".")[0]
        return None

    def packages(self) -> tuple[Package, ...]:
        """Return all packages by name."""
        self._store.need_all()
        return tuple(self._store.packages[name] for name in sorted(self._store.packages))

    def calls(self) -> tuple[Call, ...]:
        """Return all rows about blocking callables by name, patterns last."""
        self._store.need_all()
        plain = [self._store.calls[name] for name in sorted(self._store.calls)]
        patterns = [call for calls in self._store.patterns.values() for call in calls]
        return (*plain, *sorted(patterns, key=lambda call: call.name))

    def calls_of(self, distribution: str) -> tuple[Call, ...]:
        """Return the rows about what is imported from a distribution, by name; () for one that is not known.

        By import and not by `Call.package`: psycopg2 and psycopg2-binary are two distributions of one package.
        """
        package = self.package(distribution)
        if package is None:
            return ()
        for dotted in package.imports:
            self._store.need(dotted.partition(".")[0])
        patterns = (call for calls in self._store.patterns.values() for call in calls)
        starts = tuple(f"{dotted}." for dotted in package.imports)
        found = (call for call in (*self._store.calls.values(), *patterns) if call.name.startswith(starts))
        return tuple(sorted(found, key=lambda call: call.name))

    def store(self) -> Store:
        """Return every row of every kind, all files read."""
        self._store.need_all()
        return self._store


def load_knowledge(extra: Mapping[str, Any] | None = None, *, folder: Path = FOLDER) -> Knowledge:
    """Return the knowledge base with a user's own rows: the keys of `[tool.wsgi-bridge]` that are about them.

    `extra` may have `sinks` and `offloaders` (see `user_rows`); other keys are not looked at. `InvalidRow` where one
    of them cannot be read.
    """
    store = Store.open(folder)
    if extra is not None:
        store.add(user_family(extra), wins=True)
    return Knowledge(store)
