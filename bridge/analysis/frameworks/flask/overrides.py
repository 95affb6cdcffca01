"""Subclasses that override `add_url_rule`: Flask's own `route` decorators call it, and so it is called here."""

from __future__ import annotations

from collections.abc import Container

from bridge.analysis.frameworks.flask.rules import DECORATORS
from bridge.analysis.frameworks.roots import members_of
from bridge.analysis.solving.engine import settle
from bridge.analysis.solving.objects import name_of
from bridge.analysis.solving.state import Arguments, ObjectCall, Site, State
from bridge.analysis.solving.values import INSTANCE

__all__ = ["call_overrides", "overrides_rules"]


def overrides_rules(state: State, scaffold: int) -> bool:
    """Return whether the class of an application or blueprint has its own `add_url_rule`."""
    return state.values.kinds[scaffold] == INSTANCE and any(members_of(state, scaffold, "add_url_rule"))


def call_overrides(state: State, known: Container[int] = ()) -> None:
    """Call the `add_url_rule` of the project's subclasses with what their `route` decorators decorate.

    The rules of the scaffolds in `known` are read in another way.
    """
    for scaffold, calls in list(state.object_calls.items()):
        if scaffold not in known and overrides_rules(state, scaffold):
            for call in list(calls):
                if name_of(state, call.callee).rpartition(".")[2] in DECORATORS:
                    _call(state, scaffold, call)
    settle(state)


def _call(state: State, scaffold: int, call: ObjectCall) -> None:
    keywords = dict(call.arguments.keywords)
    endpoint = keywords.pop("endpoint", state.flow.node())
    rule = keywords.pop("rule", None)
    paths = (rule,) if rule is not None else call.arguments.positional[:1]
    for decorated in list(state.object_calls.get(call.result, ())):
        site = Site(decorated.site.instance, ("add_url_rule", decorated.site.key, scaffold), call.site.line)
        views = decorated.arguments.positional[:1]
        arguments = Arguments((*paths, endpoint, *views), tuple(keywords.items()))
        for function in members_of(state, scaffold, "add_url_rule"):
            state.apply(state, site, function, arguments, None)
