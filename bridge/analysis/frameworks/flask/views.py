"""What a rule leads to: functions, and classes with a method for each HTTP method."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bridge.analysis.frameworks.calls import elements_of
from bridge.analysis.frameworks.classes import (
    attribute,
    decorated_by,
    external_bases,
    instance_of,
    verbs_of,
)
from bridge.analysis.frameworks.roots import functions_of, members_of, place_of
from bridge.analysis.frameworks.written import written
from bridge.analysis.solving.state import Site, State
from bridge.analysis.solving.values import BOUND, CLASS, DECORATED, EXTERNAL, FUNCTION, MEMBER, OBJECT

__all__ = ["Handler", "handlers", "view_class"]

METHOD_VIEWS = ("MethodView", "Resource", "MethodResource", "BaseResource")  # they dispatch by HTTP method


@dataclass(frozen=True, slots=True)
class Handler:
    """What serves some methods of a rule. `methods` None: what the rule says; `values` are (value, role)."""

    methods: tuple[str, ...] | None
    symbol: str
    file: str
    line: int
    values: tuple[tuple[int, str], ...]
    is_async: bool = False


def handlers(state: State, site: Site, views: Iterable[int]) -> Iterator[Handler]:
    """Yield the handlers behind `views`, the values of a view argument; several for a class, none if unknown.

    `site` is where the view is registered: decorators that a class names in a list are applied there.
    """
    found: dict[str, Handler] = {}
    for value in sorted(views):
        for handler in _handlers_of(state, site, value):
            found.setdefault(f"{handler.methods} {handler.symbol}", handler)
    own = [each for each in found.values() if each.file]
    yield from own or found.values()  # what a library makes of the project's function is not the view


def _handlers_of(state: State, site: Site, value: int) -> Iterator[Handler]:
    owner = view_class(state, value)
    functions = list(functions_of(state, value))
    if owner is not None:
        around = [(each, "decorator") for each in functions]
        yield from _class_handlers(state, site, value, owner, around)
    elif functions:
        yield _function_handler(state, value, functions)
    elif state.values.kinds[value] == EXTERNAL:
        name = str(state.values.parts[value][0])
        if not name.startswith("<builtin>."):
            yield Handler(None, name, "", 0, ())


def _function_handler(state: State, value: int, functions: list[int]) -> Handler:
    original = written(state, value)
    named = original if state.values.kinds[original] in {FUNCTION, BOUND, CLASS} else functions[0]
    symbol, file, line = place_of(state, named)
    methods = tuple(elements_of(state, _own_methods(state, value))) or None
    return Handler(
        methods, symbol, file, line, tuple((each, "handler") for each in functions), _is_async(state, named)
    )


def _own_methods(state: State, value: int) -> frozenset[int]:
    """Return what `view.methods = [...]` put there."""
    known = state.fields.get((value, "methods"))
    return frozenset() if known is None else frozenset(state.flow.holds[known])


def _is_async(state: State, value: int) -> bool:
    if state.values.kinds[value] == BOUND:
        value = state.values.parts[value][0]
    return (
        state.values.kinds[value] == FUNCTION and state.program.scopes[state.values.parts[value][0]].is_async
    )


def view_class(state: State, value: int) -> int | None:
    """Return the class behind a view: itself, what `as_view` was called on, also below decorators."""
    kind, parts = state.values.kinds[value], state.values.parts[value]
    if kind == CLASS:
        return value
    if kind == DECORATED:
        return view_class(state, parts[0])
    if kind == OBJECT and str(parts[0]).endswith(".as_view"):
        maker = parts[3]
        return int(state.values.parts[maker][0]) if state.values.kinds[maker] == MEMBER else None
    if kind == FUNCTION:
        return _class_called_in(state, value)
    return None


def _class_called_in(state: State, function: int) -> int | None:
    """Return the class whose `as_view()` the function calls: a decorator around a class-based view."""
    owner = _as_view_callers(state).get(state.values.parts[function])
    return None if owner is None else view_class(state, owner)


def _as_view_callers(state: State) -> dict[tuple[int, int], int]:
    """Return (scope, instance around) of each function that calls an `as_view()` -> the first one that it calls."""
    known, size = state.memo.get("as_view callers", ({}, -1))
    found: dict[tuple[int, int], int] = known
    if size != len(state.object_calls):
        found = {}
        for owner, calls in state.object_calls.items():
            if state.values.kinds[owner] == OBJECT and str(state.values.parts[owner][0]).endswith(".as_view"):
                for call in calls:
                    caller = state.instances[call.site.instance]
                    found.setdefault((caller.scope, caller.parent), owner)
        state.memo["as_view callers"] = found, len(state.object_calls)
    return found


def _class_handlers(
    state: State, site: Site, value: int, owner: int, around: list[tuple[int, str]]
) -> Iterator[Handler]:
    receiver = instance_of(state, owner)
    lists = attribute(state, owner, "decorators")
    around = [*around, *_decorators(state, site._replace(key=(site.key, owner)), lists, [value])]
    around += [(each, "handler") for each in members_of(state, receiver, "__init__")]
    dispatch = [(each, "dispatch") for each in members_of(state, receiver, "dispatch_request")]
    verbs = list(verbs_of(state, receiver)) if _dispatches(state, owner) else []
    shown = [each for each in verbs if each[0] not in {"HEAD", "OPTIONS"}] or verbs
    for method, functions in shown:
        apart = site._replace(key=(site.key, owner, method))  # or each method's wrapper would run all of them
        extra = _decorators(state, apart, attribute(state, owner, "method_decorators"), functions)
        yield _method_handler(state, (method,), functions, [*around, *dispatch, *extra])
    if not verbs and dispatch:
        methods = tuple(elements_of(state, attribute(state, owner, "methods"))) or None
        yield _method_handler(state, methods, [each for each, _ in dispatch], around)


def _method_handler(
    state: State, methods: tuple[str, ...] | None, functions: list[int], before: list[tuple[int, str]]
) -> Handler:
    original = written(state, functions[0])
    symbol, file, line = place_of(state, original)
    values = (*before, *((each, "handler") for each in functions))
    return Handler(methods, symbol, file, line, values, _is_async(state, original))


def _dispatches(state: State, owner: int) -> bool:
    """Return whether the class has a method for each HTTP method, and not one for all."""
    return any(name.rpartition(".")[2] in METHOD_VIEWS for name in external_bases(state, owner)) or not list(
        members_of(state, instance_of(state, owner), "dispatch_request")
    )


def _decorators(state: State, site: Site, lists: frozenset[int], inner: list[int]) -> list[tuple[int, str]]:
    made = decorated_by(state, site, lists, inner)
    functions = dict.fromkeys(each for value in made for each in functions_of(state, value))
    return [(each, "decorator") for each in functions if each not in inner]
