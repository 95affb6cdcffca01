"""Applications and blueprints: which are there, and under which prefix a blueprint's rules stand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bridge.analysis.frameworks.calls import Call, calls_on, externals, making, objects
from bridge.analysis.frameworks.conditions import condition_at
from bridge.analysis.frameworks.flask.discovering import Open, condition_of
from bridge.analysis.solving.state import State
from bridge.analysis.solving.values import INSTANCE

__all__ = ["APPLICATION", "BLUEPRINTS", "Mount", "Mounting", "join_paths", "mounting_of"]

APPLICATION = "flask.Flask"
BLUEPRINTS = ("flask.Blueprint", "flask_smorest.Blueprint")
DEEPEST = 8  # blueprints inside each other

# A blueprint that comes out of these was looked for at run time, among the project's own.
DISCOVERING = ("<builtin>.", "importlib.", "inspect.", "pkgutil.", "glob.", "os.", "sys.")


@dataclass(frozen=True, slots=True)
class Mount:
    """Where a scaffold's rules go: under `prefix` (None: none) of `app`, through `chain`, blueprints outermost first.

    `condition` is the setting that the registration depends on, "" for none.
    """

    app: int
    prefix: str | None
    chain: tuple[int, ...] = ()
    condition: str = ""


@dataclass(slots=True)
class Mounting:
    """The applications, and the mounts of every application and blueprint."""

    apps: list[int]
    mounts: dict[int, list[Mount]] = field(default_factory=dict)
    unread: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Registration:
    """One `parent.register_blueprint(child, url_prefix=...)`. `prefix` None: the blueprint's own."""

    parent: int
    child: int
    prefix: str | None
    condition: str


def mounting_of(state: State, apps: list[int], root: Path) -> Mounting:
    """Return where every blueprint is mounted. One that no known registration names is told in `unread`.

    `root` is the project's folder, in which the conditions around registrations are read.
    """
    found = Mounting(apps)
    blueprints = objects(state, BLUEPRINTS)
    registrations, openings = _registrations(state, root, apps, blueprints, found.unread)
    children: dict[int, list[Registration]] = defaultdict(list)
    for each in registrations:
        children[each.child].append(each)
    for app in apps:
        found.mounts[app] = [Mount(app, None)]
    for blueprint in blueprints:
        mounts = list(_mounts(state, blueprint, children, apps, ()))
        unknown = _is_prefix_unknown(state, blueprint)
        if not mounts and apps and not unknown:
            around = [each for each in openings if each.package == _package(state, blueprint)]
            condition = condition_of(state, root, around, blueprint)
            if condition is not None:
                mounts = [Mount(apps[0], own_prefix(state, blueprint), (blueprint,), condition)]
        if not mounts and _has_rules(state, blueprint):
            found.unread.append(_unmounted(state, blueprint, unknown=unknown))
        found.mounts[blueprint] = _each_once(mounts)
    return found


def _each_once(mounts: list[Mount]) -> list[Mount]:
    """Return mounts without those that stand under a condition where another doesn't."""
    found: dict[tuple[int, str | None, tuple[int, ...]], Mount] = {}
    for each in sorted(mounts, key=lambda mount: bool(mount.condition)):
        found.setdefault((each.app, each.prefix, each.chain), each)
    return list(found.values())


def _registrations(
    state: State, root: Path, apps: list[int], blueprints: list[int], unread: list[str]
) -> tuple[list[Registration], list[Open]]:
    """Return the registrations, and those of blueprints that are looked for at run time."""
    known = frozenset(blueprints)
    openings: list[Open] = []
    found: list[Registration] = []
    for owner in list(state.object_calls):
        for call in calls_on(state, owner, "register_blueprint"):
            children = call.values(0, "blueprint") & known
            if not children and not _names_a_library(state, call):
                openings.append(Open(call))
            condition = condition_at(root, call.file, call.line)
            for parent in _parents(state, owner, apps, known):
                found += [
                    Registration(parent, each, _prefix(call, unread), condition) for each in sorted(children)
                ]
    return found, openings


