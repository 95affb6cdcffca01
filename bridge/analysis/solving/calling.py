"""Calls: which instance a call enters, what goes in, what comes out."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import partial
from types import MappingProxyType

from bridge.analysis.facts import FIRST_PARAMETER, RESULT, YIELDED, Scope
from bridge.analysis.solving.builtins import call_builtin
from bridge.analysis.solving.members import bind, call_method, find, order
from bridge.analysis.solving.methods import call_container_method
from bridge.analysis.solving.opcodes import expect
from bridge.analysis.solving.state import (
    ANY,
    DEEPEST_CONTEXT,
    NO_ARGUMENTS,
    UNKNOWN_KEY,
    Arguments,
    Site,
    State,
)
from bridge.analysis.solving.values import (
    BOUND,
    CLASS,
    CLASSWIDE,
    CONTAINER,
    DECORATED,
    EXTERNAL,
    FUNCTION,
    INSTANCE,
    METHOD,
    PARTIAL,
    STATIC,
)

__all__ = ["CALLABLE", "apply", "enter"]


def apply(state: State, site: Site, value: int, arguments: Arguments, target: int | None) -> None:
    """Call `value` at `site`; `target` receives the result (None: nobody wants it)."""
    handler = TABLE.get(state.values.kinds[value])
    if handler is not None:
        handler(state, site, value, arguments, state.flow.node() if target is None else target)


def _function(state: State, site: Site, value: int, arguments: Arguments, target: int) -> None:
    _enter(state, site, value, arguments, target, None)


def _bound(state: State, site: Site, value: int, arguments: Arguments, target: int) -> None:
    function, receiver = state.values.parts[value]
    arguments = arguments.after(state.holding(receiver))
    if state.values.kinds[function] == FUNCTION:
        _enter(state, site, function, arguments, target, receiver)
    else:
        apply(state, site, function, arguments, target)


def _enter(
    state: State, site: Site, function: int, arguments: Arguments, target: int, receiver: int | None
) -> None:
    instance = enter(state, function, site=site, receiver=receiver)
    state.record(site, instance)
    _pass_arguments(state, instance, arguments)
    _take_result(state, instance, target)


def enter(state: State, function: int, *, site: Site | None = None, receiver: int | None = None) -> int:
    """Return the instance that a call of `function` runs in; `site` None: an entry point."""
    scope, parent = state.values.parts[function]
    facts = state.program.scopes[scope]
    around = state.instances[parent]
    owner = None if receiver is None else state.class_of(receiver)
    context: tuple[Hashable, ...] | None = None
    depth = around.depth
    if owner is not None and around.class_value not in {-1, owner}:
        context = (owner,)
    if site is not None and (facts.is_wrapper or (facts.is_identity and site.decorates)):
        again = _around(state, site.instance, scope, parent)
        if again is not None:
            return again
        depth, place = _place(state, site, around.depth)
        context = (*(context or ()), place)
    instance = state.instance(scope, parent, context, depth=depth)
    if not state.instances[instance].is_called:
        state.instances[instance].is_called = True
        for register, node in state.defaults.get(function, ()):
            state.flow.edge(node, state.node(instance, register))
        for register, hint in state.hints.get(function, ()):
            state.late.append(partial(expect, state, state.node(instance, register), hint))
    return instance


def _around(state: State, instance: int, scope: int, parent: int) -> int | None:
    """Return the instance that calls itself, however deep inside: recursion opens no new context."""
    while instance != -1:
        each = state.instances[instance]
        if (each.scope, each.parent) == (scope, parent):
            return instance
        instance = each.parent
    return None


def _place(state: State, site: Site, depth: int) -> tuple[int, Hashable]:
    """Return a wrapper's depth and its call site: with the caller's own context as long as that is shallow."""
    caller = state.instances[site.instance]
    depth = max(depth, caller.depth) + 1
    if depth <= DEEPEST_CONTEXT:
        return depth, (site.instance, site.key)
    return DEEPEST_CONTEXT, ("scope", caller.scope, site.line)


def _pass_arguments(state: State, instance: int, arguments: Arguments) -> None:
    facts = state.program.scopes[state.instances[instance].scope]
    for index, node in enumerate(arguments.positional):
        _pass_positional(state, instance, facts, index, node)
    for name, node in arguments.keywords:
        _pass_keyword(state, instance, facts, name, node)
    if arguments.star is not None:
        first = len(arguments.positional)
        state.flow.watch(arguments.star, lambda value: _pass_star(state, instance, facts, first, value))
    if arguments.double_star is not None:
        state.flow.watch(
            arguments.double_star, lambda value: _pass_double_star(state, instance, facts, value)
        )


def _pass_positional(state: State, instance: int, facts: Scope, index: int, node: int) -> None:
    parameters = facts.parameters
    if index < len(parameters.positional):
        state.flow.edge(node, state.node(instance, FIRST_PARAMETER + index))
    elif parameters.variadic is not None:
        rest = state.values.make(CONTAINER, "tuple", ("*", instance))
        state.flow.add(state.node(instance, parameters.variadic), (rest,))
        position = state.values.constant(index - len(parameters.positional))
        state.flow.edge(node, state.field(rest, position))


def _pass_keyword(state: State, instance: int, facts: Scope, name: str, node: int) -> None:
    register = facts.parameters.register(name)
    if register is not None:
        state.flow.edge(node, state.node(instance, register))
    elif facts.parameters.keywords is not None:
        rest = state.values.make(CONTAINER, "dict", ("**", instance))
        state.flow.add(state.node(instance, facts.parameters.keywords), (rest,))
        state.flow.edge(node, state.field(rest, state.values.constant(name)))


def _pass_star(state: State, instance: int, facts: Scope, first: int, value: int) -> None:
    if state.values.kinds[value] != CONTAINER:
        return
    count = len(facts.parameters.positional)
    for index in range(first, count):
        position = state.values.constant(index - first)
        _pass_positional(state, instance, facts, index, state.field(value, position))
        _pass_positional(state, instance, facts, index, state.field(value, UNKNOWN_KEY))
    if facts.parameters.variadic is not None:
        rest = state.values.make(CONTAINER, "tuple", ("*", instance))
        state.flow.add(state.node(instance, facts.parameters.variadic), (rest,))
        if first >= count:
            _copy_positions(state, value, rest, first - count)
        else:
            state.flow.edge(state.field(value, ANY), state.field(rest, UNKNOWN_KEY))


def _copy_positions(state: State, source: int, target: int, shift: int) -> None:
    """Keep apart the first few positions of arguments handed on by `*args`."""
    for index in range(6):  # more than six positional arguments are rare, and only lose their order
        position = state.field(source, state.values.constant(index))
        state.flow.edge(position, state.field(target, state.values.constant(index + shift)))
    state.flow.edge(state.field(source, UNKNOWN_KEY), state.field(target, UNKNOWN_KEY))


def _pass_double_star(state: State, instance: int, facts: Scope, value: int) -> None:
    if state.values.kinds[value] != CONTAINER:
        return
    parameters = facts.parameters
    names = (*parameters.positional, *parameters.keyword_only)
    for register, name in enumerate(names, FIRST_PARAMETER):
        node = state.node(instance, register)
        state.flow.edge(state.field(value, state.values.constant(name)), node)
        state.flow.edge(state.field(value, UNKNOWN_KEY), node)
    if parameters.keywords is not None:
        state.flow.add(state.node(instance, parameters.keywords), (value,))


def _take_result(state: State, instance: int, target: int) -> None:
    facts = state.program.scopes[state.instances[instance].scope]
    if facts.is_generator:
        made = state.values.make(CONTAINER, "generator", ("yield", instance))
        state.flow.edge(state.node(instance, YIELDED), state.field(made, UNKNOWN_KEY))
        state.flow.edge(state.node(instance, RESULT), state.field(made, "result"))
        state.flow.add(target, (made,))
    else:
        state.flow.edge(state.node(instance, RESULT), target)


def _class(state: State, site: Site, value: int, arguments: Arguments, target: int) -> None:
    made = state.values.make(INSTANCE, value)
    state.flow.add(target, (made,))
    _construct(state, site, value, arguments, target)
    nodes, external = find(state, value, "__init__")
    for node in nodes:
        bound = state.flow.node()
        state.flow.watch(node, lambda each, bound=bound: bind(state, site, each, made, bound))  # type: ignore[misc] # a default binds the loop's variable
        state.flow.watch(bound, lambda each: apply(state, site, each, arguments, None))
    if external is not None and not external.startswith("<builtin>."):
        state.record_external(site, external)
    if not nodes or external is not None:
        _fill_fields(state, value, made, arguments)


def _construct(state: State, site: Site, value: int, arguments: Arguments, target: int) -> None:
    """Call `__new__`, a static method in all but its spelling."""
    nodes = find(state, value, "__new__")[0] if "__new__" in state.program.defined_names else []
    with_class = arguments.after(state.holding(value))
    for node in nodes:
        state.flow.watch(node, lambda each: apply(state, site, each, with_class, target))


def _fill_fields(state: State, value: int, made: int, arguments: Arguments) -> None:
    """Put the arguments of a dataclass, a NamedTuple, or a model of an external base into its attributes."""
    names: list[str] = []
    for each in reversed(order(state, value)):
        if each in state.classes:
            scope = state.instances[state.classes[each].instance].scope
            names.extend(name for name in state.program.scopes[scope].annotated if name not in names)
    for name, node in (*zip(names, arguments.positional, strict=False), *arguments.keywords):
        if name in state.program.stored_names:
            state.flow.edge(node, state.field(made, name))


def _instance(state: State, site: Site, value: int, arguments: Arguments, target: int) -> None:
    if not call_method(state, site, value, "__call__", arguments, target):
        owner = state.class_of(value)
        external = None if owner is None else find(state, owner, "__call__")[1]
        if external is not None:
            state.record_external(site, external)


def _external(state: State, site: Site, value: int, arguments: Arguments, target: int) -> None:
    name = state.values.parts[value][0]
    if not (site.decorates and name in DESCRIPTORS):
        state.record_external(site, name)
    if call_builtin(state, site, name, arguments, target):
        return
    if arguments != NO_ARGUMENTS:
        state.handed_out.setdefault(site, (set(), arguments))[0].add(value)
    if site.decorates and arguments.positional:
        state.flow.watch(arguments.positional[0], lambda each: _decorate(state, each, name, target))
    else:
        state.flow.add(target, (_result_of(state, value, name),))


def _result_of(state: State, value: int, name: str) -> int:
    """Return what an external call gives: its own name, but for builtins whose type is known."""
    if not name.startswith("<builtin>."):
        return value
    function = name.removeprefix("<builtin>.")
    kind = RESULTS.get(function.removeprefix("str.").removeprefix("bytes."), function)
    return state.values.external(f"<builtin>.{kind}")


def _decorate(state: State, value: int, name: str, target: int) -> None:
    """Trust that an external decorator gives back what it decorates, under the decorator's attributes."""
    if state.values.kinds[value] in {FUNCTION, BOUND}:
        state.flow.add(target, (state.values.make(DECORATED, value, name),))
    else:
        state.flow.add(target, (value,))


