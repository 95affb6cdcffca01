"""Flask-Admin: the rules that `Admin.add_view` makes of a view, of its own methods behind `@expose` and of its bases'.

What `BaseView.create_blueprint` does, written down: https://flask-admin.readthedocs.io/en/stable/api/mod_base/
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from bridge.analysis.frameworks.calls import (
    Call,
    calls_on,
    making,
    objects,
    reading,
)
from bridge.analysis.frameworks.classes import attribute, external_bases
from bridge.analysis.frameworks.flask.exposing import Exposed, classes_of, exposed_by, names_of, plain
from bridge.analysis.frameworks.flask.mounting import Mount, Mounting, join_paths
from bridge.analysis.frameworks.flask.rules import Rule
from bridge.analysis.frameworks.flask.views import Handler, handlers
from bridge.analysis.frameworks.roots import members_of, place_of
from bridge.analysis.frameworks.written import written
from bridge.analysis.solving.objects import canonical, name_of
from bridge.analysis.solving.state import ObjectCall, State
from bridge.analysis.solving.values import CLASS, EXTERNAL, INSTANCE, OBJECT

__all__ = ["admin_rules"]

ADMIN, EXPOSE, PLUGGED = "flask_admin.Admin", "flask_admin.expose", "flask_admin.expose_plugview"
INDEX, MODEL_VIEW = "flask_admin.AdminIndexView", "flask_admin.model.BaseModelView"

GET, POST, BOTH = ("GET",), ("POST",), ("GET", "POST")

# Canonical base -> method -> where the library exposes it.
LIBRARY: Mapping[str, Mapping[str, tuple[Exposed, ...]]] = MappingProxyType(
    {
        INDEX: {"index": (("/", GET),)},
        MODEL_VIEW: {
            "index_view": (("/", GET),),
            "create_view": (("/new/", BOTH),),
            "edit_view": (("/edit/", BOTH),),
            "details_view": (("/details/", GET),),
            "delete_view": (("/delete/", POST),),
            "action_view": (("/action/", POST),),
            "export": (("/export/<export_type>/", GET),),
            "ajax_lookup": (("/ajax/lookup/", GET),),
            "ajax_update": (("/ajax/update/", POST),),
        },
        "flask_admin.contrib.fileadmin.FileAdmin": {
            "index": (("/old_index", GET), ("/old_b/<path:path>", GET)),
            "index_view": (("/", GET), ("/b/<path:path>", GET)),
            "upload": (("/upload/", BOTH), ("/upload/<path:path>", BOTH)),
            "download": (("/download/<path:path>", GET),),
            "mkdir": (("/mkdir/", BOTH), ("/mkdir/<path:path>", BOTH)),
            "delete": (("/delete/", POST),),
            "rename": (("/rename/", BOTH),),
            "edit": (("/edit/", BOTH),),
            "action_view": (("/action/", POST),),
        },
    }
)

# Canonical base -> where its constructor takes `endpoint`; `url` stands behind it.
ENDPOINTS: Mapping[str, int] = MappingProxyType(
    {
        "flask_admin.BaseView": 2,
        INDEX: 2,
        MODEL_VIEW: 3,
        "flask_admin.contrib.sqla.ModelView": 4,
        "flask_admin.contrib.fileadmin.FileAdmin": 4,
    }
)
MODELS = frozenset({MODEL_VIEW, "flask_admin.contrib.sqla.ModelView"})

ACCESS = ("_handle_view", "is_accessible", "inaccessible_callback")
CHANGE = (
    "get_one",
    "update_model",
    "create_model",
    "on_model_change",
    "after_model_change",
    "on_form_prefill",
)
HOOKS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "index_view": ("get_query", "get_count_query", "get_list"),
        "create_view": ("create_form", "get_create_form", *CHANGE),
        "edit_view": ("edit_form", "get_edit_form", *CHANGE),
        "ajax_update": CHANGE,
        "details_view": ("get_one",),
        "delete_view": ("get_one", "delete_model", "on_model_delete", "after_model_delete"),
        "action_view": ("handle_action",),
        "export": ("get_query", "get_export_value", "get_list"),
    }
)


@dataclass(frozen=True, slots=True)
class Placed:
    """A view with where it is added. `base` is the library's class that it is, or the nearest behind it."""

    value: int
    base: str
    added: Call


