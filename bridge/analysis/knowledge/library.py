"""The knowledge base as the solver asks for it: types, implicit calls, offloaders, members, by the solver's names."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import cast

from bridge.analysis.knowledge.naming import Names
from bridge.analysis.knowledge.store import Store
from bridge.analysis.solving.library import Library, public_name, solver_name

__all__ = ["solver_library"]

# What `Library.dunders` must name before a file was read; a test compares it with the rows.
DUNDERS = frozenset(
    {
        "__aenter__",
        "__bool__",
        "__contains__",
        "__delitem__",
        "__enter__",
        "__exit__",
        "__get__",
        "__getitem__",
        "__iter__",
        "__len__",
        "__next__",
        "__setitem__",
    }
)


class KnownTypes(Mapping[str, str]):
    """Callable -> the type of its result, by the solver's names."""

    def __init__(self, store: Store, names: Names) -> None:
        self._store = store
        self._names = names
        self._found: dict[str, str | None] = {}

    def _type(self, name: str) -> str | None:
        if name not in self._found:
            result = self._store.types.get(self._names.canonical(public_name(name)))
            self._found[name] = None if result is None else solver_name(result)
        return self._found[name]

    def __getitem__(self, name: str) -> str:
        found = self._type(name)
        if found is None:
            raise KeyError(name)
        return found

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self._type(name) is not None

    def __iter__(self) -> Iterator[str]:
        self._store.need_all()
        return iter([solver_name(name) for name in self._store.types])

    def __len__(self) -> int:
        self._store.need_all()
        return len(self._store.types)


class KnownNames(Collection[str]):
    """Names of one kind: asked with `in`, by the solver's names."""

    def __init__(self, store: Store, names: Names, *, implicit: bool) -> None:
        self._store = store
        self._names = names
        self._implicit = implicit
        self._known: dict[object, bool] = {}  # every attribute that is read is asked for

    def __contains__(self, name: object) -> bool:
        known = self._known.get(name)
        if known is None:
            known = self._known[name] = isinstance(name, str) and self._is_known(name)
        return known

    def _is_known(self, name: str) -> bool:
        canonical = self._names.canonical(public_name(name))
        call = self._names.call(canonical)
        if self._implicit:
            return call is not None and call.implicit
        return call is not None or canonical in self._store.types or canonical in self._store.attributes

    def __iter__(self) -> Iterator[str]:
        self._store.need_all()
        calls = self._store.calls.values()
        return (solver_name(call.name) for call in calls if call.implicit or not self._implicit)

    def __len__(self) -> int:
        return sum(1 for _ in self)


class Offloading(Collection[str]):
    """Names of offloaders, whatever alias they are called by."""

    def __init__(self, store: Store, names: Names) -> None:
        self._store = store
        self._names = names

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self._names.canonical(public_name(name)) in self._store.offloaders

    def __iter__(self) -> Iterator[str]:
        self._store.need_all()
        return iter(self._store.offloaders)

    def __len__(self) -> int:
        self._store.need_all()
        return len(self._store.offloaders)


def solver_library(store: Store, names: Names) -> Library:
    """Return a library that reads knowledge files when the solver first asks for a name of theirs."""
    return Library(
        KnownTypes(store, names),
        # The solver only ever asks `in`; a frozenset would need every file.
        cast("frozenset[str]", KnownNames(store, names, implicit=True)),
        cast("frozenset[str]", Offloading(store, names)),
        KnownNames(store, names, implicit=False),
        DUNDERS,
    )