def _partial(state: State, site: Site, value: int, arguments: Arguments, target: int) -> None:
    place = (site.instance, site.key, value, target)
    if place in state.unwrapped:
        return  # `f = partial(f, x)` in a loop: a partial of itself
    state.unwrapped.add(place)
    function, first = state.partials[value]
    combined = Arguments(
        (*first.positional, *arguments.positional),
        (*first.keywords, *arguments.keywords),
        arguments.star if first.star is None else first.star,
        arguments.double_star if first.double_star is None else first.double_star,
    )
    state.flow.watch(function, lambda each: apply(state, site, each, combined, target))


def _wrapped(state: State, site: Site, value: int, arguments: Arguments, target: int) -> None:
    apply(state, site, state.values.parts[value][0], arguments, target)


TABLE: MappingProxyType[int, Callable[[State, Site, int, Arguments, int], None]] = MappingProxyType(
    {
        FUNCTION: _function,
        BOUND: _bound,
        CLASS: _class,
        INSTANCE: _instance,
        EXTERNAL: _external,
        METHOD: call_container_method,
        PARTIAL: _partial,
        DECORATED: _wrapped,
        STATIC: _wrapped,
        CLASSWIDE: _wrapped,
    }
)

# As decorators they declare how a method is bound: nobody reads that as a call.
DESCRIPTORS = frozenset({"<builtin>.property", "<builtin>.staticmethod", "<builtin>.classmethod"})

