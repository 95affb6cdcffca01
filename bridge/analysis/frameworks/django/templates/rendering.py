"""Where templates are rendered: the template's function is called there, with the context as its argument."""

from __future__ import annotations

from types import MappingProxyType

from bridge.analysis.frameworks.django.templates.finding import Templates
from bridge.analysis.frameworks.django.templates.lowering import INCLUDE, LOOKUP, facts_of
from bridge.analysis.solving.containers import load_item, new_container
from bridge.analysis.solving.linking import module_instance
from bridge.analysis.solving.members import load_from
from bridge.analysis.solving.program import Module
from bridge.analysis.solving.state import NO_ARGUMENTS, Arguments, Site, State
from bridge.analysis.solving.values import (
    BOUND,
    CONSTANT,
    CONTAINER,
    DECORATED,
    FUNCTION,
    GENERIC,
    METHOD,
    PARTIAL,
)

__all__ = ["Rendering"]

# Function -> (position of the template's name, position of the context).
RENDERERS: MappingProxyType[str, tuple[int, int]] = MappingProxyType(
    {
        "django.shortcuts.render": (1, 2),
        "django.template.loader.render_to_string": (0, 1),
        "django.template.response.TemplateResponse": (1, 2),
        "django.template.response.SimpleTemplateResponse": (0, 1),
    }
)

CALLED = frozenset({FUNCTION, BOUND, DECORATED, METHOD, PARTIAL})
REQUEST = "django.http.HttpRequest"
PERMISSIONS = "django.contrib.auth.context_processors.PermWrapper"  # `perms`
HAS_PERMISSION = "django.contrib.auth.models.PermissionsMixin.has_perm"


