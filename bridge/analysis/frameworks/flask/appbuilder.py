"""Flask-AppBuilder: the rules of the views that are added to an `AppBuilder`, and of those that it adds itself.

What `BaseView.create_blueprint`, `BaseApi.create_blueprint` and the managers' `register_views` do, written down:
https://flask-appbuilder.readthedocs.io/en/latest/views.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from bridge.analysis.facts import Opcode
from bridge.analysis.frameworks.calls import Call, calls_on, elements_of, making, objects, texts_of
from bridge.analysis.frameworks.classes import attribute, external_bases, instance_of
from bridge.analysis.frameworks.dotted import resolve
from bridge.analysis.frameworks.flask.appbuilder_views import (
    AUTH_TYPES,
    BUILT_IN,
    LIBRARY,
    BuiltIn,
    Exposed,
    Shape,
    shapes,
)
from bridge.analysis.frameworks.flask.configuration import setting
from bridge.analysis.frameworks.flask.exposing import exposed_by, names_of, plain
from bridge.analysis.frameworks.flask.mounting import Mount, Mounting, join_paths
from bridge.analysis.frameworks.flask.rules import Rule
from bridge.analysis.frameworks.flask.views import Handler
from bridge.analysis.frameworks.roots import enter_roots, functions_of, members_of, place_of
from bridge.analysis.frameworks.written import written
from bridge.analysis.solving.engine import settle
from bridge.analysis.solving.state import State
from bridge.analysis.solving.values import CLASS, CONSTANT, EXTERNAL, INSTANCE

__all__ = ["appbuilder_rules"]

PACKAGE = "flask_appbuilder."
BUILDER, EXPOSE, ACTION = "flask_appbuilder.AppBuilder", "flask_appbuilder.expose", "flask_appbuilder.action"
ADDING = ("add_view", "add_view_no_menu", "add_api", "add_separate_view")
FILES = "/static/appbuilder/<path:filename>"
INDEX, MANAGER = 3, 7  # where AppBuilder takes `indexview` and `security_manager_class`

CHANGING = ("prefill_form", "process_form")
HOOKS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "add": (*CHANGING, "pre_add", "post_add", "post_add_redirect"),
        "edit": (*CHANGING, "pre_update", "post_update", "post_edit_redirect"),
        "delete": ("pre_delete", "post_delete", "post_delete_redirect"),
        "post": ("pre_add", "post_add"),
        "put": ("pre_update", "post_update"),
        "get": ("pre_get",),
        "get_list": ("pre_get_list",),
        "this_form_get": ("form_get",),
        "this_form_post": ("form_get", "form_post"),
    }
)
ACTING = ("action", "action_post")  # they call what stands behind `@action`


@dataclass(frozen=True, slots=True)
class View:
    """A view of the project's class `owner`, or (-1) of the library's `name`; `condition`: the setting that adds it."""

    owner: int
    name: str
    added: Call
    condition: str = ""


def appbuilder_rules(state: State, mounting: Mounting, unread: list[str]) -> Iterator[tuple[Rule, Mount]]:
    """Yield the rules of all views of all `AppBuilder`s; a view that is not known goes to `unread`."""
    builders = objects(state, [BUILDER])
    reader = Reader(state, exposed_by(state, EXPOSE, "", unread), _actions(state), unread)
    for builder in builders:
        made = making(state, builder)
        if made is None:
            continue
        mounts = list(_mounts(state, builder, made, mounting))
        files = Handler(("GET",), "flask.Blueprint.send_static_file", "", 0, ())
        rules = [_rule(FILES, ("GET",), files, View(-1, "", made))]
        rules += [
            rule
            for view in (*_built_in(state, builder, made), *_added(state, builder, unread))
            for rule in reader.rules(view)
        ]
        yield from ((rule, mount) for rule in rules for mount in mounts)


def _mounts(state: State, builder: int, made: Call, mounting: Mounting) -> Iterator[Mount]:
    given = made.values(0, "app")
    for call in calls_on(state, builder, "init_app"):
        given |= call.values(0, "app")
    for each in [each for each in mounting.apps if each in given] or mounting.apps[:1]:
        yield from mounting.mounts[each]


def _added(state: State, builder: int, unread: list[str]) -> Iterator[View]:
    for call in calls_on(state, builder, *ADDING):
        found = list(_views(state, call.values(0, "baseview"), call))
        if not found:
            unread.append(f"the view that Flask-AppBuilder is given at {call.file}:{call.line}")
        yield from found


def _views(state: State, values: frozenset[int], added: Call, condition: str = "") -> Iterator[View]:
    """Yield the views that classes or instances are: the project's, else the library's own."""
    for value in sorted(values):
        kind, first = state.values.kinds[value], state.values.parts[value][0]
        if kind in {CLASS, INSTANCE}:
            owner = value if kind == CLASS else int(first)
            yield View(owner, place_of(state, owner)[0].rpartition(".")[2], added, condition)
        elif kind == EXTERNAL and str(first).startswith(PACKAGE) and _last(first) in LIBRARY:
            yield View(-1, _last(first), added, condition)


def _last(name: object) -> str:
    return str(name).rpartition(".")[2]


def _built_in(state: State, builder: int, made: Call) -> Iterator[View]:
    """Yield the views that the library adds, as settings and the project's security manager have them."""
    index = _given(state, builder, made, INDEX, "indexview") or _named(state, "FAB_INDEX_VIEW")
    yield from list(_views(state, index, made)) or [View(-1, "IndexView", made)]
    manager = _manager(state, builder, made)
    for each in BUILT_IN:
        condition = _condition(state, each)
        if condition is not None:
            own = manager is not None and each.attribute in names_of(state, manager)
            values = attribute(state, manager, each.attribute) if own and manager is not None else frozenset()
            yield from (
                _views(state, values, made, condition) if own else [View(-1, each.view, made, condition)]
            )


