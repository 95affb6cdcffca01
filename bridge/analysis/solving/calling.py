"""Calls: which instance a call enters, what goes in, what comes out."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import partial
from types import MappingProxyType

from bridge.analysis.facts import RESULT, YIELDED
from bridge.analysis.solving.binding import call_method
from bridge.analysis.solving.builtins import call_builtin
from bridge.analysis.solving.construction import make
from bridge.analysis.solving.hints import expect
from bridge.analysis.solving.methods import call_container_method
from bridge.analysis.solving.objects import call_object, make_object
from bridge.analysis.solving.offloading import is_offloader, offload
from bridge.analysis.solving.passing import pass_arguments, split
from bridge.analysis.solving.program import SMALL
from bridge.analysis.solving.resolution import find, order
from bridge.analysis.solving.state import (
    CALLABLE,
    DEEPEST_CONTEXT,
    DEEPEST_GIVEN,
    NO_ARGUMENTS,
    UNKNOWN_KEY,
    Arguments,
    Site,
    State,
)
from bridge.analysis.solving.texts import is_followed
from bridge.analysis.solving.values import (
    BOUND,
    CLASS,
    CLASSWIDE,
    CONSTANT,
    CONTAINER,
    DECORATED,
    EXTERNAL,
    FUNCTION,
    GENERIC,
    INSTANCE,
    MEMBER,
    METHOD,
    OBJECT,
    ORIGIN,
    PARTIAL,
    STATIC,
)

__all__ = ["apply", "enter"]


def apply(state: State, site: Site, value: int, arguments: Arguments, target: int | None) -> None:
    """Call `value` at `site`; `target` receives the result (None: nobody wants it)."""
    handler = TABLE.get(state.values.kinds[value])
    if handler is not None:
        handler(state, site, value, arguments, state.flow.node() if target is None else target)


def _function(state: State, site: Site, value: int, arguments: Arguments, target: int) -> None:
    """Call a function that is not bound; a method that is given its `self` runs as one of that object's class.

    Decorators around methods call them so, and `Base.__init__(self)`.
    """
    owner = state.instances[state.values.parts[value][1]].class_value
    first, rest = _first_of(state, arguments)
    if owner == -1 or first is None:
        _enter(state, site, value, arguments, target, None)
        return
    others: list[int] = []  # the node of what is no such object

    def enter_with_others() -> None:
        if not others:
            others.append(state.flow.node())
            _enter(state, site, value, rest.after(others[0]), target, None)

    def given(each: int) -> None:
        receiver = _object_of(state, each)
        if receiver is None or owner not in order(state, state.values.parts[receiver][0]):
            enter_with_others()
            state.flow.add(others[0], (each,))
        else:
            _enter(state, site, value, rest.after(state.holding(each)), target, receiver)

    state.flow.watch(first, given)
    state.late.append(lambda: None if state.flow.holds[first] else enter_with_others())


def _first_of(state: State, arguments: Arguments) -> tuple[int | None, Arguments]:
    """Return the node of the first positional argument, None if there is none, and the other arguments."""
    if arguments.positional:
        return arguments.positional[0], arguments._replace(positional=arguments.positional[1:])
    if arguments.star is None:
        return None, arguments
    first, rest = state.flow.node(), state.flow.node()
    state.flow.watch(arguments.star, lambda value: split(state, value, first, rest))
    return first, arguments._replace(star=rest)


def _object_of(state: State, value: int) -> int | None:
    """Return the instance that a value is or tells of; None if it is another kind of value."""
    if state.values.kinds[value] == ORIGIN:
        return state.values.make(INSTANCE, state.values.parts[value][0])
    return value if state.values.kinds[value] == INSTANCE else None


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
    makes_path = _makes_path(state, site, state.values.parts[function][0], arguments)
    instance = enter(state, function, site=site, receiver=receiver, makes_path=makes_path)
    state.record(site, instance)
    pass_arguments(state, instance, arguments)
    _take_result(state, instance, target)


def _makes_path(state: State, site: Site, scope: int, arguments: Arguments) -> bool:
    """Return whether the call may make one path of another, or one view of another: results are kept apart."""
    if state.instances[site.instance].scope in state.program.registering:
        return len(state.program.scopes[scope].instructions) <= SMALL
    return scope in state.program.composing and any(
        _is_path(state, value) for node in arguments.positional for value in state.flow.holds[node]
    )


def _is_path(state: State, value: int) -> bool:
    if state.values.kinds[value] != CONSTANT:
        return False
    constant = state.values.parts[value][1]
    return isinstance(constant, str) and constant.startswith("/") and is_followed(constant)


def enter(
    state: State,
    function: int,
    *,
    site: Site | None = None,
    receiver: int | None = None,
    makes_path: bool = False,
) -> int:
    """Return the instance that a call of `function` runs in; `site` None: an entry point.

    `makes_path`: the call is kept apart from others.
    """
    scope, parent = state.values.parts[function]
    facts = state.program.scopes[scope]
    around = state.instances[parent]
    owner = None if receiver is None else state.class_of(receiver)
    context: tuple[Hashable, ...] | None = None
    depth = around.depth
    if owner is not None and len(state.values.parts[receiver]) > 1:  # type: ignore[index] # owner says so
        context = (receiver,)  # told apart by where it is made
    elif owner is not None and around.class_value != owner:
        context = (owner,)
    # Else each caller gets what any gave, and runs what any handed in.
    is_own = (facts.is_identity or facts.calls_given) and len(facts.instructions) <= SMALL
    apart = facts.is_wrapper or makes_path or is_own or scope in state.program.registering
    if site is not None and (apart or site.decorates):
        again = _around(state, site.instance, scope, parent)
        if again is not None:
            return again
        deepest = DEEPEST_GIVEN if facts.calls_given else DEEPEST_CONTEXT
        depth, place = _place(state, site, around.depth, deepest)
        context = (*(context or ()), place)
    instance = state.instance(scope, parent, context, depth=depth)
    if not state.instances[instance].is_called:
        state.instances[instance].is_called = True
        for register, node in state.defaults.get(function, ()):
            state.flow.edge(node, state.node(instance, register))
        for register, hint, form in state.hints.get(function, ()):
            state.late.append(partial(expect, state, state.node(instance, register), hint, form))
    return instance


def _around(state: State, instance: int, scope: int, parent: int) -> int | None:
    """Return the instance that calls itself, however deep inside: recursion opens no new context."""
    while instance != -1:
        each = state.instances[instance]
        if (each.scope, each.parent) == (scope, parent):
            return instance
        instance = each.parent
    return None


def _place(state: State, site: Site, depth: int, deepest: int) -> tuple[int, Hashable]:
    """Return a wrapper's depth and its call site: with the caller's own context as long as that is shallow."""
    caller = state.instances[site.instance]
    depth = max(depth, caller.depth) + 1
    if depth <= deepest:
        return depth, (site.instance, site.key)
    return deepest, ("scope", caller.scope, site.line)


def _take_result(state: State, instance: int, target: int) -> None:
    facts = state.program.scopes[state.instances[instance].scope]
    if facts.is_generator:
        made = state.values.make(CONTAINER, "generator", ("yield", instance))
        state.flow.edge(state.node(instance, YIELDED), state.field(made, UNKNOWN_KEY))
        state.flow.edge(state.node(instance, RESULT), state.field(made, "result"))
        state.flow.add(target, (made,))
    else:
        state.flow.edge(state.node(instance, RESULT), target)


def _instance(state: State, site: Site, value: int, arguments: Arguments, target: int) -> None:
    if not call_method(state, site, value, "__call__", arguments, target):
        owner = state.class_of(value)
        external = None if owner is None else find(state, owner, "__call__")[1]
        if external is not None:
            state.record_external(site, external)


def _generic(state: State, site: Site, value: int, arguments: Arguments, target: int) -> None:
    if state.extension is not None:
        state.extension.call(state, site, value, arguments, target)


def _external(state: State, site: Site, value: int, arguments: Arguments, target: int) -> None:
    name = state.values.parts[value][0]
    if state.extension is not None and state.extension.call(state, site, value, arguments, target):
        return
    if not (site.decorates and name in DESCRIPTORS):
        state.record_external(site, name)
    if call_builtin(state, site, name, arguments, target):
        return
    if not site.decorates and offload(state, site, value, arguments, target):
        return
    if arguments != NO_ARGUMENTS:
        state.hand_out(site, value, arguments)
    if site.decorates and arguments.positional:
        state.flow.watch(arguments.positional[0], lambda each: _decorate(state, each, name, target))
    else:
        made = make_object(state, site, value, arguments)
        state.flow.add(target, _result_of(state, value, name) if made is None else (made,))
        if len(arguments.positional) == 1 and not name.startswith("<builtin>."):
            state.flow.watch(arguments.positional[0], lambda each: _wrap(state, each, name, target))


def _object(state: State, site: Site, value: int, arguments: Arguments, target: int) -> None:
    """Call a tracked object of a library, or its member."""
    made = call_object(state, site, value, arguments)
    name = state.values.parts[made][0]
    state.record_external(site, name)
    if arguments.positional and (site.decorates or state.values.kinds[value] == OBJECT):
        state.flow.watch(arguments.positional[0], lambda each: _decorate(state, each, name, target))
    else:
        state.flow.add(target, (made,))


def _wrap(state: State, value: int, name: str, target: int) -> None:
    """Trust that a function given to a library comes back from it: `login_required(view)`."""
    if state.values.kinds[value] in CALLABLE or state.values.kinds[value] == OBJECT:
        state.flow.add(target, (state.values.make(DECORATED, value, name),))


def _result_of(state: State, value: int, name: str) -> tuple[int, ...]:
    """Return what an external call gives: its type, or its own name where that is not known.

    A method of a builtin type gives nothing where its type is not known: `d.get("x")` may be anything.
    """
    if name in state.library.types:
        return (state.typed(name),)
    if not name.startswith("<builtin>."):
        return (value,)
    function = name.removeprefix("<builtin>.")
    kind = RESULTS.get(function.removeprefix("str.").removeprefix("bytes."), function)
    return () if "." in kind else (state.values.external(f"<builtin>.{kind}"),)


def _decorate(state: State, value: int, name: str, target: int) -> None:
    """Trust that an external decorator gives back what it decorates, under the decorator's attributes."""
    if state.values.kinds[value] in {FUNCTION, BOUND, OBJECT}:
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


def _decorated(state: State, site: Site, value: int, arguments: Arguments, target: int) -> None:
    inner, decorator = state.values.parts[value]
    offloads = is_offloader(state.library, decorator)
    apply(state, site.offloading() if offloads else site, inner, arguments, target)


TABLE: MappingProxyType[int, Callable[[State, Site, int, Arguments, int], None]] = MappingProxyType(
    {
        FUNCTION: _function,
        BOUND: _bound,
        CLASS: make,
        INSTANCE: _instance,
        EXTERNAL: _external,
        METHOD: call_container_method,
        OBJECT: _object,
        MEMBER: _object,
        GENERIC: _generic,
        PARTIAL: _partial,
        DECORATED: _decorated,
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
                "any",
                "all",
            ],
            "bool",
        ),
        **dict.fromkeys(("find", "rfind", "index", "rindex", "count", "ord", "id", "round", "pow"), "int"),
    }
)
