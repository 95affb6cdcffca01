"""Elements: displays, subscripts, slices, unpacking, iteration, with."""

from __future__ import annotations

from collections.abc import Hashable

from bridge.analysis.solving.binding import call_method
from bridge.analysis.solving.state import ANY, KEYS, UNKNOWN_KEY, Arguments, Site, State
from bridge.analysis.solving.tracked import TRACKED_TABLES
from bridge.analysis.solving.values import CLASS, CONSTANT, CONTAINER, EXTERNAL, GENERIC, INSTANCE, OBJECT

__all__ = [
    "TRUTH",
    "ask",
    "copy_fields",
    "enter_context",
    "iterate",
    "iterate_value",
    "load_item",
    "make_dict",
    "make_sequence",
    "new_container",
    "next_of",
    "slice_of",
    "store_item",
    "unpack",
]


TRUTH = ("__bool__", "__len__")


def ask(state: State, site: Site, source: int, dunders: tuple[str, ...], target: int | None = None) -> None:
    """Call the first of `dunders` that whatever reaches `source` has: `len(x)` calls `x.__len__`."""
    if not any(name in state.program.defined_names or name in state.library.dunders for name in dunders):
        return

    def asked(value: int) -> None:
        if _extended(state, site, value, dunders[0]):
            return
        if state.values.kinds[value] == INSTANCE:
            any(call_method(state, site, value, name, target=target) for name in dunders)
        elif state.values.kinds[value] == EXTERNAL:
            for name in dunders:
                state.record_implicit(site, f"{state.values.parts[value][0]}.{name}")

    state.flow.watch(source, asked)


def _extended(state: State, site: Site, value: int, dunder: str) -> bool:
    extension = state.extension
    return (
        extension is not None
        and state.values.kinds[value] in {GENERIC, INSTANCE}
        and extension.ask(state, site, value, dunder)
    )


def new_container(state: State, kind: str, site: Site, part: Hashable = "") -> int:
    """Return the container that is made at `site`."""
    return state.values.make(CONTAINER, kind, (site.instance, site.key, part))


def make_sequence(
    state: State, site: Site, kind: str, items: list[int], stars: list[int], target: int
) -> None:
    """Put a list, tuple or set of `items` into `target`."""
    made = new_container(state, "list" if kind == "comprehension" else kind, site)
    exact = kind in {"list", "tuple"} and not stars
    for index, node in enumerate(items):
        key = state.values.constant(index) if exact else UNKNOWN_KEY
        state.flow.edge(node, state.field(made, key))
    for node in stars:
        iterate(state, site, node, state.field(made, UNKNOWN_KEY))
    if exact:
        state.lengths[made] = len(items)
    state.flow.add(target, (made,))


def make_dict(state: State, site: Site, pairs: list[tuple[int, int]], merged: list[int], target: int) -> None:
    """Put a dictionary into `target`; what stands behind ** keeps its keys."""
    made = new_container(state, "dict", site)
    state.flow.add(target, (made,))
    holder = state.holding(made)
    for key, node in pairs:
        store_item(state, site, holder, key, node)
    for node in merged:
        state.flow.watch(node, lambda value: copy_fields(state, value, made))


def copy_fields(state: State, source: int, target: int) -> None:
    """Let the container `target` hold what `source` holds, if that is a container, too."""
    if state.values.kinds[source] == CONTAINER:
        state.copy_keys(source, target)


def load_item(state: State, site: Site, source: int, key: int, target: int) -> None:
    """Let `target` hold `source[key]`."""

    def load(value: int) -> None:
        kind = state.values.kinds[value]
        if kind == CONTAINER:
            _load_element(state, value, key, target)
        elif _extended(state, site, value, "__getitem__") and state.extension is not None:
            state.extension.element(state, value, target)
        elif kind == INSTANCE:
            call_method(state, site, value, "__getitem__", Arguments((key,)), target)
        elif kind == EXTERNAL:
            _ask_external(state, site, value, "__getitem__", target)
        elif kind == CLASS:
            state.flow.add(target, (value,))  # a generic class

    state.flow.watch(source, load)


def _load_element(state: State, container: int, key: int, target: int) -> None:
    state.flow.edge(state.field(container, UNKNOWN_KEY), target)

    def load(value: int) -> None:
        exact = state.values.kinds[value] == CONSTANT
        state.flow.edge(state.field(container, _position(state, container, value) if exact else ANY), target)

    state.flow.watch(key, load)
    state.late.append(lambda: _give_up_key(state, key, state.field(container, ANY), target))


def _position(state: State, container: int, key: int) -> int:
    index = state.values.parts[key][1]
    if isinstance(index, int) and index < 0:
        length = state.lengths.get(container)
        return ANY if length is None else state.values.constant(length + index)
    return key


def _give_up_key(state: State, key: int, source: int, target: int) -> None:
    """Take every element where nothing is known of the key."""
    if not state.flow.holds[key]:
        state.flow.edge(source, target)


def store_item(state: State, site: Site, container: int, key: int, source: int) -> None:
    """Let the element `key` of whatever reaches `container` hold what `source` holds."""

    def store(value: int) -> None:
        kind = state.values.kinds[value]
        if kind == CONTAINER:
            _store_element(state, value, key, source)
        elif kind == INSTANCE:
            call_method(state, site, value, "__setitem__", Arguments((key, source)))
        elif kind == EXTERNAL:
            name = f"{state.values.parts[value][0]}.__setitem__"
            state.record_implicit(site, name)
            if name.rpartition(".")[0].endswith(TRACKED_TABLES):
                state.hand_out(site, state.values.external(name), Arguments((key, source)))

    state.flow.watch(container, store)


