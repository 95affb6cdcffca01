"""Flask-Login: `current_user` runs the `user_loader`, wherever it is looked at."""

from __future__ import annotations

from collections.abc import Iterator

from bridge.analysis.facts import RESULT, Opcode
from bridge.analysis.frameworks.calls import Call, calls_on
from bridge.analysis.frameworks.flask.http_auth import connect_http_auth
from bridge.analysis.frameworks.roots import enter_roots, functions_of
from bridge.analysis.solving.calling import enter
from bridge.analysis.solving.engine import settle
from bridge.analysis.solving.objects import name_of
from bridge.analysis.solving.state import Site, State
from bridge.analysis.solving.values import FUNCTION

__all__ = ["connect_login"]

MANAGER = "flask_login.LoginManager"
LOADERS = ("user_loader", "request_loader")
CURRENT_USER = ("flask_login.current_user", "flask_login.utils.current_user")
DECORATORS = (
    "flask_login.login_required",
    "flask_login.fresh_login_required",
    "flask_login.utils.login_required",
    "flask_login.utils.fresh_login_required",
)


def connect_login(state: State) -> None:
    """Let `current_user` be what the loaders give, and count them as called by who reads it or asks for a login."""
    connect_http_auth(state)
    loaders = list(_loaders(state))
    if not loaders:
        return
    roots = enter_roots(state, loaders, "user_loader")
    results = [state.node(root.instance, RESULT) for root in roots]
    users = {state.values.external(name) for name in CURRENT_USER}
    for number in range(len(state.instances)):
        for site, node in _readings(state, number, users):
            for root in roots:
                state.record(site, root.instance)
            for result in results:
                state.flow.edge(result, node)
    for instance, line in _guarded(state):
        for root in roots:
            state.record(Site(instance, "login_required", line), root.instance)
    settle(state)


def _loaders(state: State) -> Iterator[int]:
    for owner in list(state.object_calls):
        if name_of(state, owner) == MANAGER:
            for call in calls_on(state, owner, *LOADERS):
                yield from _functions(state, call)


def _functions(state: State, call: Call) -> Iterator[int]:
    for value in sorted(call.values(0, "callback")):
        yield from functions_of(state, value)


def _readings(state: State, number: int, users: set[int]) -> Iterator[tuple[Site, int]]:
    """Yield (where, node) for every attribute of `current_user` that an instance reads."""
    for index, each in enumerate(state.program.scopes[state.instances[number].scope].instructions):
        if each[0] == Opcode.ATTR:
            node = state.node(number, each[2])
            if users & state.flow.holds[node]:
                yield Site(number, index, each[4]), node


def _guarded(state: State) -> Iterator[tuple[int, int]]:
    """Yield (instance, line) of the functions that stand behind `login_required`."""
    decorators = {state.values.external(name) for name in DECORATORS}
    for site, (callees, arguments) in list(state.handed_out.items()):
        if decorators & callees and arguments.positional:
            for value in sorted(state.flow.holds[arguments.positional[0]]):
                for function in functions_of(state, value):
                    if state.values.kinds[function] == FUNCTION:
                        yield enter(state, function), site.line