def _manager(state: State, builder: int, made: Call) -> int | None:
    """Return the project's class of the security manager; what its `register_views` adds is followed."""
    name = "security_manager_class"
    found = _given(state, builder, made, MANAGER, name) or _named(state, "FAB_SECURITY_MANAGER_CLASS")
    manager = next((each for each in sorted(found) if state.values.kinds[each] == CLASS), None)
    if manager is not None:
        receiver = instance_of(state, manager)
        enter_roots(state, list(members_of(state, receiver, "register_views")), "setup")
        settle(state)
        for node in list(_read_as_attribute(state, receiver, "appbuilder")):
            state.flow.add(node, (builder,))
        settle(state)
    return manager


def _read_as_attribute(state: State, receiver: int, name: str) -> Iterator[int]:
    """Yield the nodes that hold `receiver.name` where it is read."""
    for number, instance in enumerate(state.instances):
        for each in state.program.scopes[instance.scope].instructions:
            read = each[0] == Opcode.ATTR and each[3] == name
            if read and receiver in state.flow.holds[state.node(number, each[2])]:
                yield state.node(number, each[1])


def _given(state: State, builder: int, made: Call, position: int, name: str) -> frozenset[int]:
    """Return what `AppBuilder(...)` was given, or what was assigned to its attribute before `init_app`."""
    node = state.fields.get((builder, name))
    return made.values(position, name) or frozenset(() if node is None else state.flow.holds[node])


def _named(state: State, name: str) -> frozenset[int]:
    """Return the class that a setting names, in a text or itself."""
    values = setting(state, name) or frozenset()
    return values.union(*(resolve(state, text) for text in texts_of(state, values)))


def _condition(state: State, view: BuiltIn) -> str | None:
    """Return the setting that is not known and decides whether a view is added; "" where it is, None where it isn't."""
    unknown = []
    for name, default in view.flags:
        flags = _truths(state, setting(state, name), default=default)
        if True not in flags:
            return None
        unknown += [name] if False in flags else []
    types = _types(state) if view.types else []
    if types and not set(types) & set(view.types):
        return None
    return " and ".join([*unknown, *(["AUTH_TYPE"] if len(types) > 1 else [])])


def _truths(state: State, values: frozenset[int] | None, *, default: bool) -> set[bool]:
    if values is None:
        return {default}
    known = {bool(state.values.parts[each][1]) for each in values if state.values.kinds[each] == CONSTANT}
    return known if known and all(state.values.kinds[each] == CONSTANT for each in values) else {True, False}