def _store_element(state: State, container: int, key: int, source: int) -> None:
    state.flow.edge(key, state.field(container, KEYS))

    def store(value: int) -> None:
        exact = state.values.kinds[value] == CONSTANT
        state.flow.edge(source, state.field(container, value if exact else UNKNOWN_KEY))

    state.flow.watch(key, store)
    state.late.append(lambda: _give_up_key(state, key, source, state.field(container, UNKNOWN_KEY)))


def slice_of(state: State, site: Site, source: int, low: int | None, high: int | None, target: int) -> None:
    """Put `source[low:high]` into `target`; `low` None: which elements is not known."""

    def cut(value: int) -> None:
        if state.values.kinds[value] != CONTAINER:
            state.flow.add(target, (value,))
            return
        made = new_container(state, "list", site)
        length = state.lengths.get(value)
        if length is None or low is None:
            state.flow.edge(state.field(value, ANY), state.field(made, UNKNOWN_KEY))
        else:
            _copy_range(state, value, made, range(length)[low:high])
        state.flow.add(target, (made,))

    state.flow.watch(source, cut)


def _copy_range(state: State, source: int, target: int, positions: range) -> None:
    for index, position in enumerate(positions):
        element = state.field(source, state.values.constant(position))
        state.flow.edge(element, state.field(target, state.values.constant(index)))
    state.flow.edge(state.field(source, UNKNOWN_KEY), state.field(target, UNKNOWN_KEY))


def unpack(state: State, site: Site, source: int, index: int, tail: int | None, target: int) -> None:
    """Put one element of `source` into `target`; with `tail` the list from `index` on, `tail` fewer."""

    def take(value: int) -> None:
        if state.values.kinds[value] != CONTAINER:
            iterate_value(state, site, value, target)
            return
        if tail is not None:
            slice_of(state, site, state.holding(value), index, -tail or None, target)
            return
        position = _position(state, value, state.values.constant(index))
        state.flow.edge(state.field(value, position), target)
        state.flow.edge(state.field(value, UNKNOWN_KEY), target)

    state.flow.watch(source, take)


def iterate(state: State, site: Site, source: int, target: int) -> None:
    """Put what a loop over `source` sees into `target`."""
    state.flow.watch(source, lambda value: iterate_value(state, site, value, target))


def iterate_value(state: State, site: Site, value: int, target: int) -> None:
    """Put what a loop over `value` sees into `target`."""
    kind = state.values.kinds[value]
    if (
        kind in {GENERIC, INSTANCE}
        and state.extension is not None
        and state.extension.iterate(state, site, value, target)
    ):
        return
    if kind == CONTAINER:
        keys = state.values.parts[value][0] == "dict"
        state.flow.edge(state.field(value, KEYS if keys else ANY), target)
    elif kind == EXTERNAL:
        _ask_external(state, site, value, "__iter__", target)
    elif kind == INSTANCE:
        iterator = state.flow.node()
        found = [call_method(state, site, value, name, target=iterator) for name in ("__iter__", "__aiter__")]
        if not any(found):
            call_method(state, site, value, "__getitem__", target=target)
        state.flow.watch(iterator, lambda each: next_of(state, site, each, target))


def next_of(state: State, site: Site, iterator: int, target: int) -> None:
    """Put what `next(iterator)` gives into `target`."""
    if state.values.kinds[iterator] == INSTANCE:
        for name in ("__next__", "__anext__"):
            call_method(state, site, iterator, name, target=target)
    else:
        iterate_value(state, site, iterator, target)


def enter_context(state: State, site: Site, source: int, target: int) -> None:
    """Run a context manager and put what `as` names into `target`."""

    def run(value: int) -> None:
        kind = state.values.kinds[value]
        if kind == INSTANCE:
            for name in ("__enter__", "__aenter__"):
                call_method(state, site, value, name, target=target)
            for name in ("__exit__", "__aexit__"):
                call_method(state, site, value, name)
        elif kind == CONTAINER:
            state.flow.edge(state.field(value, ANY), target)  # a generator behind contextmanager
        elif kind == EXTERNAL:
            _ask_external(state, site, value, "__enter__", target)
            state.record_implicit(site, f"{state.values.parts[value][0]}.__exit__")
        elif kind == OBJECT:
            state.flow.add(target, (value,))

    state.flow.watch(source, run)


ROWS = frozenset({"__iter__", "__getitem__"})  # what gives a part of the object, and not the object


def _ask_external(state: State, site: Site, value: int, dunder: str, target: int) -> None:
    """Put what an external object's `dunder` gives into `target`: the object itself where nothing is known.

    Not what comes of a query or a cursor when it is asked: a row that is unpacked asks nothing again.
    """
    name = f"{state.values.parts[value][0]}.{dunder}"
    state.record_implicit(site, name)
    asked = name if dunder in ROWS and name in state.library.implicit else None
    given = state.library.types.get(name, asked)
    state.flow.add(target, (value if given is None else state.values.external(given),))
