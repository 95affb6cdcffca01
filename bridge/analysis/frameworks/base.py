"""The contract of a framework's reader, and what all readers find together.

A reader gets the solved state and may add to it: it enters what the framework calls (`roots.enter_roots`), applies
functions that only the framework applies (`state.apply`, then `settle`), and says what it could not follow. Which
objects of a framework are kept apart by where they are made, and which calls on them are recorded, stands in
`bridge.analysis.solving.objects`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from bridge.analysis.collecting import no_collection
from bridge.analysis.model import Discovery
from bridge.analysis.project import Project
from bridge.analysis.solving.engine import settle
from bridge.analysis.solving.state import State

__all__ = ["Options", "Reader", "discover", "merged"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the user says about the project.

    `app` names a plain WSGI callable, "module:name"; "" leaves it to the reader to look for one. `settings` is
    Django's settings module, "" to find it out. `environment` is the virtual environment with the project's packages,
    None to look for it.
    """

    app: str = ""
    settings: str = ""
    environment: Path | None = None


class Reader(Protocol):
    """Reads one framework's routes, hooks and middleware."""

    @property
    def name(self) -> str:
        """The framework in lower case, as `Route.framework` has it."""

    def read(self, state: State, project: Project, options: Options) -> Discovery:
        """Return what the framework would run; an empty `Discovery` where the project doesn't use it."""


def discover(state: State, project: Project, options: Options, *, readers: Iterable[Reader]) -> Discovery:
    """Return what all `readers` found, in their order.

    One that crashes is named in `Discovery.crashed`, with the error; the rest goes on.
    """
    found: list[Discovery] = []
    for reader in readers:
        try:
            with no_collection():
                found.append(reader.read(state, project, options))
        except Exception as error:  # a reader's mistake must not cost the other frameworks their report
            found.append(Discovery(crashed=(_crash(reader, error),)))
        settle(state)
    return merged(found)


def _crash(reader: Reader, error: Exception) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = f" ({trace.tb_frame.f_code.co_name}, line {trace.tb_lineno})" if trace is not None else ""
    return f"the reader of {reader.name}: {type(error).__name__}: {error}{where}"


def merged(found: Iterable[Discovery]) -> Discovery:
    """Return one `Discovery` of several, in order; what stands twice in a row table is kept once."""
    whole = Discovery()
    for each in found:
        whole = replace(whole, **_joined(whole, each))
    return whole


def _joined(first: Discovery, second: Discovery) -> Mapping[str, Any]:
    names = ("frameworks", "routes", "middleware", "entry_points", "unread", "crashed")
    joined = {name: tuple(dict.fromkeys((*getattr(first, name), *getattr(second, name)))) for name in names}
    return {**joined, "settings": {**first.settings, **second.settings}}
