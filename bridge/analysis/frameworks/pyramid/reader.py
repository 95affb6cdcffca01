"""The reader of Pyramid applications."""

from __future__ import annotations

from dataclasses import dataclass

from bridge.analysis.frameworks.base import Options
from bridge.analysis.frameworks.classes import external_bases
from bridge.analysis.frameworks.pyramid.configuration import configuration_of
from bridge.analysis.frameworks.pyramid.routes import Routes, patterns_of
from bridge.analysis.frameworks.pyramid.surroundings import surroundings_of
from bridge.analysis.frameworks.pyramid.traversal import traversal_of
from bridge.analysis.frameworks.pyramid.views import View, views_of
from bridge.analysis.frameworks.roots import enter_roots, place_of
from bridge.analysis.model import Context, Discovery, EntryPoint
from bridge.analysis.project import Project
from bridge.analysis.solving.state import State
from bridge.analysis.solving.values import CLASS

__all__ = ["PyramidReader"]

ERROR_NAMES = ("Exception", "Error", "Failure")
ERROR_MODULES = (".httpexceptions.", ".exceptions.")  # what these define is raised


@dataclass(frozen=True, slots=True)
class PyramidReader:
    """Reads Pyramid's routes, views found by call or by scan, tweens and subscribers."""

    name: str = "pyramid"

    def read(self, state: State, project: Project, options: Options) -> Discovery:
        """Return the routes of every configurator of the project, together."""
        del project, options
        found = configuration_of(state)
        if not found.prefixes:
            return Discovery()
        around = surroundings_of(state, found)
        routes = Routes(state, patterns_of(state, found), around, found.unread)
        views = list(views_of(state, found))
        errors = [
            each for each in views if each.kind or ("context" in each.keywords and _is_error(state, each))
        ]
        served = _routed([each for each in views if each not in errors], found.unread)
        routes.traversal = traversal_of(state, found, [each for each in served if not each.route])
        for view in served:
            routes.add(view)
        for config, prefix in found.prefixes.items():
            routes.add_static(config, prefix)
        return Discovery(
            frameworks=(self.name,),
            routes=tuple(routes.found.values()),
            middleware=tuple(around.tweens),
            entry_points=tuple(_entry(state, each) for each in errors if each.functions),
            unread=tuple(dict.fromkeys(found.unread)),
        )


def _is_error(state: State, view: View) -> bool:
    """Return whether a view's context is an exception: then no path leads to it."""
    for value in view.keywords["context"]:
        kind, first = state.values.kinds[value], state.values.parts[value][0]
        names = external_bases(state, value) if kind == CLASS else [first] if isinstance(first, str) else []
        if any(name.endswith(ERROR_NAMES) or any(each in name for each in ERROR_MODULES) for name in names):
            return True
    return False


def _routed(views: list[View], unread: list[str]) -> list[View]:
    """Return the views without those whose route is not known; these are remarked where no other call knows more."""
    known = {(each.file, each.line) for each in views if each.route}
    lost = [each for each in views if each.is_routed and not each.route]
    unread += [
        f"the route_name of the view at {each.file}:{each.line}"
        for each in lost
        if (each.file, each.line) not in known
    ]
    return [each for each in views if each not in lost]


def _entry(state: State, view: View) -> EntryPoint:
    functions = [value for value, _ in view.functions]
    symbol = place_of(state, functions[-1])[0]
    return EntryPoint(Context.REQUEST, f"error view {symbol}", enter_roots(state, functions, "errorhandler"))