class Rendering:
    """Renders templates in the solved state. `processors` are functions that add to every context."""

    def __init__(self, templates: Templates) -> None:
        self._templates = templates
        self._modules: dict[str, int | None] = {}  # file -> module
        self._rendered: list[tuple[Site, int]] = []  # where, and the node of the context
        self._processors: list[int] = []

    def call(self, state: State, site: Site, name: str, arguments: Arguments, target: int) -> bool:
        """Render, include or look up; return whether `name` does one of these."""
        if name == LOOKUP:
            self._look_up(state, site, arguments, target)
            return True
        if name == INCLUDE:
            self._render(state, site, arguments.positional[0], arguments.positional[1])
            return True
        if name in RENDERERS:
            self._render_response(state, site, RENDERERS[name], arguments)
            state.record_external(site, name)
            state.flow.add(target, (state.values.external("django.http.HttpResponse"),))
            return True
        return False

    # --- templates --------------------------------------------------------------------------

    def function(self, state: State, name: str) -> int | None:
        """Return the node that holds the function of the template `name`, None if the project has none."""
        file = self._templates.file(name)
        if not file:
            return None
        if file not in self._modules:
            self._modules[file] = None  # a template that cannot be read stays so
            facts = facts_of(self._templates, self._templates.text(file))
            module = Module(name=file, file=file, is_package=False, facts=facts)
            self._modules[file] = state.program.add(module)
        number = self._modules[file]
        body = None if number is None else module_instance(state, number)
        if number is None or body is None:
            return None
        return state.node(body, state.program.scopes[state.program.first_scope[number]].shared["render"])

    def _render_response(
        self, state: State, site: Site, positions: tuple[int, int], arguments: Arguments
    ) -> None:
        keywords = dict(arguments.keywords)
        plain = arguments.positional
        name = (
            plain[positions[0]]
            if positions[0] < len(plain)
            else keywords.get("template_name", keywords.get("template"))
        )
        context = plain[positions[1]] if positions[1] < len(plain) else keywords.get("context")
        if name is None:
            return
        if context is None:
            context = state.holding(new_container(state, "dict", site, "context"))
        self._rendered.append((site, context))
        self.give_request(state, context)
        for each in self._processors:
            self._process(state, site, context, each)
        self._render(state, site, name, context)

    def _render(self, state: State, site: Site, name: int, context: int) -> None:
        def each_name(value: int) -> None:
            if state.values.kinds[value] == CONTAINER:
                state.flow.watch(state.field(value, -2), each_name)  # any of several names
            elif state.values.kinds[value] == CONSTANT:
                name = str(state.values.parts[value][1])
                node = self.function(state, name)
                if node is not None:
                    given = Arguments((self._joined(state, name, context),))
                    state.flow.watch(node, lambda made: state.apply(state, site, made, given, None))

        state.flow.watch(name, each_name)

    def _joined(self, state: State, name: str, context: int) -> int:
        """Return a node with the one context of the template `name`, which has what all that are given to it have.

        A base template is given as many contexts as there are pages: more than one node may hold.
        """
        joined = state.values.make(CONTAINER, "dict", ("context", self._templates.file(name)))

        def join(value: int) -> None:
            if state.values.kinds[value] == CONTAINER:
                state.copy_keys(value, joined)

        state.flow.watch(context, join)
        return state.holding(joined)

    def give_request(self, state: State, context: int) -> None:
        """Let the contexts that `context` holds have what each template with a request has: it, its user, `perms`."""
        request = state.values.external(REQUEST)

        def give(value: int) -> None:
            if state.values.kinds[value] == CONTAINER:
                permissions = state.field(value, state.values.constant("perms"))
                state.flow.add(permissions, (state.values.external(PERMISSIONS),))
                state.flow.add(state.field(value, state.values.constant("request")), (request,))
                load_from(
                    state,
                    Site(0, ("user", value), 0),
                    request,
                    "user",
                    state.field(value, state.values.constant("user")),
                )

        state.flow.watch(context, give)

    # --- context processors -----------------------------------------------------------------

    def add_processor(self, state: State, function: int) -> None:
        """Let a context processor (a FUNCTION value) run wherever a template is rendered with a request."""
        self._processors.append(function)
        for site, context in list(self._rendered):
            self._process(state, site, context, function)

    def _process(self, state: State, site: Site, context: int, function: int) -> None:
        result = state.flow.node()
        request = state.holding(state.values.external(REQUEST))
        state.apply(state, site, function, Arguments((request,)), result)
        self.merge(state, result, context)

    @staticmethod
    def merge(state: State, source: int, context: int) -> None:
        """Let the dictionaries that reach `context` have what those that reach `source` have."""

        def each_source(given: int) -> None:
            if state.values.kinds[given] == CONTAINER:
                state.flow.watch(
                    context,
                    lambda value: (
                        state.copy_keys(given, value) if state.values.kinds[value] == CONTAINER else None
                    ),
                )

        state.flow.watch(source, each_source)

    # --- lookups ----------------------------------------------------------------------------

    def _look_up(self, state: State, site: Site, arguments: Arguments, target: int) -> None:
        """`a.b`: an attribute or a key of `a`, called if it can be."""
        source, *keys = arguments.positional
        found = source
        if keys:
            found = state.flow.node()
            state.flow.watch(source, lambda value: self._part(state, site, value, keys[0], found))
        state.flow.watch(found, lambda value: self._ask(state, site, value, target))

    @staticmethod
    def _part(state: State, site: Site, value: int, key: int, target: int) -> None:
        if state.values.kinds[value] == CONTAINER:
            load_item(state, site, state.holding(value), key, target)
        elif value == state.values.external(PERMISSIONS):
            state.record_external(site, HAS_PERMISSION)  # `perms.shop`, as a rule for `perms.shop.add_book`
            return

        def named(name: int) -> None:
            if state.values.kinds[name] == CONSTANT:
                load_from(state, site, value, str(state.values.parts[name][1]), target)

        state.flow.watch(key, named)

    @staticmethod
    def _ask(state: State, site: Site, value: int, target: int) -> None:
        kind = state.values.kinds[value]
        is_method = kind == GENERIC and str(state.values.parts[value][0]).count(".") > 3
        if kind in CALLED or is_method:
            state.apply(state, site, value, NO_ARGUMENTS, target)
        else:
            state.flow.add(target, (value,))