def _types(state: State) -> list[str]:
    """Return the names of the AUTH_TYPEs that the project's settings may have."""
    found = []
    for each in sorted(setting(state, "AUTH_TYPE") or ()):
        part = state.values.parts[each][-1]
        if state.values.kinds[each] == CONSTANT and isinstance(part, int) and 0 <= part < len(AUTH_TYPES):
            found.append(AUTH_TYPES[part])
        elif state.values.kinds[each] == EXTERNAL and _last(part) in AUTH_TYPES:
            found.append(_last(part))
    return list(dict.fromkeys(found)) or ["AUTH_DB"]


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads the rules of views. `exposed`: function value -> where `@expose` puts it; `actions` stand behind `@action`."""

    state: State
    exposed: Mapping[int, list[Exposed]]
    actions: frozenset[int]
    unread: list[str]

    def rules(self, view: View) -> Iterator[Rule]:
        """Yield the rules of one view: of the methods of its own class, then of the library's behind it."""
        prefix, wanted = self._prefix(view), self._texts(view, "include_route_methods")
        left_out = self._texts(view, "exclude_route_methods")
        for name, places, handler in (*self._own(view), *self._inherited(view)):
            if name not in left_out and (name in wanted or not wanted):
                for path, methods in places:
                    yield _rule(join_paths(prefix or None, path), methods, handler, view)

    def _texts(self, view: View, name: str) -> list[str]:
        return elements_of(self.state, attribute(self.state, view.owner, name)) if view.owner >= 0 else []

    def _prefix(self, view: View) -> str:
        """Return `route_base`, or what the library makes of the class's name."""
        behind = self._behind(view)
        base = self._said(view, "route_base", [each.base for each in behind])
        if base is not None:
            return base
        if not any(each is LIBRARY["BaseApi"] for each in behind):
            return f"/{view.name.lower()}"
        resource = self._said(view, "resource_name", [each.resource for each in behind]) or view.name
        version = self._said(view, "version", []) or "v1"
        return f"/api/{version}/{resource.lower()}"

    def _said(self, view: View, name: str, behind: list[str | None]) -> str | None:
        """Return the text that a class has as attribute `name`, else what the library's classes behind it have."""
        if view.owner >= 0 and name in names_of(self.state, view.owner):
            texts = texts_of(self.state, attribute(self.state, view.owner, name))
            if not texts:
                self.unread.append(f"the {name} of {view.name} at {view.added.file}:{view.added.line}")
            return texts[0] if texts else None
        return next((each for each in behind if each is not None), None)

    def _behind(self, view: View) -> list[Shape]:
        """Return the library's classes that the view is, or that stand behind it, the nearest first."""
        names = [view.name]
        if view.owner >= 0:
            bases = external_bases(self.state, view.owner)
            names = [_last(each) for each in bases if each.startswith(PACKAGE)]
        return [shape for name in names for shape in shapes(name)]

    def _own(self, view: View) -> Iterator[tuple[str, list[Exposed], Handler]]:
        """Yield (method, where it is exposed, handler) of what the project's classes define, exposed or not."""
        receiver = instance_of(self.state, view.owner) if view.owner >= 0 else -1
        for name in names_of(self.state, view.owner) if view.owner >= 0 else ():
            for function in list(members_of(self.state, receiver, name))[:1]:
                original = written(self.state, function)
                symbol, file, line = place_of(self.state, original)
                places = self.exposed.get(plain(self.state, original), [])
                values = (*self._around(receiver, name), (function, "handler"))
                yield name, places, Handler(None, symbol, file, line, values)

    def _inherited(self, view: View) -> Iterator[tuple[str, list[Exposed], Handler]]:
        """Yield what the library's classes expose, but for what the project's define themselves."""
        known = set(names_of(self.state, view.owner)) if view.owner >= 0 else set()
        symbol, file, line = f"{PACKAGE}{view.name}", "", 0
        receiver = -1
        if view.owner >= 0:
            symbol, file, line = place_of(self.state, view.owner)
            receiver = instance_of(self.state, view.owner)
        for shape in self._behind(view):
            for name, places in shape.exposed.items():
                if name not in known:
                    known.add(name)
                    values = tuple(self._around(receiver, name)) if view.owner >= 0 else ()
                    yield name, list(places), Handler(None, f"{symbol}.{name}", file, line, values)

    def _around(self, receiver: int, name: str) -> Iterator[tuple[int, str]]:
        """Yield what the library calls of the view's class before or after its method `name`."""
        for hook in HOOKS.get(name, ()):
            yield from ((each, "hook") for each in members_of(self.state, receiver, hook))
        owner = self.state.class_of(receiver)
        for each in names_of(self.state, owner) if name in ACTING and owner is not None else ():
            for function in members_of(self.state, receiver, each):
                if plain(self.state, written(self.state, function)) in self.actions:
                    yield function, "hook"


def _rule(path: str, methods: tuple[str, ...], handler: Handler, view: View) -> Rule:
    where = handler.file or view.added.file, handler.line or view.added.line
    shown = replace(handler, methods=methods)
    return Rule(path, methods, frozenset(), "", view.added.call.site, *where, (shown,), view.condition)


def _actions(state: State) -> frozenset[int]:
    """Return the functions behind `@action`."""
    calls = [call for decorator in objects(state, [ACTION]) for call in calls_on(state, decorator)]
    values = [value for call in calls for value in call.values(0)]
    return frozenset(written(state, each) for value in values for each in functions_of(state, value))
