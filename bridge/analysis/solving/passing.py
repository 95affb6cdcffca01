"""Arguments -> parameters: by position, by name, and behind stars."""

from __future__ import annotations

from bridge.analysis.facts import FIRST_PARAMETER, Scope
from bridge.analysis.solving.state import ANY, UNKNOWN_KEY, Arguments, State
from bridge.analysis.solving.values import CONTAINER

__all__ = ["pass_arguments", "pass_positional", "split"]


def pass_arguments(state: State, instance: int, arguments: Arguments) -> None:
    """Let the parameters of a function's `instance` hold what a call gives."""
    facts = state.program.scopes[state.instances[instance].scope]
    for index, node in enumerate(arguments.positional):
        pass_positional(state, instance, index, node)
    for name, node in arguments.keywords:
        _pass_keyword(state, instance, facts, name, node)
    if arguments.star is not None:
        first = len(arguments.positional)
        state.flow.watch(arguments.star, lambda value: _pass_star(state, instance, facts, first, value))
    if arguments.double_star is not None:
        state.flow.watch(
            arguments.double_star, lambda value: _pass_double_star(state, instance, facts, value)
        )


def pass_positional(state: State, instance: int, index: int, node: int) -> None:
    """Let what the argument `index` becomes hold what `node` holds: a parameter, or an element of `*args`."""
    parameters = state.program.scopes[state.instances[instance].scope].parameters
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
        pass_positional(state, instance, index, state.field(value, position))
        pass_positional(state, instance, index, state.field(value, UNKNOWN_KEY))
    if facts.parameters.variadic is not None:
        rest = state.values.make(CONTAINER, "tuple", ("*", instance))
        state.flow.add(state.node(instance, facts.parameters.variadic), (rest,))
        if first >= count:
            _copy_positions(state, value, rest, first - count)
        else:
            state.flow.edge(state.field(value, ANY), state.field(rest, UNKNOWN_KEY))


def split(state: State, value: int, first: int, rest: int) -> None:
    """Put the first element of the container `value` into `first`, and a tuple of the others into `rest`."""
    if state.values.kinds[value] == CONTAINER:
        others = state.values.make(CONTAINER, "tuple", ("behind", value))
        state.flow.edge(state.field(value, state.values.constant(0)), first)
        state.flow.edge(state.field(value, UNKNOWN_KEY), first)
        _copy_positions(state, value, others, -1)
        state.flow.add(rest, (others,))


def _copy_positions(state: State, source: int, target: int, shift: int) -> None:
    """Keep apart the first few positions of arguments handed on by `*args`."""
    for index in range(
        max(0, -shift), 6
    ):  # more than six positional arguments are rare, and only lose their order
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