def admin_rules(state: State, mounting: Mounting, unread: list[str]) -> Iterator[tuple[Rule, Mount]]:
    """Yield the rules of all views of all `Admin`s; a view that is not one goes to `unread`."""
    exposed = exposed_by(state, EXPOSE, PLUGGED, unread)
    for admin in objects(state, [ADMIN]):
        made = making(state, admin)
        if made is None:
            continue
        mounts = list(_mounts(state, admin, made, mounting))
        for path, view in _views(state, admin, made, unread):
            for rule in _rules(state, path, view, exposed):
                yield from ((rule, mount) for mount in mounts)


def _mounts(state: State, admin: int, made: Call, mounting: Mounting) -> Iterator[Mount]:
    given = made.values(0, "app")
    for call in calls_on(state, admin, "init_app"):
        given |= call.values(0, "app")
    for each in [each for each in mounting.apps if each in given] or mounting.apps[:1]:
        yield from mounting.mounts[each]


def _views(state: State, admin: int, made: Call, unread: list[str]) -> Iterator[tuple[str, Placed]]:
    """Yield (path, view): the index view, then what was added."""
    own = _text(made, 2, "url")
    index = sorted(made.values(4, "index_view"))
    paths = [_given(state, each)[1] for each in index]
    home = paths[0] if paths and paths[0] else own if own and not index else "/admin"
    root = own or home
    for value in index or [-1]:
        yield home, Placed(value, INDEX, made)
    for call in calls_on(state, admin, "add_view", "add_views"):
        values = call.values(0, "view").union(*call.rest(1))
        if not values:
            unread.append(f"the view that Flask-Admin is given at {call.file}:{call.line}")
        for value in sorted(values):
            base = _base(state, value)
            for path in _paths(state, value, root.rstrip("/")) if base else ():
                yield path, Placed(value, base, call)


def _base(state: State, value: int) -> str:
    return name_of(state, value) if state.values.kinds[value] in {INSTANCE, OBJECT} else ""


def _text(call: Call | None, position: int | None, name: str) -> str:
    texts = call.texts(position, name) if call else []
    return texts[0] if texts else ""


def _paths(state: State, value: int, root: str) -> Iterator[str]:
    """Yield where a view stands, as `BaseView._get_view_url` has it; several models may be in one place of a loop."""
    endpoints, url = _given(state, value)
    if url:
        yield url if url.startswith("/") else f"{root}/{url}"
    else:
        yield from (f"{root}/{each}" for each in endpoints)


def _given(state: State, value: int) -> tuple[list[str], str]:
    """Return the endpoints that a view may have, and its URL, "" for none of its own."""
    base = _base(state, value)
    endpoint = ENDPOINTS.get(base, 3)
    made = making(state, value)
    calls = list(_initialised(state, value)) or ([] if made is None else [made])
    urls = [text for call in calls if (text := _text(call, endpoint + 1, "url"))]
    names = [text for call in calls if (text := _text(call, endpoint, "endpoint"))]
    if not names and base in MODELS:
        names = [name for call in calls for name in _models(state, call)]
    if not names and state.values.kinds[value] == INSTANCE:
        names = [place_of(state, state.values.parts[value][0])[0].rpartition(".")[2].lower()]
    return list(dict.fromkeys(names)) or [base.rpartition(".")[2].lower()], urls[0] if urls else ""


