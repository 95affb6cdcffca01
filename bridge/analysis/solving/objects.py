"""Library objects that are told apart: made, their attributes, the calls on them.

    app = flask.Flask(...)            OBJECT "flask.Flask", by where it is made
    app.route                         MEMBER of it
    app.route("/x")                   OBJECT "flask.Flask.route", made by that member
    app.route("/x")(view)             a call of that object

An instance of a project's class behind such a base is kept apart in the same way: an INSTANCE with a third part.
What was called, and with which nodes, stands in `State.object_calls` under the object, in the order found;
how it was made in `State.makings`.
"""

from __future__ import annotations

from collections.abc import Iterator

from bridge.analysis.solving.resolution import external_bases
from bridge.analysis.solving.state import Arguments, ObjectCall, Site, State
from bridge.analysis.solving.tracked import ALIASES, TRACKED
from bridge.analysis.solving.values import CLASS, EXTERNAL, INSTANCE, MEMBER, OBJECT

__all__ = [
    "call_object",
    "canonical",
    "is_kept_apart",
    "make_instance",
    "make_object",
    "member",
    "name_of",
    "owner_of",
    "tracked_bases",
]


def canonical(name: str) -> str:
    """Return the one name of a tracked class that has several; other names come back as they are."""
    return ALIASES.get(name, name)


def make_object(state: State, site: Site, value: int, arguments: Arguments) -> int | None:
    """Return the object that calling the external `value` makes here, None if such objects are not tracked."""
    name = canonical(state.values.parts[value][0])
    if name not in TRACKED:
        return None
    made = state.values.make(OBJECT, name, site.instance, site.key, value)
    state.makings.setdefault(made, ObjectCall(site, value, arguments, made))
    return made


def make_instance(state: State, site: Site, value: int, arguments: Arguments) -> int:
    """Return what calling the class `value` of the project gives: all its instances are one, but for tracked ones."""
    if not is_kept_apart(state, value):
        return state.values.make(INSTANCE, value)
    made = state.values.make(INSTANCE, value, (site.instance, site.key))
    state.makings.setdefault(made, ObjectCall(site, value, arguments, made))
    return made


def is_kept_apart(state: State, owner: int) -> bool:
    """Return whether the instances of a class are told apart by where they are made."""
    return any(True for _ in tracked_bases(state, owner))


def tracked_bases(state: State, owner: int) -> Iterator[str]:
    """Yield the tracked library classes behind a class of the project, the nearest first."""
    for each in external_bases(state, owner):
        name = canonical(each)
        if name in TRACKED:
            yield name


def name_of(state: State, value: int) -> str:
    """Return the canonical dotted name of an OBJECT, a MEMBER, or of the tracked class behind a project's."""
    kind, parts = state.values.kinds[value], state.values.parts[value]
    if kind == OBJECT:
        return str(parts[0])
    if kind == MEMBER:
        return canonical(f"{parts[2]}.{parts[1]}")
    if kind in {INSTANCE, CLASS}:
        return next(tracked_bases(state, value if kind == CLASS else parts[0]), "")
    return canonical(str(parts[0])) if kind == EXTERNAL else ""


def owner_of(state: State, value: int) -> int:
    """Return the object that a MEMBER belongs to; other values come back as they are."""
    return int(state.values.parts[value][0]) if state.values.kinds[value] == MEMBER else value


def member(state: State, value: int, attribute: str) -> int | None:
    """Return the MEMBER `attribute` of a tracked object (or class), None if it is not one that counts."""
    if state.values.kinds[value] in {INSTANCE, CLASS}:
        owner = state.class_of(value)
        assert owner is not None
        bases = tracked_bases(state, owner)
        base = next((name for name in bases if attribute in TRACKED[name]), None)
    else:
        base = name_of(state, value)
    if base is None or attribute not in TRACKED.get(base, ()):
        return None
    return state.values.make(MEMBER, value, attribute, base)


def call_object(state: State, site: Site, value: int, arguments: Arguments) -> int:
    """Note that an OBJECT or a MEMBER is called at `site`, and return what that gives."""
    made = state.values.make(OBJECT, name_of(state, value), site.instance, site.key, value)
    call = ObjectCall(site, value, arguments, made)
    state.makings.setdefault(made, call)
    state.object_calls.setdefault(owner_of(state, value), []).append(call)
    return made
