"""Flask-RESTful and Flask-RESTX: resources on an `Api`, in namespaces, on an application or a blueprint."""

from __future__ import annotations

from collections.abc import Iterator

from bridge.analysis.frameworks.calls import Call, calls_on, making, objects, texts_of
from bridge.analysis.frameworks.flask.mounting import Mount, Mounting, join_paths
from bridge.analysis.frameworks.flask.rules import Rule, without_optional_prefixes
from bridge.analysis.solving.objects import name_of, owner_of
from bridge.analysis.solving.state import State

__all__ = ["resource_rules"]

APIS = ("flask_restful.Api", "flask_restx.Api")
NAMESPACE = "flask_restx.Namespace"


def resource_rules(state: State, mounting: Mounting, unread: list[str]) -> Iterator[tuple[Rule, Mount]]:
    """Yield the rules of all resources, with where they are mounted; their paths have the prefix of the `Api`."""
    apis = objects(state, APIS)
    for api in apis:
        mounts = list(_mounts(state, api, mounting))
        prefix = _text(
            making(state, api), 2 if name_of(state, api).startswith("flask_restful") else None, "prefix"
        )
        for namespace, path in _namespaces(state, api, apis):
            for rule in _rules(state, namespace, f"{prefix}{path}", unread):
                yield from ((rule, mount) for mount in mounts)


def _mounts(state: State, api: int, mounting: Mounting) -> Iterator[Mount]:
    """Yield the mounts of the application or blueprint that an `Api` is made with, or initialised with."""
    made = making(state, api)
    given = made.values(0, "app") | made.values(None, "blueprint") if made else frozenset()
    for call in calls_on(state, api, "init_app"):
        given |= call.values(0, "app")
    known = [each for each in sorted(given) if each in mounting.mounts]
    for each in known or mounting.apps[:1]:
        yield from mounting.mounts[each]


def _namespaces(state: State, api: int, apis: list[int]) -> Iterator[tuple[int, str]]:
    """Yield (object that has resources, path in front of them): the `Api` itself and its namespaces."""
    yield api, ""
    for call in calls_on(state, api, "add_namespace"):
        for namespace in sorted(call.values(0, "ns")):
            if name_of(state, namespace) == NAMESPACE:
                given = call.texts(1, "path")
                yield namespace, given[0].rstrip("/") if given else _own_path(state, namespace)
    for namespace in objects(state, [NAMESPACE]):
        made = state.makings[namespace]
        if owner_of(state, made.callee) == api and api in apis:
            yield namespace, _own_path(state, namespace)


def _own_path(state: State, namespace: int) -> str:
    """As `Namespace.path`: its path, else its name."""
    made = making(state, namespace)
    path = _text(made, 2, "path")
    name = _text(made, 0, "name")
    return (path or f"/{name}").rstrip("/")


def _text(call: Call | None, position: int | None, name: str) -> str:
    texts = call.texts(position, name) if call else []
    return texts[0] if texts else ""


def _rules(state: State, holder: int, prefix: str, unread: list[str]) -> Iterator[Rule]:
    for call in calls_on(state, holder, "add_resource", "route", "resource"):
        if call.call.callee == holder:
            continue
        added = call.method == "add_resource"
        views = call.values(0, "resource") if added else _decorated(state, call)
        paths = [
            path
            for held in call.rest(1 if added else 0)
            for path in without_optional_prefixes(texts_of(state, held))
        ]
        if not paths:
            unread.append(f"the path of {call.method} at {call.file}:{call.line}")
        for path in paths:
            whole = join_paths(None, f"{prefix}{path}")
            yield Rule(whole, None, views, "", call.call.site, call.file, call.line)


def _decorated(state: State, call: Call) -> frozenset[int]:
    return frozenset().union(*(each.values(0) for each in calls_on(state, call.result)))
