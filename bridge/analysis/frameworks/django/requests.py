"""Entering what Django calls with a request: the parameter holds `django.http.HttpRequest`."""

from __future__ import annotations

from bridge.analysis.frameworks.roots import enter_root
from bridge.analysis.model import Root
from bridge.analysis.solving.passing import pass_positional
from bridge.analysis.solving.state import Site, State
from bridge.analysis.solving.values import BOUND

__all__ = ["REQUEST", "enter_with_request", "give_request"]

REQUEST = "django.http.HttpRequest"
NAMES = frozenset({"request", "req", "_request", "http_request"})


def enter_with_request(state: State, function: int, role: str, *, site: Site | None = None) -> Root:
    """Return the root of `function`, its first own argument (or the parameter called `request`) being a request.

    `site`: see `enter_root`.
    """
    root = enter_root(state, function, role, site=site)
    facts = state.program.scopes[state.instances[root.instance].scope]
    names = facts.parameters.positional
    first = 1 if state.values.kinds[function] == BOUND else 0
    named = [index for index, name in enumerate(names) if name in NAMES]
    request = state.holding(state.values.external(REQUEST))
    pass_positional(state, root.instance, named[0] if named else first, request)
    return root


def give_request(state: State, receiver: int) -> None:
    """Let `self.request` of a class-based view hold a request."""
    if "request" in state.program.stored_names:
        state.flow.add(state.field(receiver, "request"), (state.values.external(REQUEST),))
