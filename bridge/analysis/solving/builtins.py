"""What builtins and a little of the standard library do with the functions and objects they are given."""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType

from bridge.analysis.solving.containers import (
    ask,
    copy_fields,
    iterate,
    iterate_value,
    new_container,
    next_of,
)
from bridge.analysis.solving.members import load, store
from bridge.analysis.solving.methods import call_with, update_from
from bridge.analysis.solving.state import KEYS, UNKNOWN_KEY, Arguments, Site, State
from bridge.analysis.solving.values import (
    CLASS,
    CLASSWIDE,
    CONSTANT,
    CONTAINER,
    PARTIAL,
    PROPERTY,
    STATIC,
    SUPER,
)

__all__ = ["call_builtin"]

Model = Callable[[State, Site, Arguments, int], None]


def call_builtin(state: State, site: Site, name: str, arguments: Arguments, target: int) -> bool:
    """Do what the external function `name` does; return whether it is known here."""
    model = MODELS.get(name)
    if model is None:
        return False
    model(state, site, arguments, target)
    return True


def _map(state: State, site: Site, arguments: Arguments, target: int) -> None:
    """Call every function among the arguments with elements of the others."""
    made = new_container(state, "list", site)
    state.flow.add(target, (made,))
    elements = state.flow.node()
    nodes = (*arguments.positional, *(node for name, node in arguments.keywords if name == "key"))
    for node in nodes:
        iterate(state, site, node, elements)
        call_with(state, site, node, (elements, elements), state.field(made, UNKNOWN_KEY))


def _choosing(kind: str) -> Model:
    """Return the model of sorted, filter, set...: elements go in, the same elements come out."""

    def choose(state: State, site: Site, arguments: Arguments, target: int) -> None:
        made = new_container(state, kind, site)
        elements = state.field(made, UNKNOWN_KEY)
        for node in arguments.positional:
            iterate(state, site, node, elements)
            call_with(state, site, node, (elements,), None)
        for name, node in arguments.keywords:
            if name == "key":
                call_with(state, site, node, (elements,), None)
        state.flow.add(target, (made,))

    return choose


def _copying(kind: str) -> Model:
    """Return the model of list, tuple, iter...: a new container, its positions kept."""

    def copy(state: State, site: Site, arguments: Arguments, target: int) -> None:
        made = new_container(state, kind, site)
        for node in arguments.positional[:1]:
            state.flow.watch(node, lambda value: _copy_value(state, site, value, made))
        state.flow.add(target, (made,))

    return copy


def _copy_value(state: State, site: Site, value: int, made: int) -> None:
    if state.values.kinds[value] == CONTAINER and state.values.parts[value][0] != "dict":
        copy_fields(state, value, made)
    iterate_value(state, site, value, state.field(made, UNKNOWN_KEY))


def _pick(state: State, site: Site, arguments: Arguments, target: int) -> None:
    """min and max: one element, or one argument."""
    if len(arguments.positional) == 1:
        iterate(state, site, arguments.positional[0], target)
    for node in arguments.positional[:: 1 if len(arguments.positional) > 1 else 2]:
        if len(arguments.positional) > 1:
            state.flow.edge(node, target)
    for name, node in arguments.keywords:
        if name == "key":
            call_with(state, site, node, (target,), None)


def _reduce(state: State, site: Site, arguments: Arguments, target: int) -> None:
    if len(arguments.positional) < 2:
        return
    for node in arguments.positional[2:]:
        state.flow.edge(node, target)
    iterate(state, site, arguments.positional[1], target)
    call_with(state, site, arguments.positional[0], (target, target), target)


def _zip(state: State, site: Site, arguments: Arguments, target: int) -> None:
    _tuples(state, site, list(arguments.positional), target, first=0)


def _enumerate(state: State, site: Site, arguments: Arguments, target: int) -> None:
    _tuples(state, site, list(arguments.positional[:1]), target, first=1)


