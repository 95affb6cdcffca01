"""Flask-HTTPAuth: what stands behind `login_required` runs the functions that verify who asks."""

from __future__ import annotations

from collections.abc import Iterator

from bridge.analysis.frameworks.calls import Call, calls_on, objects
from bridge.analysis.frameworks.roots import enter_roots, functions_of
from bridge.analysis.solving.calling import enter
from bridge.analysis.solving.engine import settle
from bridge.analysis.solving.state import Site, State
from bridge.analysis.solving.values import BOUND, FUNCTION

__all__ = ["connect_http_auth"]

KINDS = ("flask_httpauth.HTTPBasicAuth", "flask_httpauth.HTTPTokenAuth")
VERIFIERS = ("verify_password", "verify_token", "get_password", "hash_password", "get_user_roles")


def connect_http_auth(state: State) -> None:
    """Count the verifying functions as called by what asks for a login.

    MultiAuth asks any of the others: every verifier of the project counts for every guarded function.
    """
    owners = objects(state, KINDS)
    verifiers = dict.fromkeys(
        each
        for owner in owners
        for call in calls_on(state, owner, *VERIFIERS)
        for each in call.values(0, "f")
    )
    roots = enter_roots(state, verifiers, "login")
    if not roots:
        return
    for function, line in [each for owner in owners for each in _guarded(state, owner)]:
        site = Site(enter(state, function), "login_required", line)
        for root in roots:
            state.record(site, root.instance)
    settle(state)


def _guarded(state: State, owner: int) -> Iterator[tuple[int, int]]:
    """Yield (function, line) for what stands behind @auth.login_required or @auth.login_required(role=...)."""
    for call in list(calls_on(state, owner, "login_required")):
        for each in (call, *calls_on(state, call.result)):
            yield from _functions(state, each)


def _functions(state: State, call: Call) -> Iterator[tuple[int, int]]:
    for value in sorted(call.values(0, "f")):
        for function in functions_of(state, value):
            plain = state.values.parts[function][0] if state.values.kinds[function] == BOUND else function
            if state.values.kinds[plain] == FUNCTION:
                yield plain, call.call.site.line
