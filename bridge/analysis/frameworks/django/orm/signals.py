"""Signals: receivers are called where something fires, as if the call stood there."""

from __future__ import annotations

from collections.abc import Hashable

from bridge.analysis.frameworks.roots import functions_of
from bridge.analysis.solving.calling import enter
from bridge.analysis.solving.passing import pass_positional
from bridge.analysis.solving.state import Arguments, Site, State
from bridge.analysis.solving.values import BOUND, CONTAINER, DECORATED, EXTERNAL, FUNCTION, GENERIC, PARTIAL

__all__ = ["MODULES", "Signals"]

MODULES = (
    "django.db.models.signals.",
    "django.core.signals.",
    "django.contrib.auth.signals.",
    "django.contrib.auth.",
)
CALLED = frozenset({FUNCTION, BOUND, PARTIAL, DECORATED})


class Signals:
    """Receivers and firings by signal: a dotted name, or the GENERIC value of a project's own signal."""

    def __init__(self) -> None:
        self._receivers: dict[Hashable, list[tuple[int, int | None]]] = {}  # (function node, sender node)
        self._fired: dict[Hashable, list[tuple[Site, int | None, Arguments]]] = {}
        self._done: set[tuple[Hashable, ...]] = set()

    def connect(self, state: State, signals: int, function: int, sender: int | None) -> None:
        """Let whatever reaches the node `function` receive the signals that reach the node `signals`."""

        def each_signal(value: int) -> None:
            if state.values.kinds[value] == CONTAINER:
                state.flow.watch(state.field(value, -2), each_signal)  # ANY element of a list of signals
                return
            key = key_of(state, value)
            if key is not None:
                self._receivers.setdefault(key, []).append((function, sender))
                for fired in list(self._fired.get(key, ())):
                    self._call(state, key, function, sender, fired)

        state.flow.watch(signals, each_signal)

    def fire(self, state: State, site: Site, key: Hashable, sender: int | None, arguments: Arguments) -> None:
        """Call the receivers of a signal at `site`. `sender` is a CLASS value, None where it is not known."""
        fired = (site, sender, arguments)
        self._fired.setdefault(key, []).append(fired)
        for function, wanted in list(self._receivers.get(key, ())):
            self._call(state, key, function, wanted, fired)

    def receivers(self, state: State, key: Hashable) -> tuple[int, ...]:
        """Return the functions that receive a signal, whoever sends it."""
        state.flow.solve()
        held = [value for node, _ in self._receivers.get(key, ()) for value in sorted(state.flow.holds[node])]
        called = (value for value in held if state.values.kinds[value] in CALLED)
        return tuple(dict.fromkeys(each for value in called for each in functions_of(state, value)))

    def _call(
        self,
        state: State,
        key: Hashable,
        function: int,
        wanted: int | None,
        fired: tuple[Site, int | None, Arguments],
    ) -> None:
        site, sender, arguments = fired
        done = (key, function, wanted, site, sender)
        if done in self._done:
            return
        self._done.add(done)

        def call(value: int) -> None:
            if state.values.kinds[value] in CALLED:
                for each in functions_of(state, value):
                    _enter(state, site, each, arguments)

        if wanted is None or sender is None:
            state.flow.watch(function, call)
            return

        def matches(value: int) -> None:
            if value == sender or (
                state.values.kinds[value] == EXTERNAL and state.values.kinds[sender] == EXTERNAL
            ):
                state.flow.watch(function, call)

        state.flow.watch(wanted, matches)


def _enter(state: State, site: Site, function: int, arguments: Arguments) -> None:
    """Let a receiver be called at `site`, in one context whoever fires: hundreds of places save a model."""
    bound = state.values.kinds[function] == BOUND
    inner, receiver = state.values.parts[function] if bound else (function, None)
    instance = enter(state, inner, receiver=receiver)
    state.record(site, instance)
    if receiver is not None:
        pass_positional(state, instance, 0, state.holding(receiver))
    parameters = state.program.scopes[state.instances[instance].scope].parameters
    for name, node in arguments.keywords:
        register = parameters.register(name)
        if register is not None:
            state.flow.edge(node, state.node(instance, register))


def key_of(state: State, value: int) -> Hashable | None:
    """Return what a signal is known by, None for other values."""
    kind = state.values.kinds[value]
    if kind == GENERIC:
        return value
    if kind == EXTERNAL:
        return str(state.values.parts[value][0])
    return None