def _tuples(state: State, site: Site, sources: list[int], target: int, *, first: int) -> None:
    made = new_container(state, "list", site)
    row = new_container(state, "tuple", site, "row")
    for index, node in enumerate(sources, first):
        iterate(state, site, node, state.field(row, state.values.constant(index)))
    state.lengths[row] = first + len(sources)
    state.flow.add(state.field(made, UNKNOWN_KEY), (row,))
    state.flow.add(target, (made,))


def _dict(state: State, site: Site, arguments: Arguments, target: int) -> None:
    made = new_container(state, "dict", site)
    for name, node in arguments.keywords:
        key = state.values.constant(name)
        state.flow.edge(node, state.field(made, key))
        state.flow.add(state.field(made, KEYS), (key,))
    for node in arguments.positional[:1]:
        update_from(state, site, made, node)
    state.flow.add(target, (made,))


def _default_dict(state: State, site: Site, arguments: Arguments, target: int) -> None:
    """A dictionary whose elements are, among others, what the first argument makes."""
    _dict(state, site, arguments._replace(positional=arguments.positional[1:]), target)
    made = new_container(state, "dict", site)
    for node in arguments.positional[:1]:
        call_with(state, site, node, (), state.field(made, UNKNOWN_KEY))


def _next(state: State, site: Site, arguments: Arguments, target: int) -> None:
    for node in arguments.positional[:1]:
        state.flow.watch(node, lambda value: next_of(state, site, value, target))
    for node in arguments.positional[1:]:
        state.flow.edge(node, target)


def _getattr(state: State, site: Site, arguments: Arguments, target: int) -> None:
    if len(arguments.positional) < 2:
        return
    source, name, *default = arguments.positional

    def named(value: int) -> None:
        if state.values.kinds[value] == CONSTANT:
            load(state, site, source, str(state.values.parts[value][1]), target)

    state.flow.watch(name, named)
    for node in default:
        state.flow.edge(node, target)


def _hasattr(state: State, site: Site, arguments: Arguments, target: int) -> None:
    """Read the attribute: a lazy one is loaded by the question."""
    _getattr(state, site, arguments._replace(positional=arguments.positional[:2]), state.flow.node())
    state.flow.add(target, (state.values.external("<builtin>.bool"),))


def _setattr(state: State, site: Site, arguments: Arguments, target: int) -> None:
    del target  # setattr returns None
    if len(arguments.positional) != 3:
        return
    receiver, name, source = arguments.positional

    def named(value: int) -> None:
        if state.values.kinds[value] == CONSTANT:
            attribute = str(state.values.parts[value][1])
            if attribute in state.program.stored_names:
                store(state, site, receiver, attribute, source)

    state.flow.watch(name, named)


def _super(state: State, site: Site, arguments: Arguments, target: int) -> None:
    del site
    if len(arguments.positional) < 2:
        return
    owner_node, receiver_node = arguments.positional[:2]

    def paired(owner: int) -> None:
        def put(receiver: int) -> None:
            if state.class_of(receiver) is not None:
                state.flow.add(target, (state.values.make(SUPER, owner, receiver),))

        if state.values.kinds[owner] == CLASS:
            state.flow.watch(receiver_node, put)

    state.flow.watch(owner_node, paired)


def _type(state: State, site: Site, arguments: Arguments, target: int) -> None:
    del site

    def put(value: int) -> None:
        owner = state.class_of(value)
        if owner is not None:
            state.flow.add(target, (owner,))

    if len(arguments.positional) == 1:
        state.flow.watch(arguments.positional[0], put)


def _wrapping(kind: int) -> Model:
    """Return the model of a decorator that makes a descriptor of a function."""

    def wrap(state: State, site: Site, arguments: Arguments, target: int) -> None:
        def put(value: int) -> None:
            wrapped = value if state.values.kinds[value] == kind else state.values.make(kind, value)
            state.flow.add(target, (wrapped,))

        for node in arguments.positional[:1]:
            state.flow.watch(node, put)

    return wrap


