"""The one small interface to what workers share, and the values that go through it.

Every method may raise `StoreUnavailable`, and may block: the ledger's thread calls them, never an event loop.
Whatever is in the store survives a worker; what a worker has counted and not yet written dies with it.
"""

from __future__ import annotations

import abc
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import NamedTuple

__all__ = [
    "DIFFERENCES_KEPT",
    "HISTORY_KEPT",
    "IGNORED",
    "Batch",
    "Change",
    "Counters",
    "Difference",
    "FieldValues",
    "Settings",
    "Store",
    "ignored_field",
    "storable",
]

DIFFERENCES_KEPT = 50  # a route; the newest: enough to see a pattern, and a page to scroll
HISTORY_KEPT = 1000  # changes, of all routes

Counters = Mapping[str, Mapping[str, int]]  # route -> counter -> number


class Batch(NamedTuple):
    """Which increments and differences these are: the `number`th of one writer, who sends one after the other, each until it is in."""

    writer: str
    number: int


IGNORED = "ignored"  # the setting of a field that is not compared
_SEPARATOR = "\x1f"  # "unit separator": in no route


def ignored_field(route: str, name: str) -> str:
    """Return under which name a store has the setting of one field of a route, beside that of the route itself."""
    return f"{route}{_SEPARATOR}{name}"


def storable(text: str) -> str:
    r"""Return a text that has an encoding: of half a character, as `"\ud800"` in JSON makes one, its name is left."""
    return text.encode("utf-8", "backslashreplace").decode()


@dataclass(frozen=True, slots=True)
class Settings:
    """What was set at run time: modes by route, and fields that are ignored, by route.

    `revision` grows with every change, from 0.
    """

    revision: int
    routes: Mapping[str, str]
    ignored: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, revision: int, stored: Mapping[str, str]) -> Settings:
        """Return settings as a store has them: each by its name."""
        routes: dict[str, str] = {}
        ignored: dict[str, tuple[str, ...]] = {}
        for name in sorted(stored):
            route, is_field, ignored_one = name.partition(_SEPARATOR)
            if is_field:
                ignored[route] = (*ignored.get(route, ()), ignored_one)
            else:
                routes[route] = stored[name]
        return cls(revision, routes, ignored)

    @property
    def stored(self) -> dict[str, str]:
        """Return them as `Store.change` takes them."""
        fields = [ignored_field(route, name) for route, names in self.ignored.items() for name in names]
        return {**self.routes, **dict.fromkeys(fields, IGNORED)}


@dataclass(frozen=True, slots=True)
class Change:
    """One change of one route's setting; `at` is Unix time. None: what the configuration says.

    `field`: what was ignored or is compared again; None where it was the route's mode that was changed.
    """

    revision: int
    at: float
    route: str
    before: str | None
    after: str | None
    by: str
    reason: str
    field: str | None = None

    @classmethod
    def of(  # noqa: PLR0917 - the columns of a row
        cls, revision: int, at: float, name: str, before: str | None, after: str | None, by: str, reason: str
    ) -> Change:
        """Return the change of what a store has under `name`."""
        route, is_field, ignored_one = name.partition(_SEPARATOR)
        return cls(revision, at, route, before, after, by, reason, ignored_one if is_field else None)


@dataclass(frozen=True, slots=True)
class FieldValues:
    """A field of two answers that differs: where it is, and both values as text; None: it is not there."""

    field: str
    legacy: str | None
    modern: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One request whose two answers differ, without its secrets. `at` is Unix time."""

    route: str
    at: float
    method: str
    target: str  # path and query
    headers: tuple[tuple[str, str], ...]
    fields: tuple[FieldValues, ...]

    def to_json(self) -> str:
        """Return it as one line of JSON."""
        return json.dumps(asdict(self), ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Difference:
        """Return what `to_json` wrote."""
        plain = json.loads(text)
        plain["headers"] = tuple((name, value) for name, value in plain["headers"])
        plain["fields"] = tuple(FieldValues(**entry) for entry in plain["fields"])
        return cls(**plain)


class Store(abc.ABC):
    """Settings, history, counters and differences of one migration."""

    url: str  # for logs: without a password

    @abc.abstractmethod
    def revision(self) -> int:
        """Return the number of the last change; cheap, for it is asked several times a second."""

    @abc.abstractmethod
    def settings(self) -> Settings:
        """Return all settings as they were at one moment."""

    @abc.abstractmethod
    def change(
        self,
        routes: Mapping[str, str | None],
        *,
        by: str,
        reason: str = "",
        expected: Mapping[str, str | None] | None = None,
    ) -> Settings | None:
        """Change these settings at once and return all of them after it; None: back to the configuration.

        Each is named by its route, or by `ignored_field()`; that one's value is `IGNORED`.

        With `expected`, nothing is changed and None is returned unless those are set so now: of
        several workers that come to the same conclusion, one makes the change.
        """

    @abc.abstractmethod
    def history(self, limit: int = HISTORY_KEPT) -> list[Change]:
        """Return the last changes, the newest first."""

    @abc.abstractmethod
    def add(
        self, increments: Counters, differences: Sequence[Difference] = (), *, batch: Batch | None = None
    ) -> None:
        """Add to the counters and keep these differences, all or nothing; of each route the newest `DIFFERENCES_KEPT` stay.

        The batch that its writer has added last is not added again. A writer that got no answer sends the same batch again, for it can't know whether the first one arrived.
        """

    @abc.abstractmethod
    def counters(self) -> dict[str, dict[str, int]]:
        """Return every counter."""

    @abc.abstractmethod
    def differences(self, route: str, limit: int = DIFFERENCES_KEPT) -> list[Difference]:
        """Return what is kept of a route, the newest first."""

    @abc.abstractmethod
    def forget(self, route: str) -> None:
        """Drop a route's counters and differences: it was repaired, and is to be judged anew."""

    @abc.abstractmethod
    def close(self) -> None:
        """Let go of connections; the next call makes new ones."""
