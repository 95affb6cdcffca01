"""What a view leaves to be called when its response is ready: `after_this_request`, `call_on_close`."""

from __future__ import annotations

from bridge.analysis.frameworks.roots import functions_of
from bridge.analysis.solving.engine import settle
from bridge.analysis.solving.state import Arguments, State

__all__ = ["connect_deferred"]

CALLERS = (
    "flask.after_this_request",
    "flask.ctx.after_this_request",
    "quart.after_this_request",
    ".call_on_close",
)


def connect_deferred(state: State) -> None:
    """Call what these are given, where they are given it: it runs on the same request."""
    given = Arguments((state.flow.node(),))  # the response
    for site, (callees, arguments) in list(state.handed_out.items()):
        names = [str(state.values.parts[each][0]) for each in callees]
        if not arguments.positional or not any(name.endswith(CALLERS) for name in names):
            continue
        held = sorted(state.flow.holds[arguments.positional[0]])
        for function in dict.fromkeys(each for value in held for each in functions_of(state, value)):
            here = site._replace(key=("deferred", site.key, function), flags=0)
            state.apply(state, here, function, given, None)
    settle(state)
