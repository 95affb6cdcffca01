"""Attributes of whatever reaches a register: read, and stored on objects."""

from __future__ import annotations

from functools import partial

from bridge.analysis.solving.binding import call_method, read, set_through
from bridge.analysis.solving.library import BUILTIN
from bridge.analysis.solving.linking import module_member
from bridge.analysis.solving.objects import member, name_of
from bridge.analysis.solving.resolution import find
from bridge.analysis.solving.state import Arguments, Site, State
from bridge.analysis.solving.texts import FOLLOWED_METHODS, is_followed
from bridge.analysis.solving.values import (
    CLASS,
    CONSTANT,
    CONTAINER,
    DECORATED,
    EXTERNAL,
    GENERIC,
    INSTANCE,
    MEMBER,
    METHOD,
    MODULE,
    OBJECT,
    ORIGIN,
    PROPERTY,
    SUPER,
    has_member,
)

__all__ = ["load", "load_from", "store"]


def load(state: State, site: Site, source: int, name: str, target: int) -> None:
    """Let `target` hold the attribute `name` of whatever reaches `source`."""
    state.flow.watch(source, partial(_load, state, site, name, target))


def _load(state: State, site: Site, name: str, target: int, value: int) -> None:
    """Do as `load_from`, for `partial`: a quarter of the memory of a closure, and every attribute in a project has one."""
    load_from(state, site, value, name, target)


def load_from(state: State, site: Site, value: int, name: str, target: int) -> None:
    """Let `target` hold the attribute `name` of `value`."""
    kind = state.values.kinds[value]
    if kind == ORIGIN:
        if state.extension is not None:
            state.extension.load(state, site, value, name, target)
        return
    extension = state.extension
    if extension is not None and kind != GENERIC and not extension.names(name):
        extension = None  # it has nothing to say
    if name in state.program.stored_names and (extension is None or extension.keeps(state, value, name)):
        state.flow.edge(state.field(value, name), target)
    if extension is not None and extension.load(state, site, value, name, target):
        return
    if kind in {INSTANCE, CLASS}:
        _load_from_class(state, site, value, name, target)
    elif kind == SUPER:
        _load_from_super(state, site, value, name, target)
    elif kind == MODULE:
        module_member(state, state.values.parts[value][0], name, target)
    elif kind == EXTERNAL:
        _load_from_external(state, site, value, name, target)
    elif kind in {OBJECT, MEMBER}:
        _load_from_object(state, site, value, name, target)
    elif kind == CONSTANT and name in FOLLOWED_METHODS and is_followed(state.values.parts[value][1]):
        state.flow.add(target, (state.values.make(METHOD, value, name),))
    elif kind == CONSTANT:
        made = state.values.external(f"<builtin>.{state.values.parts[value][0]}")
        _load_from_external(state, site, made, name, target)
    elif kind == DECORATED:
        _load_from_decorated(state, site, value, name, target)
    elif kind == PROPERTY or (kind == CONTAINER and has_member(state.values.parts[value][0], name)):
        state.flow.add(target, (state.values.make(METHOD, value, name),))
    elif name == "__call__":
        state.flow.add(target, (value,))


def _load_from_external(state: State, site: Site, value: int, name: str, target: int) -> None:
    if has_member(state.values.parts[value][0].removeprefix(BUILTIN), name):
        tracked = member(state, value, name)
        found = state.values.extended(value, name) if tracked is None else tracked
        if tracked is None:
            state.record_implicit(site, state.values.parts[found][0])
        state.flow.add(target, (found,))


def _load_from_object(state: State, site: Site, value: int, name: str, target: int) -> None:
    found = member(state, value, name)
    if found is None:
        _load_from_external(state, site, state.typed(name_of(state, value)), name, target)
    else:
        state.flow.add(target, (found,))


def _load_from_decorated(state: State, site: Site, value: int, name: str, target: int) -> None:
    inner, decorator = state.values.parts[value]
    if name in {"__wrapped__", "__func__"}:
        state.flow.add(target, (inner,))
    else:
        load_from(state, site, state.typed(decorator), name, target)


def _load_from_class(state: State, site: Site, value: int, name: str, target: int) -> None:
    owner = state.class_of(value)
    assert owner is not None
    if name == "__class__":
        state.flow.add(target, (owner,))
    read(state, site, value, owner, name, target)
    if state.values.kinds[value] == INSTANCE and "__getattr__" in state.program.defined_names:
        _fall_back(state, site, value, name, target)


def _fall_back(state: State, site: Site, value: int, name: str, target: int) -> None:
    """Ask `__getattr__` for what no class defines."""
    owner = state.class_of(value)
    if owner is None or name in state.program.stored_names or find(state, owner, name)[0]:
        return
    asked = state.holding(state.values.constant(name))
    call_method(state, site, value, "__getattr__", Arguments((asked,)), target)


def _load_from_super(state: State, site: Site, value: int, name: str, target: int) -> None:
    owner, receiver = state.values.parts[value]
    start = state.class_of(receiver)
    if start is not None:
        read(state, site, receiver, start, name, target, after=owner)


def store(state: State, site: Site, target: int, name: str, source: int) -> None:
    """Let the attribute `name` of whatever reaches `target` hold what `source` holds; run setters."""

    def put(value: int) -> None:
        if state.values.kinds[value] == ORIGIN:
            return
        state.flow.edge(source, state.field(value, name))
        owner = state.class_of(value)
        if owner is not None and value != owner and name in state.program.defined_names:
            set_through(state, site, value, owner, name, source)

    state.flow.watch(target, put)
