"""Blinker's signals: who sends calls who is connected; Flask's own are sent with every request."""

from __future__ import annotations

from bridge.analysis.frameworks.calls import Call, calls_on
from bridge.analysis.frameworks.roots import functions_of
from bridge.analysis.solving.engine import settle
from bridge.analysis.solving.objects import name_of
from bridge.analysis.solving.state import State
from bridge.analysis.solving.values import OBJECT

__all__ = ["connect_signals", "own_signals"]

SIGNAL = "blinker.signal"

# Flask's own that every request sends, in this order; template_rendered is sent by some only.
BEFORE = ("appcontext_pushed", "request_started")
AFTER = ("request_finished", "request_tearing_down", "appcontext_tearing_down", "appcontext_popped")

Found = list[tuple[int, str]]


def connect_signals(state: State) -> None:
    """Call what is connected to the project's signals, where they are sent."""
    for signal in list(state.object_calls):
        if state.values.kinds[signal] != OBJECT or name_of(state, signal) != SIGNAL:
            continue
        receivers = _receivers(state, signal)
        for call in calls_on(state, signal, "send"):
            site = call.call.site
            for receiver in receivers:
                here = site._replace(key=("send", site.key, receiver))
                state.apply(state, here, receiver, call.call.arguments, None)
    settle(state)


def _receivers(state: State, signal: int) -> list[int]:
    found: set[int] = set()
    for call in calls_on(state, signal, "connect", "connect_via", "connected_to"):
        held = _decorated(state, call) if call.method == "connect_via" else call.values(0, "receiver")
        found.update(each for value in held for each in functions_of(state, value))
    return sorted(found)


def _decorated(state: State, call: Call) -> frozenset[int]:
    return frozenset().union(*(each.values(0) for each in calls_on(state, call.result)))


def own_signals(state: State) -> tuple[Found, Found]:
    """Return the functions that are connected to Flask's own signals: before a view, and after it."""
    before: Found = []
    after: Found = []
    for callees, arguments in list(state.handed_out.values()):
        for value in callees:
            name = str(state.values.parts[value][0])
            parts = name.split(".")
            if parts[0] in {"flask", "quart"} and len(parts) > 2 and parts[-1] in {"connect", "connect_via"}:
                target = before if parts[-2] in BEFORE else after if parts[-2] in AFTER else None
                if target is not None and arguments.positional:
                    held = sorted(state.flow.holds[arguments.positional[0]])
                    target += [(each, "signal") for one in held for each in functions_of(state, one)]
    return before, after
