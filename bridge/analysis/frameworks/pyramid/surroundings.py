"""What stands around every view: tweens, subscribers, the security policy."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from bridge.analysis.frameworks.calls import Call, calls_on, externals, making, objects, texts_of
from bridge.analysis.frameworks.dotted import package_of, resolve
from bridge.analysis.frameworks.pyramid.configuration import Configuration
from bridge.analysis.frameworks.roots import enter_roots, functions_of, members_of, place_of
from bridge.analysis.model import Middleware
from bridge.analysis.solving.engine import run_waiting
from bridge.analysis.solving.state import NO_ARGUMENTS, State
from bridge.analysis.solving.values import CLASS, INSTANCE

__all__ = ["Surroundings", "surroundings_of"]

# Events that every request fires, before and after its view.
BEFORE = ("NewRequest", "BeforeTraversal", "ContextFound")
AFTER = ("NewResponse",)
POLICY = ("permits", "identity", "authenticated_userid", "effective_principals", "authenticated_groups")

Found = list[tuple[int, str]]  # (function value, role)


@dataclass(slots=True)
class Surroundings:
    """Functions by when they run; `rendering` with a template, `permitting` where a permission is asked for."""

    tweens: list[Middleware] = field(default_factory=list)
    around: Found = field(default_factory=list)
    before: Found = field(default_factory=list)
    after: Found = field(default_factory=list)
    rendering: Found = field(default_factory=list)
    permitting: Found = field(default_factory=list)
    starting: Found = field(default_factory=list)


def surroundings_of(state: State, found: Configuration) -> Surroundings:
    """Return what all configurators put around views."""
    made = Surroundings()
    for config in found.prefixes:
        for call in calls_on(state, config, "add_tween"):
            _add_tween(state, made, call)
        for call in calls_on(state, config, "add_subscriber"):
            _subscribe(state, made, _named(state, call, 0, "subscriber"), call.values(1, "iface"))
        for call in calls_on(state, config, "set_security_policy", "set_authentication_policy"):
            made.permitting += [(each, "security") for each in _policy(state, call)]
    for decorator in objects(state, ["pyramid.events.subscriber"]):
        given = making(state, decorator)
        for call in calls_on(state, decorator):
            events = frozenset().union(*given.rest(0)) if given else frozenset()
            _subscribe(state, made, call.values(0), events)
    return made


def _named(state: State, call: Call, position: int, name: str) -> frozenset[int]:
    values = set(call.values(position, name))
    for text in texts_of(state, values):
        values |= resolve(state, text, package_of(state, call.call.site))
    return frozenset(values)


def _add_tween(state: State, made: Surroundings, call: Call) -> None:
    """A tween factory is called with the handler and the registry; what it gives runs around every request."""
    for value in sorted(_named(state, call, 0, "tween_factory")):
        functions = list(functions_of(state, value))
        result = state.flow.node()
        for function in functions:
            state.apply(
                state, call.call.site._replace(key=("tween", function)), function, NO_ARGUMENTS, result
            )
        run_waiting(state)
        inner = [each for one in sorted(state.flow.holds[result]) for each in functions_of(state, one)]
        if state.values.kinds[value] == CLASS:
            inner = list(members_of(state, state.values.make(INSTANCE, value), "__call__"))
        if functions:
            symbol, file, line = place_of(state, functions[0])
            roots = enter_roots(state, inner, "middleware")
            made.tweens.insert(0, Middleware(symbol, file, line, async_capable=False, roots=roots))
            made.around = [*((each, "middleware") for each in inner), *made.around]


def _subscribe(state: State, made: Surroundings, functions: frozenset[int], events: frozenset[int]) -> None:
    found = [(each, "signal") for value in sorted(functions) for each in functions_of(state, value)]
    names = {name.rpartition(".")[2] for name in externals(state, events)}
    for target, wanted in (
        (made.before, BEFORE),
        (made.after, AFTER),
        (made.rendering, ("BeforeRender",)),
        (made.starting, ("ApplicationCreated",)),
    ):
        if names & set(wanted):
            target += [each for each in found if each not in target]


def _policy(state: State, call: Call) -> Iterator[int]:
    for value in sorted(call.values(0, "policy")):
        if state.values.kinds[value] == INSTANCE:
            for name in POLICY:
                yield from members_of(state, value, name)