def _initialised(state: State, value: int) -> Iterator[Call]:
    """Yield the calls of the library's `__init__` in the constructor of a project's view."""
    if state.values.kinds[value] != INSTANCE:
        return
    for site, (callees, arguments) in state.handed_out.items():
        if state.contexts[site.instance] == (value,):
            for callee in callees:
                if str(state.values.parts[callee][0]).endswith(".__init__"):
                    yield reading(state, ObjectCall(site, callee, arguments, callee))


def _models(state: State, call: Call) -> Iterator[str]:
    """Yield the names of the classes that a model view is of, as endpoints."""
    for value in sorted(call.values(0, "model")):
        if state.values.kinds[value] == CLASS:
            yield place_of(state, value)[0].rpartition(".")[2].lower()
        elif state.values.kinds[value] == EXTERNAL:
            yield str(state.values.parts[value][0]).rpartition(".")[2].lower()


def _rules(state: State, path: str, view: Placed, exposed: Mapping[int, list[Exposed]]) -> Iterator[Rule]:
    known = view.added.call.site
    for inner, methods, handler in _handlers(state, view, exposed):
        whole = join_paths(path if path.strip("/") else None, inner)
        where = handler.file or view.added.file, handler.line or view.added.line
        yield Rule(whole, methods, frozenset(), "", known, *where, (handler,))


def _handlers(
    state: State, view: Placed, exposed: Mapping[int, list[Exposed]]
) -> Iterator[tuple[str, tuple[str, ...], Handler]]:
    """Yield (path, methods, handler) of what the view's class and the library's classes behind it expose."""
    is_own = view.value >= 0 and state.values.kinds[view.value] == INSTANCE
    owner = int(state.values.parts[view.value][0]) if is_own else -1
    hidden: set[str] = set()
    for name in names_of(state, owner) if is_own else ():
        yield from _plugged(state, view, name, exposed)
        functions = list(members_of(state, view.value, name))
        hidden.update([name] if functions else [])
        for function in functions[:1]:
            symbol, file, line = place_of(state, written(state, function))
            values = (*_hooks(state, view.value, ACCESS, "hook"), (function, "handler"))
            for path, methods in exposed.get(plain(state, written(state, function)), ()):
                yield path, methods, Handler(methods, symbol, file, line, values)
    symbol, file, line = place_of(state, owner) if is_own else (view.base, "", 0)
    for name, places in _inherited(state, owner, view.base).items():
        names = (*ACCESS, *HOOKS.get(name, ())) if is_own else ()
        around = tuple(_hooks(state, view.value, names, "hook"))
        for path, methods in places if name not in hidden else ():
            yield path, methods, Handler(methods, f"{symbol}.{name}", file, line, around)


def _plugged(
    state: State, view: Placed, name: str, exposed: Mapping[int, list[Exposed]]
) -> Iterator[tuple[str, tuple[str, ...], Handler]]:
    """Yield what an attribute exposes that is a pluggable view class: a handler for each HTTP method of it."""
    site = view.added.call.site
    for each in dict.fromkeys(
        classes_of(state, attribute(state, int(state.values.parts[view.value][0]), name))
    ):
        places = exposed.get(each, ())
        for handler in handlers(state, site, [each]) if places else ():
            values = (*_hooks(state, view.value, ACCESS, "hook"), *handler.values)
            for path, methods in places:
                yield path, handler.methods or methods, replace(handler, values=values)


def _inherited(state: State, owner: int, base: str) -> Mapping[str, tuple[Exposed, ...]]:
    """Return what the library's class exposes that the view is, or that stands behind it."""
    behind = external_bases(state, owner) if owner >= 0 else []
    names = {base, *(canonical(each) for each in behind)}
    found = MODEL_VIEW if MODELS & names else next((each for each in LIBRARY if each in names), "")
    return LIBRARY.get(found, {})


def _hooks(state: State, receiver: int, names: tuple[str, ...], role: str) -> Iterator[tuple[int, str]]:
    for name in names:
        yield from ((each, role) for each in members_of(state, receiver, name))
