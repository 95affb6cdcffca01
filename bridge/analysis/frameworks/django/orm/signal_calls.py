"""Calls that make, connect and fire signals."""

from __future__ import annotations

from collections.abc import Hashable

from bridge.analysis.frameworks.django.orm.signals import MODULES, Signals
from bridge.analysis.solving.state import Arguments, Site, State
from bridge.analysis.solving.values import GENERIC, INSTANCE

__all__ = ["SignalCalls"]

RECEIVER, SIGNAL = "django.dispatch.receiver", "django.dispatch.Signal"
RECEIVERS = frozenset({RECEIVER, "django.dispatch.dispatcher.receiver"})
SIGNALS = frozenset({SIGNAL, "django.dispatch.dispatcher.Signal"})


class SignalCalls:
    """Tells the receivers of signals what the program calls."""

    def __init__(self) -> None:
        self._receivers = Signals()
        # What `@receiver(...)` made -> the nodes of its signals and of its sender.
        self._declared: dict[int, tuple[int, int | None]] = {}

    def call(self, state: State, site: Site, name: str, arguments: Arguments, target: int) -> bool:
        """Call one of Django's functions; return whether it is about signals."""
        if name in RECEIVERS and arguments.positional:
            made = state.values.make(GENERIC, RECEIVER, (site.instance, site.key))
            self._declared[made] = (arguments.positional[0], dict(arguments.keywords).get("sender"))
            state.flow.add(target, (made,))
            return True
        if name in SIGNALS:
            state.flow.add(target, (state.values.make(GENERIC, SIGNAL, (site.instance, site.key)),))
            return True
        return self._connect(state, name, arguments)

    def call_made(self, state: State, site: Site, value: int, arguments: Arguments, target: int) -> bool:
        """Call what `call` has made, or a method of it; return whether it was that."""
        name = str(state.values.parts[value][0])
        if name == RECEIVER:
            self._decorate(state, value, arguments, target)
        elif name.startswith(f"{SIGNAL}."):
            self._own_signal(state, site, value, arguments)
        else:
            return False
        return True

    def fire_of(self, state: State, site: Site, method: str, model: int, receiver: int) -> None:
        """Fire what a model's `save` or `delete` fires; `receiver` -1: any instance of it."""
        kind = {"save": "save", "asave": "save", "delete": "delete", "adelete": "delete"}.get(method)
        if kind is None:
            return
        instance = receiver if receiver != -1 else state.values.make(INSTANCE, model)
        arguments = Arguments(
            keywords=(("sender", state.holding(model)), ("instance", state.holding(instance)))
        )
        for moment in ("pre", "post"):
            self._receivers.fire(state, site, f"django.db.models.signals.{moment}_{kind}", model, arguments)

    def receivers(self, state: State, signal: str) -> tuple[int, ...]:
        """Return the functions that receive one of Django's signals, which Django sends itself."""
        return self._receivers.receivers(state, signal)

    def _decorate(self, state: State, value: int, arguments: Arguments, target: int) -> None:
        """`@receiver(signal, sender=Model)` connects the function and gives it back."""
        signals, sender = self._declared[value]
        for node in arguments.positional[:1]:
            state.flow.edge(node, target)
            self._receivers.connect(state, signals, node, sender)

    def _connect(self, state: State, name: str, arguments: Arguments) -> bool:
        """`post_save.connect(function, sender=Model)`."""
        signal, _, method = name.rpartition(".")
        if method != "connect" or not signal.startswith(MODULES):
            return False
        named = dict(arguments.keywords)
        function = arguments.positional[0] if arguments.positional else named.get("receiver")
        sender = arguments.positional[1] if len(arguments.positional) > 1 else named.get("sender")
        if function is not None:
            self._receivers.connect(state, state.holding(state.values.external(signal)), function, sender)
        return True

    def _own_signal(self, state: State, site: Site, value: int, arguments: Arguments) -> None:
        """Connect to or send a signal of the project's own."""
        name, place = state.values.parts[value][:2]
        signal: Hashable = state.values.make(GENERIC, "django.dispatch.Signal", place)
        method = str(name).rpartition(".")[2]
        named = dict(arguments.keywords)
        if method == "connect" and (arguments.positional or "receiver" in named):
            function = arguments.positional[0] if arguments.positional else named["receiver"]
            holder = state.holding(state.values.make(GENERIC, "django.dispatch.Signal", place))
            self._receivers.connect(state, holder, function, None)
        elif method in {"send", "send_robust", "asend", "asend_robust"}:
            self._receivers.fire(state, site, signal, None, arguments._replace(positional=()))