def _names_a_library(state: State, call: Call) -> bool:
    names = externals(state, call.values(0, "blueprint"))
    return any(not name.startswith(DISCOVERING) for name in names)


def _package(state: State, blueprint: int) -> str:
    made = making(state, blueprint)
    return made.file.partition("/")[0] if made else ""


def _parents(state: State, owner: int, apps: list[int], blueprints: frozenset[int]) -> list[int]:
    """Return what `owner` is: an application, a blueprint, or something that stands for the application."""
    if owner in apps or owner in blueprints:
        return [owner]
    apart = state.values.kinds[owner] != INSTANCE or len(state.values.parts[owner]) > 1
    return apps[:1] if apart else []


def _prefix(call: Call, unread: list[str]) -> str | None:
    texts = call.texts(1 if call.name.startswith("flask_smorest") else None, "url_prefix")
    if not texts and call.is_given(None, "url_prefix"):
        unread.append(f"the url_prefix of register_blueprint at {call.file}:{call.line}")
    return texts[0] if texts else None


def _mounts(
    state: State,
    blueprint: int,
    children: dict[int, list[Registration]],
    apps: list[int],
    inside: tuple[int, ...],
) -> Iterator[Mount]:
    if blueprint in inside or len(inside) > DEEPEST:
        return
    for each in children[blueprint]:
        if each.prefix is None and _is_prefix_unknown(state, blueprint):
            continue
        own = own_prefix(state, blueprint) if each.prefix is None else each.prefix
        if each.parent in apps:
            yield Mount(each.parent, own, (blueprint,), each.condition)
        else:
            for outer in _mounts(state, each.parent, children, apps, (*inside, blueprint)):
                condition = outer.condition or each.condition
                yield Mount(outer.app, _nested(outer.prefix, own), (*outer.chain, blueprint), condition)


def own_prefix(state: State, blueprint: int) -> str | None:
    """Return the `url_prefix` that a blueprint was made with, None if it has none (or it is not known)."""
    made = making(state, blueprint)
    texts = made.texts(None, "url_prefix") if made else []
    if not texts:
        texts = (
            [
                state.values.parts[each][1]
                for each in sorted(state.flow.holds[state.fields[blueprint, "url_prefix"]])
                if isinstance(state.values.parts[each][-1], str)
            ]
            if (blueprint, "url_prefix") in state.fields
            else []
        )
    return texts[0] if texts else None


def _is_prefix_unknown(state: State, blueprint: int) -> bool:
    """Return whether the blueprint was made with a prefix that cannot be followed."""
    made = making(state, blueprint)
    return own_prefix(state, blueprint) is None and made is not None and made.is_given(None, "url_prefix")


def _nested(outer: str | None, inner: str | None) -> str | None:
    """As `Blueprint.register` joins the prefixes of blueprints inside each other."""
    if outer is None or inner is None:
        return inner if outer is None else outer
    return f"{outer.rstrip('/')}/{inner.lstrip('/')}"


def join_paths(prefix: str | None, rule: str) -> str:
    """As `BlueprintSetupState.add_url_rule` joins a prefix and a rule; with a leading slash."""
    if rule.startswith("!/"):
        return rule[
            1:
        ]  # Indico's blueprints leave their prefix out so; to Werkzeug alone it would be an error
    if prefix:
        rule = f"{prefix.rstrip('/')}/{rule.lstrip('/')}" if rule else prefix
    return rule if rule.startswith("/") else f"/{rule}"


def _has_rules(state: State, blueprint: int) -> bool:
    return any(
        True for _ in calls_on(state, blueprint, "route", "add_url_rule", "get", "post", "put", "delete")
    )


def _unmounted(state: State, blueprint: int, *, unknown: bool) -> str:
    made = making(state, blueprint)
    where = f"{made.file}:{made.line}" if made else "an unknown place"
    if unknown:
        return f"the url_prefix of the blueprint made at {where}"
    return f"the blueprint made at {where}: no register_blueprint that could be followed names it"
