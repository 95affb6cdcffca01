"""What the methods of lists, dictionaries and generators do, and a property's decorators."""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType

from bridge.analysis.solving.containers import (
    copy_fields,
    iterate,
    iterate_value,
    load_item,
    new_container,
    store_item,
)
from bridge.analysis.solving.state import ANY, KEYS, UNKNOWN_KEY, Arguments, Site, State
from bridge.analysis.solving.texts import call_text_method
from bridge.analysis.solving.values import (
    BOUND,
    CLASS,
    CONSTANT,
    CONTAINER,
    DECORATED,
    FUNCTION,
    PARTIAL,
    PROPERTY,
)

__all__ = ["call_container_method", "call_with", "update_from"]

CALLED = frozenset({FUNCTION, BOUND, PARTIAL, DECORATED, CLASS})


def call_container_method(state: State, site: Site, value: int, arguments: Arguments, target: int) -> None:
    """Call a method of a list, dictionary, generator..., or one of a property's decorators."""
    container, name = state.values.parts[value]
    if state.values.kinds[container] == PROPERTY:
        _extend_property(state, container, name, arguments, target)
        return
    state.record_external(site, f"<builtin>.{state.values.parts[container][0]}.{name}")
    if state.values.kinds[container] == CONSTANT:
        call_text_method(state, site, state.values.parts[container][1], name, arguments, target)
        return
    method = METHODS.get(name)
    if method is not None:
        method(state, site, container, arguments, target)


def _extend_property(state: State, value: int, name: str, arguments: Arguments, target: int) -> None:
    state.flow.add(target, (value,))
    for node in arguments.positional[:1]:
        state.flow.edge(node, state.field(value, name))


def _append(state: State, site: Site, container: int, arguments: Arguments, target: int) -> None:
    del site, target
    for node in arguments.positional[-1:]:
        state.flow.edge(node, state.field(container, UNKNOWN_KEY))


def _extend(state: State, site: Site, container: int, arguments: Arguments, target: int) -> None:
    del target
    for node in arguments.positional[:1]:
        if state.values.parts[container][0] == "dict":
            update_from(state, site, container, node)
        else:
            iterate(state, site, node, state.field(container, UNKNOWN_KEY))
    for name, node in arguments.keywords:
        state.flow.edge(node, state.field(container, state.values.constant(name)))


def _get(state: State, site: Site, container: int, arguments: Arguments, target: int) -> None:
    if arguments.positional:
        load_item(state, site, state.holding(container), arguments.positional[0], target)
    else:
        state.flow.edge(state.field(container, ANY), target)
    for node in arguments.positional[1:]:
        state.flow.edge(node, target)


def _set_default(state: State, site: Site, container: int, arguments: Arguments, target: int) -> None:
    _get(state, site, container, arguments, target)
    if len(arguments.positional) == 2:
        store_item(state, site, state.holding(container), *arguments.positional)


def _values(state: State, site: Site, container: int, arguments: Arguments, target: int) -> None:
    del arguments
    made = new_container(state, "list", site)
    state.flow.edge(state.field(container, ANY), state.field(made, UNKNOWN_KEY))
    state.flow.add(target, (made,))


def _keys(state: State, site: Site, container: int, arguments: Arguments, target: int) -> None:
    del arguments
    made = new_container(state, "list", site)
    state.flow.edge(state.field(container, KEYS), state.field(made, UNKNOWN_KEY))
    state.flow.add(target, (made,))


def _items(state: State, site: Site, container: int, arguments: Arguments, target: int) -> None:
    del arguments
    made = new_container(state, "list", site)
    row = new_container(state, "tuple", site, "row")
    state.flow.edge(state.field(container, KEYS), state.field(row, state.values.constant(0)))
    state.flow.edge(state.field(container, ANY), state.field(row, state.values.constant(1)))
    state.lengths[row] = 2
    state.flow.add(state.field(made, UNKNOWN_KEY), (row,))
    state.flow.add(target, (made,))


def _itself(state: State, site: Site, container: int, arguments: Arguments, target: int) -> None:
    del site, arguments
    state.flow.add(target, (container,))


def _sort(state: State, site: Site, container: int, arguments: Arguments, target: int) -> None:
    del target
    for name, node in arguments.keywords:
        if name == "key":
            call_with(state, site, node, (state.field(container, ANY),), None)


def call_with(state: State, site: Site, node: int, arguments: tuple[int, ...], target: int | None) -> None:
    """Call every function that reaches `node`."""

    def call(value: int) -> None:
        if state.values.kinds[value] in CALLED:
            state.apply(state, site, value, Arguments(arguments), target)

    state.flow.watch(node, call)


def update_from(state: State, site: Site, made: int, source: int) -> None:
    """Take over a dictionary, or pairs of key and element."""

    def update(value: int) -> None:
        if state.values.kinds[value] == CONTAINER and state.values.parts[value][0] != "dict":
            row = state.flow.node()
            iterate_value(state, site, value, row)
            load_item(
                state, site, row, state.holding(state.values.constant(1)), state.field(made, UNKNOWN_KEY)
            )
        else:
            copy_fields(state, value, made)

    state.flow.watch(source, update)


METHODS: MappingProxyType[str, Callable[[State, Site, int, Arguments, int], None]] = MappingProxyType(
    {
        **dict.fromkeys(("append", "appendleft", "add", "insert"), _append),
        **dict.fromkeys(("extend", "update"), _extend),
        **dict.fromkeys(("get", "pop", "popleft", "popitem", "__next__", "__anext__", "__getitem__"), _get),
        "setdefault": _set_default,
        "values": _values,
        "keys": _keys,
        "items": _items,
        **dict.fromkeys(("copy", "__iter__", "__aiter__", "union"), _itself),
        "sort": _sort,
    }
)
