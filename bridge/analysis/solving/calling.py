"""Calls: which instance a call enters, what goes in, what comes out."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import partial
from types import MappingProxyType

from bridge.analysis.facts import RESULT, YIELDED
from bridge.analysis.solving.binding import call_method
from bridge.analysis.solving.builtins import call_builtin
from bridge.analysis.solving.hints import expect
from bridge.analysis.solving.members import store
from bridge.analysis.solving.methods import call_container_method
from bridge.analysis.solving.objects import call_object, is_kept_apart, make_instance, make_object
from bridge.analysis.solving.offloading import is_offloader, offload
from bridge.analysis.solving.passing import pass_arguments
from bridge.analysis.solving.program import SMALL
from bridge.analysis.solving.resolution import find, order
from bridge.analysis.solving.state import (
    CALLABLE,
    DEEPEST_CONTEXT,
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
    elif owner is not None and around.class_value not in {-1, owner}:
        context = (owner,)
    apart = facts.is_wrapper or makes_path or scope in state.program.registering
    if site is not None and (apart or site.decorates):
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


def _place(state: State, site: Site, depth: int) -> tuple[int, Hashable]:
    """Return a wrapper's depth and its call site: with the caller's own context as long as that is shallow."""
    caller = state.instances[site.instance]
    depth = max(depth, caller.depth) + 1
    if depth <= DEEPEST_CONTEXT:
        return depth, (site.instance, site.key)
    return DEEPEST_CONTEXT, ("scope", caller.scope, site.line)


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
    made = make_instance(state, site, value, arguments)
    if len(state.values.parts[made]) == 1:
        _watch_bases(state, site, value, arguments, target)
    state.flow.add(target, (made,))
    if state.extension is not None:
        state.extension.made(state, value, arguments, target)
    _construct(state, site, value, arguments, target)
    nodes, external = find(state, value, "__init__")
    call_method(state, site, made, "__init__", arguments)
    if external is not None and not external.startswith("<builtin>."):
        state.record_external(site, external)
    if not nodes or external is not None:
        _fill_fields(state, site, value, made, arguments)


def _watch_bases(state: State, site: Site, value: int, arguments: Arguments, target: int) -> None:
    """Make the instance again, told apart, if a base that is not known yet turns out to be tracked."""
    chain = [each for each in order(state, value) if each in state.classes]
    if all(all(state.classes[each].bases) for each in chain):
        return
    done: list[int] = []

    def ask() -> None:
        if not done and is_kept_apart(state, value):
            done.append(value)
            _class(state, site, value, arguments, target)

    state.classes[value].askers.append(ask)  # a base of a base is its base, too


def _construct(state: State, site: Site, value: int, arguments: Arguments, target: int) -> None:
    """Call `__new__`, a static method in all but its spelling."""
    nodes = find(state, value, "__new__")[0] if "__new__" in state.program.defined_names else []
    with_class = arguments.after(state.holding(value))
    for node in nodes:
        state.flow.watch(node, lambda each: apply(state, site, each, with_class, target))


def _fill_fields(state: State, site: Site, value: int, made: int, arguments: Arguments) -> None:
    """Put the arguments of a dataclass, a NamedTuple, or a model of an external base into its attributes."""
    names: list[str] = []
    for each in reversed(order(state, value)):
        if each in state.classes:
            scope = state.instances[state.classes[each].instance].scope
            names.extend(name for name in state.program.scopes[scope].annotated if name not in names)
    for name, node in (*zip(names, arguments.positional, strict=False), *arguments.keywords):
        if name in state.program.defined_names:  # a property's setter runs
            store(state, site, state.holding(made), name, node)
        elif name in state.program.stored_names:
            state.flow.edge(node, state.field(made, name))


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
        CLASS: _class,
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
