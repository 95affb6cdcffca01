"""Rows of the route table -> routes with what runs on them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from bridge.analysis.effects.evaluations import LISTED
from bridge.analysis.facts import RESULT, Opcode
from bridge.analysis.frameworks.django.data import Class, External, Function, Instance, Made, name_of
from bridge.analysis.frameworks.django.definitions import Definitions
from bridge.analysis.frameworks.django.handlers import SHOWING, calls_handler, has_object, lists, may_validate
from bridge.analysis.frameworks.django.hooks import (
    ACTION,
    ALWAYS,
    HELPERS,
    HOOKS,
    ITERATE,
    TAKING,
    TEMPLATE_METHODS,
    UNUSED,
)
from bridge.analysis.frameworks.django.interpreter import Interpreter
from bridge.analysis.frameworks.django.own_queries import (
    admin_queries,
    decorator_queries,
    form_choices,
    handler_queries,
    library_queries,
    permission_queries,
    shows_form,
)
from bridge.analysis.frameworks.django.page_types import (
    METHODS,
    hooks_around,
    page_types,
    routed_methods,
    serves_pages,
    template_of,
)
from bridge.analysis.frameworks.django.pages import Pages, is_page
from bridge.analysis.frameworks.django.policies import (
    FUNCTION_POLICIES,
    classes_among,
    default_policy,
    policy_of,
)
from bridge.analysis.frameworks.django.requests import enter_with_request, give_request
from bridge.analysis.frameworks.django.serializing import GIVEN, give_hook, guarding, showing
from bridge.analysis.frameworks.django.urls import Row
from bridge.analysis.frameworks.django.view_methods import View, view_of
from bridge.analysis.frameworks.roots import members_of
from bridge.analysis.model import Root, Route, Witness
from bridge.analysis.solving.containers import iterate
from bridge.analysis.solving.state import Site, State
from bridge.analysis.solving.values import FUNCTION, INSTANCE

__all__ = ["Builder"]

ADMIN = External("<admin>")
API_VIEW = "rest_framework.decorators.api_view"


@dataclass(slots=True)
class Builder:
    """Makes routes. `around` are the roots that run on every request, `atomic` what ATOMIC_REQUESTS adds."""

    state: State
    interpreter: Interpreter
    definitions: Definitions
    around: tuple[Root, ...]
    atomic: Witness | None
    pages: Pages | None = None
    entered: dict[tuple[int, str], tuple[Root, ...]] = field(default_factory=dict)  # (class, method) -> roots
    asking: dict[int, bool] = field(
        default_factory=dict
    )  # function's node -> whether it calls the framework's

    def routes(self, rows: Iterable[Row]) -> Iterator[Route]:
        """Yield the routes of all rows; a class-based view gives one for each HTTP method that it answers."""
        for row in rows:
            if isinstance(row.view, Made) and row.view.function == ADMIN:
                yield self._admin(row)
                continue
            view = view_of(self.interpreter, row.view)
            if view.handlers:
                for method in sorted(view.handlers):
                    yield self._handler(row, view, method)
            else:
                yield self._function(row, view)

    # --- functions --------------------------------------------------------------------------

    def _function(self, row: Row, view: View) -> Route:
        target = view.target
        roots = list(self.around)
        is_async = False
        extra: tuple[Witness, ...] = ()
        if isinstance(target, Function):
            symbol = self._qualified(target.module, name_of(target))
            extra = tuple(decorator_queries(target, view.decorators, symbol))
            answering = self._answering(view, target)
            roots.extend(answering)
            is_async = self._is_async(self.definitions.functions(target))
            roots.extend(self._layers(view.layers, self.definitions.functions(target)))
            roots.extend(root for each in view.guards for root in self._guard(each))
            roots.extend(self._policies(view))
            if view.is_operation:
                self._serialise(answering)
        elif isinstance(target, Class):
            roots.extend(self._methods(target, ["__call__", *ALWAYS]))
        if serves_pages(target):
            roots.extend(self._page_types())
        methods = tuple(sorted(set(view.methods or ()) - {"HEAD", "OPTIONS"}))
        return self._route(row, view, methods, name_of(target), roots, is_async=is_async, extra=extra)

    def _answering(self, view: View, target: Function) -> list[Root]:
        """Return the roots of a view's function, entered through its object where it is a class's method."""
        if view.owner is not None:
            return list(self._methods(view.owner, ["__init__", view.name]))
        return [enter_with_request(self.state, each, "handler") for each in self.definitions.exported(target)]

    def _guard(self, guard: Any) -> Iterator[Root]:
        """Yield the roots of what is asked before a view: a function, or an object that is called."""
        if isinstance(guard, Function):
            values = self.definitions.exported(guard)
            yield from (enter_with_request(self.state, each, "authentication") for each in values)
        elif isinstance(guard, Instance):
            names = ["__call__", "authenticate", "has_permission", "has_object_permission"]
            yield from self._methods(guard.cls, names, role="authentication")

    def _serialise(self, roots: Iterable[Root]) -> None:
        """Ask for the rows that functions return: the framework makes JSON of a query set."""
        for root in roots:
            site = Site(root.instance, "response", root.line)
            iterate(self.state, site, self.state.node(root.instance, RESULT), self.state.flow.node())

    def _layers(self, layers: tuple[Function, ...], inner: list[int]) -> Iterator[Root]:
        """Yield the roots of decorators that the URL configuration applies."""
        for layer in layers:
            for value in inner:
                for each in self.definitions.closures(layer, value):
                    yield enter_with_request(self.state, each, "decorator")

    def _is_async(self, functions: list[int]) -> bool:
        state = self.state
        return any(state.program.scopes[state.values.parts[each][0]].is_async for each in functions)

    # --- classes ----------------------------------------------------------------------------

    def _handler(self, row: Row, view: View, method: str) -> Route:
        name = view.handlers[method]
        cls = view.target
        own = isinstance(cls, Class) and self.definitions.class_of(cls) is not None
        roots = list(self.around)
        extra: list[Witness] = []
        handler = name_of(cls)
        is_async = False
        if own:
            roots.extend(self._methods(cls, [*ALWAYS, name, *self._hooks(cls, name)]))
            roots.extend(self._helpers(cls, name, method))
            shows = name == "get" and self.pages is not None and self.pages.shows_rows(cls)
            asked = handler_queries(self.interpreter, cls, name)
            extra.extend(
                replace(each, role=LISTED) if shows and each.sink == ITERATE else each for each in asked
            )
            extra.extend(permission_queries(self.interpreter, cls, method))
            is_generic = self._leaves_to_framework(cls, name)
            if is_generic:
                extra.extend(form_choices(self.interpreter, cls, method))
            if self.pages is not None and (method == "GET" or shows_form(self.interpreter, cls, method)):
                roots.extend(self.pages.of(cls, is_generic=is_generic))
            handlers = [each for each in roots if each.role == "handler" and each.symbol.endswith(f".{name}")]
            is_async = any(self._is_async([self._plain(each.function)]) for each in handlers)
        elif isinstance(cls, External):
            extra.extend(library_queries(cls, name, row.place))
            if self.pages is not None and method == "GET" and is_page(cls):
                roots.extend(self.pages.around())
        return self._route(row, view, (method,), handler, roots, is_async=is_async, extra=tuple(extra))

    def _plain(self, value: int) -> int:
        while self.state.values.kinds[value] != FUNCTION:
            value = self.state.values.parts[value][0]
        return value

    def _methods(self, cls: Class, names: Iterable[str], *, role: str = "handler") -> Iterator[Root]:
        value = self.definitions.class_of(cls)
        if value is None:
            return
        receiver = self.state.values.make(INSTANCE, value)
        give_request(self.state, receiver)
        for name in dict.fromkeys(names):
            known = self.entered.get((value, name))
            if known is None:
                found = members_of(self.state, receiver, name)
                known = tuple(enter_with_request(self.state, each, role) for each in found)
                self.entered[value, name] = known
            yield from known

    def _hooks(self, cls: Class, name: str) -> tuple[str, ...]:
        """Return the methods that the framework's handler calls: none if the class answers alone."""
        if not self._leaves_to_framework(cls, name):
            return ()
        own = self.interpreter.find(cls, name)[1] is not None
        return HOOKS.get(name, ACTION if own else ())

    def _leaves_to_framework(self, cls: Class, name: str) -> bool:
        """Return whether the framework's handler runs: the class has none of its own, or that one calls it."""
        value, owner = self.interpreter.find(cls, name)
        return owner is None or not isinstance(value, Function) or self._asks_framework(value)

    def _asks_framework(self, function: Function) -> bool:
        known = self.asking.get(id(function.node))
        if known is None:
            known = self.asking[id(function.node)] = self._reads_names(function)
        return known

    def _reads_names(self, function: Function) -> bool:
        scopes = [self.state.values.parts[each][0] for each in self.definitions.functions(function)]
        for scope in scopes:
            for instruction in self.state.program.scopes[scope].instructions:
                if instruction[0] == Opcode.ATTR and instruction[3] in TEMPLATE_METHODS:
                    return True
                if instruction[0] == Opcode.NAME and instruction[2] in TEMPLATE_METHODS:
                    return True
        return False

    def _helpers(self, cls: Class, handler: str, method: str) -> Iterator[Root]:
        """Yield the roots of serializers, permissions, filters and the rest that a REST framework view names."""
        own, owner = self.interpreter.find(cls, handler)
        leaves = owner is None or calls_handler(own)
        unused = UNUSED.get(method, frozenset())
        if owner is not None:
            unused = frozenset() if may_validate(own) else unused & TAKING
        if leaves and handler in SHOWING:
            unused |= {"to_representation"}
            yield from self._shown(cls, handler)
        for attribute, (role, names) in HELPERS.items():
            if attribute == "serializer_class" and not leaves:
                continue  # what the project's handler does with a serializer is followed
            for each in self._named(cls, attribute):
                for root in self._methods(each, [name for name in names if name not in unused]):
                    yield Root(root.function, root.instance, root.symbol, role, root.file, root.line)
        if owner is not None or has_object(self.interpreter, cls, handler):
            yield from self._guards(cls)

    def _guards(self, cls: Class) -> Iterator[Root]:
        """Yield the roots of what permissions say of the view's object."""
        view = self.definitions.class_of(cls)
        for each in self._named(cls, "permission_classes"):
            permission = self.definitions.class_of(each)
            if view is not None and permission is not None:
                yield from guarding(self.state, view, permission)

    def _shown(self, cls: Class, handler: str) -> Iterator[Root]:
        """Yield the roots of what the framework's handler shows by the view's serializer; tell its hooks of both."""
        view = self.definitions.class_of(cls)
        known = (self.definitions.class_of(each) for each in self._named(cls, "serializer_class"))
        serializers = [each for each in known if each is not None]
        if view is None:
            return
        for name in GIVEN:
            if self.interpreter.find(cls, name)[1] is not None:
                for root in self._methods(cls, [name]):
                    give_hook(self.state, view, serializers, name, root)
        for each in serializers:
            yield from showing(self.state, view, each, is_many=lists(self.interpreter, cls, handler))

    def _named(self, cls: Class, attribute: str) -> Iterator[Class]:
        yield from classes_among(policy_of(self.interpreter, cls, attribute))

    def _policies(self, view: View) -> Iterator[Root]:
        """Yield the roots of what REST framework asks before a function under `@api_view`."""
        for attribute in FUNCTION_POLICIES if API_VIEW in view.decorators else ():
            role, names = HELPERS[attribute]
            named = view.policies.get(attribute, default_policy(self.interpreter, attribute))
            for each in classes_among(named):
                yield from self._methods(each, names, role=role)

    def _page_types(self) -> Iterator[Root]:
        """Yield the roots of every page type, for the one view that serves them all."""
        for function in hooks_around(self.interpreter):
            for each in self.definitions.exported(function):
                yield enter_with_request(self.state, each, "hook")
        for page in page_types(self.interpreter):
            names = [*METHODS, *routed_methods(self.interpreter, page)]
            yield from self._methods(page, names, role="page")
            if self.pages is not None:
                yield from self.pages.of_page_type(page, template_of(self.interpreter, page))

    # --- the admin --------------------------------------------------------------------------

    def _admin(self, row: Row) -> Route:
        receiver, name = row.view.arguments
        roots = list(self.around)
        handler = f"django.contrib.admin.sites.AdminSite.{name}"
        cls = receiver.cls if isinstance(receiver, Instance) else getattr(receiver, "cls", None)
        extra: tuple[Witness, ...] = ()
        if isinstance(cls, (Class, External)):
            handler = f"{name_of(cls)}.{name}"
        if isinstance(cls, Class) and self.definitions.class_of(cls) is not None:
            columns = self._columns(cls) if name == "changelist_view" else []
            roots.extend(self._methods(cls, [name, *ADMIN_HOOKS.get(name, ()), *columns]))
            extra = tuple(admin_queries(self.interpreter, cls, name))
        return self._route(row, View(cls), (), handler, roots, extra=extra)

    def _columns(self, cls: Class) -> list[str]:
        """Return the methods that a list shows, filters by or offers as actions."""
        found: list[str] = []
        for attribute in ("list_display", "actions"):
            value, owner = self.interpreter.find(cls, attribute)
            if owner is not None and isinstance(value, (list, tuple)):
                found.extend(each for each in value if isinstance(each, str))
        return found

    # --- all --------------------------------------------------------------------------------

    def _route(
        self,
        row: Row,
        view: View,
        methods: tuple[str, ...],
        handler: str,
        roots: list[Root],
        *,
        is_async: bool = False,
        extra: tuple[Witness, ...] = (),
    ) -> Route:
        target = view.target
        place = row.place
        if isinstance(target, (Class, Function)) and self.interpreter.sources.is_own(target.module):
            place = target.place
            handler = self._qualified(target.module, handler)
        if self.atomic is not None and not is_async and not _is_exempt(view):
            extra = (*extra, self.atomic)
        return Route(
            framework="django",
            methods=methods,
            path=row.path,
            handler=handler or "a view that could not be followed",
            file=place.file,
            line=place.line,
            roots=tuple(dict.fromkeys(roots)),
            is_async=is_async,
            extra=extra,
            condition=row.condition,
        )

    def _qualified(self, module: str, handler: str) -> str:
        project = self.interpreter.sources.project_name(module)
        return project + handler.removeprefix(module) if handler.startswith(module) else handler


def _is_exempt(view: View) -> bool:
    return any(name.endswith("non_atomic_requests") for name in view.decorators)


CHANGE = (
    "get_queryset",
    "get_object",
    "get_form",
    "get_fieldsets",
    "get_fields",
    "get_readonly_fields",
    "get_inline_instances",
    "formfield_for_foreignkey",
    "formfield_for_manytomany",
    "formfield_for_dbfield",
    "save_model",
    "save_formset",
    "save_related",
    "save_form",
    "log_change",
    "response_change",
)

ADMIN_HOOKS: dict[str, tuple[str, ...]] = {
    "changelist_view": (
        "get_queryset",
        "get_list_display",
        "get_list_filter",
        "get_actions",
        "get_search_results",
    ),
    "add_view": (*CHANGE, "response_add", "get_changeform_initial_data"),
    "change_view": CHANGE,
    "delete_view": ("get_queryset", "get_object", "delete_model", "get_deleted_objects"),
    "history_view": ("get_object", "get_queryset"),
}