RESULTS: MappingProxyType[str, str] = MappingProxyType(
    {
        **dict.fromkeys(
            [
                "strip",
                "lstrip",
                "rstrip",
                "lower",
                "upper",
                "title",
                "capitalize",
                "casefold",
                "swapcase",
                "center",
                "format",
                "join",
                "replace",
                "zfill",
                "ljust",
                "rjust",
                "expandtabs",
                "translate",
                "removeprefix",
                "removesuffix",
                "decode",
                "input",
                "chr",
                "hex",
                "oct",
                "bin",
                "ascii",
            ],
            "str",
        ),
        **dict.fromkeys(("split", "rsplit", "splitlines", "partition", "rpartition", "dir"), "str"),
        "encode": "bytes",
        **dict.fromkeys(
            [
                "startswith",
                "endswith",
                "isdigit",
                "isalpha",
                "isalnum",
                "isspace",
                "isupper",
                "islower",
                "isidentifier",
                "isinstance",
                "issubclass",
                "callable",
                "hasattr",
                "any",
                "all",
            ],
            "bool",
        ),
        **dict.fromkeys(("find", "rfind", "index", "rindex", "count", "ord", "id", "round", "pow"), "int"),
    }
)

CALLABLE = frozenset({FUNCTION, BOUND, PARTIAL, DECORATED})
