"""The rules that are registered on applications and blueprints, by decorator or by call."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bridge.analysis.frameworks.calls import Call, calls_on, elements_of, making
from bridge.analysis.frameworks.classes import attribute
from bridge.analysis.frameworks.flask.mounting import APPLICATION
from bridge.analysis.frameworks.flask.views import Handler
from bridge.analysis.solving.objects import name_of
from bridge.analysis.solving.state import Site, State
from bridge.analysis.solving.values import INSTANCE

__all__ = ["DECORATORS", "Rule", "rules_of", "static_rule", "without_optional_prefixes"]

VERBS = ("get", "post", "put", "delete", "patch")
DECORATORS = ("route", *VERBS)


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule as it is written. `methods` None: the view's own, else GET. `views` empty: not known.

    `path` has no prefix yet. `endpoint` "": the view's name. `handlers` are known where running the module told them,
    and so is the unknown `condition` that the rule stands behind.
    """

    path: str
    methods: tuple[str, ...] | None
    views: frozenset[int]
    endpoint: str
    site: Site
    file: str
    line: int
    handlers: tuple[Handler, ...] = ()
    condition: str = ""


def rules_of(state: State, scaffold: int, unread: list[str], *, decorators: bool = True) -> Iterator[Rule]:
    """Yield the rules of an application or blueprint, in the order found; what is not known goes to `unread`.

    Without `decorators` only what `add_url_rule` adds.
    """
    for call in calls_on(state, scaffold, "add_url_rule", *(DECORATORS if decorators else ())):
        if call.call.callee == scaffold:
            continue  # the object itself is called: a WSGI application
        paths = call.texts(0, "rule")
        if not paths:
            unread.append(f"the path of {call.method} at {call.file}:{call.line}")
        for path in without_optional_prefixes(paths):
            yield _rule(state, call, path)


def without_optional_prefixes(paths: list[str]) -> list[str]:
    """Return the paths without those that are others behind a prefix.

    `f"/<tenant>{rule}" if MULTI_TENANT else rule`: which it is is decided at run time, and mostly it is the plain one.
    """
    return [path for path in paths if not any(path != each and path.endswith(each) for each in paths)]


def _rule(state: State, call: Call, path: str) -> Rule:
    added = call.method == "add_url_rule"
    views = call.values(2, "view_func") if added else _decorated(state, call)
    endpoint = call.texts(1 if added else None, "endpoint")
    methods = _methods(call)
    return Rule(path, methods, views, endpoint[0] if endpoint else "", call.call.site, call.file, call.line)


def _methods(call: Call) -> tuple[str, ...] | None:
    if call.method in VERBS:
        return (call.method.upper(),)
    named = elements_of(call.state, call.values(None, "methods"))
    return tuple(sorted({each.upper() for each in named})) or None


def _decorated(state: State, call: Call) -> frozenset[int]:
    """Return what the decorator that the call gave was called with."""
    found: set[int] = set()
    for each in calls_on(state, call.result):
        found |= each.values(0)
    return frozenset(found)


def static_rule(state: State, scaffold: int) -> str | None:
    """Return the path of the files that a scaffold serves itself, None if it serves none.

    An application does unless its `static_folder` is None, a blueprint only if it has one.
    """
    made = making(state, scaffold)
    if made is None or _denies_files(state, scaffold):
        return None
    is_app = name_of(state, scaffold) == APPLICATION
    position = 2
    named = made.is_named(position, "static_folder")
    if not (made.is_given(position, "static_folder") if named else is_app):
        return None
    folders = made.texts(position, "static_folder")
    folder = (folders[0] if folders else "static").rstrip("/").rpartition("/")[2]
    paths = made.texts(1 if is_app else 3, "static_url_path")
    path = paths[0] if paths else f"/{folder}"
    return f"{path.rstrip('/')}/<path:filename>"


def _denies_files(state: State, scaffold: int) -> bool:
    """Return whether the class has its own `has_static_folder`: Flask asks it before it adds the rule."""
    if state.values.kinds[scaffold] != INSTANCE:
        return False
    return bool(attribute(state, int(state.values.parts[scaffold][0]), "has_static_folder"))