def _partial(state: State, site: Site, arguments: Arguments, target: int) -> None:
    if not arguments.positional:
        return
    made = state.values.make(PARTIAL, (site.instance, site.key))
    state.partials[made] = (
        arguments.positional[0],
        arguments._replace(positional=arguments.positional[1:]),
    )
    state.flow.add(target, (made,))


def _wraps(state: State, site: Site, arguments: Arguments, target: int) -> None:
    """functools.wraps(f) is a decorator that gives back what it decorates."""
    del site, arguments
    state.flow.add(target, (state.values.external("functools.update_wrapper"),))


def _same(state: State, site: Site, arguments: Arguments, target: int) -> None:
    del site
    for node in arguments.positional[:1]:
        state.flow.edge(node, target)


def _dunder(*names: str) -> Model:
    """Return the model of a builtin that asks its argument: len(x) calls x.__len__."""

    def call(state: State, site: Site, arguments: Arguments, target: int) -> None:
        for node in arguments.positional:
            ask(state, site, node, names, target)

    return call


def _text(state: State, site: Site, arguments: Arguments, target: int) -> None:
    _dunder("__str__", "__repr__")(state, site, arguments, state.flow.node())
    state.flow.add(target, (state.values.external("<builtin>.str"),))


MODELS: MappingProxyType[str, Model] = MappingProxyType(
    {
        "<builtin>.map": _map,
        **dict.fromkeys(("<builtin>.sorted", "<builtin>.filter"), _choosing("list")),
        **{f"<builtin>.{kind}": _choosing(kind) for kind in ("set", "frozenset")},
        **{f"<builtin>.{kind}": _copying(kind) for kind in ("list", "tuple")},
        **dict.fromkeys(("<builtin>.iter", "<builtin>.aiter", "<builtin>.reversed"), _copying("list")),
        "collections.deque": _copying("deque"),
        "collections.defaultdict": _default_dict,
        "<builtin>.min": _pick,
        "<builtin>.max": _pick,
        "functools.reduce": _reduce,
        "<builtin>.zip": _zip,
        "<builtin>.enumerate": _enumerate,
        "<builtin>.dict": _dict,
        "collections.OrderedDict": _dict,
        "<builtin>.next": _next,
        "<builtin>.anext": _next,
        "<builtin>.getattr": _getattr,
        "<builtin>.hasattr": _hasattr,
        "<builtin>.setattr": _setattr,
        "<builtin>.super": _super,
        "<builtin>.type": _type,
        "<builtin>.property": _wrapping(PROPERTY),
        "functools.cached_property": _wrapping(PROPERTY),
        "<builtin>.staticmethod": _wrapping(STATIC),
        "<builtin>.classmethod": _wrapping(CLASSWIDE),
        "functools.partial": _partial,
        "functools.partialmethod": _partial,
        "functools.wraps": _wraps,
        "functools.update_wrapper": _same,
        "copy.copy": _same,
        "asgiref.sync.async_to_sync": _same,
        "flask.stream_with_context": _same,
        "flask.copy_current_request_context": _same,
        "copy.deepcopy": _same,
        "typing.cast": lambda state, site, arguments, target: _same(
            state, site, arguments._replace(positional=arguments.positional[1:]), target
        ),
        "<builtin>.str": _text,
        "<builtin>.print": _text,
        "<builtin>.repr": _dunder("__repr__"),
        "<builtin>.len": _dunder("__len__"),
        "<builtin>.bool": _dunder("__bool__", "__len__"),
        "<builtin>.hash": _dunder("__hash__"),
        "<builtin>.int": _dunder("__int__", "__index__"),
        "<builtin>.float": _dunder("__float__"),
        "<builtin>.abs": _dunder("__abs__"),
        "<builtin>.format": _dunder("__format__"),
        "<builtin>.sum": _pick,
    }
)
