"""Views: registered by call, by decorator on a function, a class, or a method."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bridge.analysis.frameworks.calls import Call, calls_on, elements_of, making, objects, texts_of
from bridge.analysis.frameworks.dotted import module_of, package_of, resolve
from bridge.analysis.frameworks.pyramid.configuration import Configuration
from bridge.analysis.frameworks.roots import functions_of, members_of
from bridge.analysis.frameworks.written import written
from bridge.analysis.solving.state import State
from bridge.analysis.solving.values import BOUND, CLASS, DECORATED, FUNCTION, INSTANCE, MODULE

__all__ = ["ERROR_VIEWS", "View", "views_of"]

DECORATOR, DEFAULTS = "pyramid.view.view_config", "pyramid.view.view_defaults"
ERRORS = ("notfound_view_config", "forbidden_view_config", "exception_view_config")
ERROR_VIEWS = ("add_notfound_view", "add_forbidden_view", "add_exception_view")

Keywords = dict[str, frozenset[int]]


@dataclass(frozen=True, slots=True)
class View:
    """One view. `route` "" is found by traversal under `name`; `methods` empty: all; `kind` "" or which error's.

    `functions` are (FUNCTION or BOUND value, role); `named` is what the user wrote; `is_routed` with a `route` of ""
    has a route that is not known.
    """

    route: str
    name: str
    methods: tuple[str, ...]
    functions: tuple[tuple[int, str], ...]
    named: int | None
    keywords: Keywords
    file: str
    line: int
    kind: str = ""
    is_routed: bool = False


def views_of(state: State, found: Configuration) -> Iterator[View]:
    """Yield the views of all configurators and those that their scans find."""
    for config in found.prefixes:
        for call in calls_on(state, config, "add_view", *ERROR_VIEWS):
            keywords = call.keywords()
            for name, position in (("view", 0), ("name", 1), ("route_name", 5)):
                keywords.setdefault(name, call.values(position))
            yield from _views(state, call, keywords, _views_named(state, call), name=call.method)
    defaults = _defaults(state)
    for decorator in objects(state, [DECORATOR, *(f"pyramid.view.{name}" for name in ERRORS)]):
        made = making(state, decorator)
        assert made is not None  # objects are made
        for call in calls_on(state, decorator):
            if found.scans(state.program.modules[module_of(state, call.call.site)].name):
                keywords = made.keywords()
                yield from _views(state, made, keywords, call.values(0), name=made.name, defaults=defaults)


def _views_named(state: State, call: Call) -> frozenset[int]:
    values = set(call.values(0, "view"))
    for text in texts_of(state, values):
        values |= resolve(state, text, package_of(state, call.call.site))
    return frozenset(each for each in values if state.values.kinds[each] != MODULE)


def _defaults(state: State) -> dict[int, Keywords]:
    """Return class -> what `view_defaults` says of it."""
    found: dict[int, Keywords] = {}
    for decorator in objects(state, [DEFAULTS]):
        made = making(state, decorator)
        for call in calls_on(state, decorator):
            for value in call.values(0):
                if made is not None and state.values.kinds[value] == CLASS:
                    found[value] = made.keywords()
    return found


def _views(
    state: State,
    call: Call,
    keywords: Keywords,
    values: frozenset[int],
    *,
    name: str,
    defaults: dict[int, Keywords] | None = None,
) -> Iterator[View]:
    kind = "" if name in {"add_view", DECORATOR} else name.rpartition(".")[2]
    attribute = (texts_of(state, keywords.get("attr", ())) or [""])[0]
    for value in sorted(values):
        owner = _class_of_method(state, value)
        around = owner if owner is not None else value
        given = {**(defaults or {}).get(around, {}), **{key: held for key, held in keywords.items() if held}}
        functions, named = _functions(state, value, owner, attribute)
        if functions or state.values.kinds[value] in {FUNCTION, CLASS, DECORATED, BOUND, INSTANCE}:
            yield _view(state, call, given, functions, named, kind=kind)


def _view(
    state: State,
    call: Call,
    keywords: Keywords,
    functions: list[tuple[int, str]],
    named: int | None,
    *,
    kind: str,
) -> View:
    def text(name: str) -> str:
        return (texts_of(state, keywords.get(name, ())) or [""])[0]

    methods = tuple(sorted({each.upper() for each in elements_of(state, keywords.get("request_method", ()))}))
    return View(
        text("route_name"),
        text("name"),
        methods,
        tuple(functions),
        named,
        keywords,
        call.file,
        call.line,
        kind,
        call.is_meant(5 if call.method == "add_view" else None, "route_name"),
    )


def _functions(
    state: State, value: int, owner: int | None, attribute: str
) -> tuple[list[tuple[int, str]], int | None]:
    """Return what runs for a view with its roles, and what the user wrote of it."""
    if owner is not None:  # a method: the decorator stands on it
        receiver = state.values.make(INSTANCE, owner)
        original = written(state, value)
        name = state.program.scopes[state.values.parts[original][0]].name.rpartition(".")[2]
        return _of_instance(state, receiver, name, original)
    if state.values.kinds[value] == CLASS:
        receiver = state.values.make(INSTANCE, value)
        return _of_instance(state, receiver, attribute or "__call__", value)
    functions = [(each, "handler") for each in functions_of(state, value)]
    if attribute and state.values.kinds[value] == INSTANCE:
        functions = [(each, "handler") for each in members_of(state, value, attribute)]
    return functions, written(state, value)


def _of_instance(
    state: State, receiver: int, name: str, named: int
) -> tuple[list[tuple[int, str]], int | None]:
    first = [(each, "handler") for each in members_of(state, receiver, "__init__")]
    methods = [(each, "handler") for each in members_of(state, receiver, name)]
    if methods and state.values.kinds[named] == CLASS:
        named = written(state, methods[0][0])
    return [*first, *methods], named


def _class_of_method(state: State, value: int) -> int | None:
    """Return the class in whose body a decorated function stands, None for a plain function."""
    original = written(state, value)
    if state.values.kinds[original] != FUNCTION:
        return None
    parent = state.instances[state.values.parts[original][1]]
    return parent.class_value if parent.class_value != -1 else None
