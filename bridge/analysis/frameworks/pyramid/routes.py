"""Routes by name, and the views that stand at them -> routes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from bridge.analysis.frameworks.calls import calls_on, elements_of, texts_of
from bridge.analysis.frameworks.pyramid.configuration import Configuration, join_prefix
from bridge.analysis.frameworks.pyramid.surroundings import Surroundings
from bridge.analysis.frameworks.pyramid.traversal import give_context
from bridge.analysis.frameworks.pyramid.views import View
from bridge.analysis.frameworks.roots import enter_roots, functions_of, place_of
from bridge.analysis.model import Root, Route
from bridge.analysis.solving.state import State

__all__ = ["Pattern", "Routes", "patterns_of"]

PLAIN_RENDERERS = frozenset({"json", "string", "jsonp"})


@dataclass(frozen=True, slots=True)
class Pattern:
    """What `add_route` says. `methods` empty: all; `factories` make the context of its views."""

    path: str
    methods: tuple[str, ...]
    factories: tuple[int, ...] = ()


def patterns_of(state: State, found: Configuration) -> dict[str, list[Pattern]]:
    """Return route name -> patterns; several where one name is registered by different applications.

    A static route is for `route_url` alone, and no request gets to it: its name has no pattern.
    """
    made: dict[str, list[Pattern]] = defaultdict(list)
    for config, prefix in found.prefixes.items():
        for call in calls_on(state, config, "add_route"):
            texts = call.texts(1, "pattern") or call.texts(None, "path")
            methods = elements_of(state, call.values(None, "request_method"))
            factories = [
                each for value in call.values(None, "factory") for each in functions_of(state, value)
            ]
            if not texts:
                found.unread.append(f"the pattern of add_route at {call.file}:{call.line}")
            for name in call.texts(0, "name"):
                for text in [] if call.number(None, "static") else texts:
                    pattern = Pattern(_joined(prefix, text), tuple(map(str.upper, methods)), tuple(factories))
                    if pattern not in made[name] and "://" not in text:
                        made[name].append(pattern)
                made.setdefault(name, [])
    return made


def _joined(prefix: str, text: str) -> str:
    """As `include(..., route_prefix=...)` puts the prefix before a pattern."""
    if not prefix:
        return f"/{text.lstrip('/')}"
    path = f"/{join_prefix(prefix, text)}"
    return f"{path}/" if text.endswith("/") and not path.endswith("/") else path


@dataclass(slots=True)
class Routes:
    """Builds the routes; views at one path for the same methods become one route.

    `traversal` is what runs before views that stand at no path, as (FUNCTION or BOUND value, role).
    """

    state: State
    patterns: dict[str, list[Pattern]]
    around: Surroundings
    unread: list[str]
    found: dict[str, Route] = field(default_factory=dict)
    traversal: tuple[tuple[int, str], ...] = ()

    def add(self, view: View) -> None:
        """Add the routes of one view."""
        if view.route and view.route not in self.patterns:
            self.unread.append(f"the route {view.route!r} of the view at {view.file}:{view.line}")
        traversed = Pattern("/*traverse" + (f"/{view.name}" if view.name else ""), ())
        for pattern in self.patterns.get(view.route, []) if view.route else [traversed]:
            self._add(self._route(view, pattern))

    def add_static(self, config: int, prefix: str) -> None:
        """Add the files that a configurator serves."""
        for call in calls_on(self.state, config, "add_static_view"):
            for name in call.texts(0, "name"):
                if "//" not in name:  # else another server has them
                    path = f"/{join_prefix(prefix, name)}/*subpath"
                    self._add(
                        Route("pyramid", (), path, "pyramid.static.static_view", call.file, call.line, ())
                    )

    def _add(self, route: Route) -> None:
        known = self.found.get(route.id)
        if known is not None:
            roots = {root.instance: root for root in (*known.roots, *route.roots)}
            route = replace(known, roots=tuple(roots.values()))
        self.found[route.id] = route

    def _route(self, view: View, pattern: Pattern) -> Route:
        symbol, file, line = ("", view.file, view.line)
        if view.named is not None and list(functions_of(self.state, view.named)):
            symbol, file, line = place_of(self.state, view.named)
        methods = view.methods or pattern.methods
        shown = tuple(sorted(each for each in methods if each not in {"HEAD", "OPTIONS"})) or methods
        return Route("pyramid", shown, pattern.path, symbol, file, line, self._roots(view, pattern))

    def _roots(self, view: View, pattern: Pattern) -> tuple[Root, ...]:
        found: dict[int, Root] = {}
        for value, role in self._functions(view, pattern):
            for root in enter_roots(self.state, (value,), role):
                found.setdefault(root.instance, root)
        give_context(self.state, view, found.values())
        return tuple(found.values())

    def _functions(self, view: View, pattern: Pattern) -> Iterator[tuple[int, str]]:
        yield from self.around.around
        yield from self.around.before
        yield from ((each, "factory") for each in pattern.factories)
        yield from () if view.route else self.traversal
        if view.keywords.get("permission"):
            yield from self.around.permitting
        decorators: Iterable[int] = view.keywords.get("decorator", ())
        yield from (
            (each, "decorator") for value in sorted(decorators) for each in functions_of(self.state, value)
        )
        yield from view.functions
        renderers = texts_of(self.state, view.keywords.get("renderer", ()))
        if renderers and not set(renderers) & PLAIN_RENDERERS:
            yield from self.around.rendering
        yield from self.around.after
