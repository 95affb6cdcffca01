"""`@expose("/path", methods=[...])` on the methods of a view's class: Flask-Admin and Flask-AppBuilder both have it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bridge.analysis.frameworks.calls import calls_on, elements_of, making, objects, place, texts_of
from bridge.analysis.frameworks.flask.views import view_class
from bridge.analysis.frameworks.roots import functions_of
from bridge.analysis.frameworks.written import written
from bridge.analysis.solving.objects import name_of
from bridge.analysis.solving.resolution import order
from bridge.analysis.solving.state import State
from bridge.analysis.solving.values import BOUND, CLASS

__all__ = ["Exposed", "classes_of", "exposed_by", "names_of", "plain"]

Exposed = tuple[str, tuple[str, ...]]  # path behind the view's own, methods

GET = ("GET",)


def exposed_by(state: State, expose: str, plugged: str, unread: list[str]) -> dict[int, list[Exposed]]:
    """Return function or class value -> where the decorators called `expose` and `plugged` ("" for none) put it."""
    found: dict[int, list[Exposed]] = {}
    for decorator in objects(state, [expose, plugged] if plugged else [expose]):
        made = making(state, decorator)
        if made is None:
            continue
        paths = texts_of(state, made.values(0, "url")) or ["/"]
        methods = tuple(elements_of(state, made.values(1, "methods"))) or GET
        calls = list(calls_on(state, decorator))  # none on what a decorator gives back
        views = [value for call in calls for value in call.values(0)]
        is_plugged = name_of(state, decorator) == plugged
        known = list(classes_of(state, views) if is_plugged else _functions(state, views))
        if is_plugged and calls and not known:
            unread.append(f"the view class behind @expose_plugview at {place(state, made.call.site)}")
        for each in known:
            places = found.setdefault(each, [])
            places += [(path, methods) for path in paths if (path, methods) not in places]
    return found


def _functions(state: State, values: list[int]) -> Iterator[int]:
    yield from (written(state, each) for value in values for each in functions_of(state, value))


def classes_of(state: State, values: Iterable[int]) -> Iterator[int]:
    """Yield the view classes that values are, those below decorators too."""
    for value in sorted(values):
        owner = view_class(state, value)
        if owner is not None and state.values.kinds[owner] == CLASS:
            yield owner


def plain(state: State, value: int) -> int:
    """Return the function that a bound one is."""
    return int(state.values.parts[value][0]) if state.values.kinds[value] == BOUND else value


def names_of(state: State, owner: int) -> list[str]:
    """Return the names that a class and its bases of the project define, sorted as `dir` has them."""
    scopes = [
        state.program.scopes[state.values.parts[each][0]]
        for each in order(state, owner)
        if each in state.classes
    ]
    return sorted({name for scope in scopes for name in scope.shared})
