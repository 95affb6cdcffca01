"""Templates that class-based views render, and the context processors of every page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from bridge.analysis.facts import FIRST_PARAMETER, RESULT, Opcode
from bridge.analysis.frameworks.django.applications import label_of
from bridge.analysis.frameworks.django.data import Class, External, Function
from bridge.analysis.frameworks.django.definitions import Definitions
from bridge.analysis.frameworks.django.interpreter import Interpreter
from bridge.analysis.frameworks.django.orm import Models
from bridge.analysis.frameworks.django.orm.types import QUERY_SET
from bridge.analysis.frameworks.django.requests import enter_with_request
from bridge.analysis.frameworks.roots import enter_root, functions_of, members_of
from bridge.analysis.model import Root
from bridge.analysis.solving.engine import run_waiting
from bridge.analysis.solving.state import Arguments, Site, State
from bridge.analysis.solving.values import CONTAINER, GENERIC, INSTANCE

__all__ = ["Pages", "is_page"]

MOST_PAGES = 300  # classes; a site with more has generic pages, and following each costs minutes
MOST_USERS = 12  # arbitrary: classes that share one template; a generic page has hundreds

# The last name of a base -> what its template's name ends with.
SUFFIXES = {
    "ListView": "_list",
    "FilterView": "_filter",
    "DetailView": "_detail",
    "CreateView": "_form",
    "UpdateView": "_form",
    "DeleteView": "_confirm_delete",
}

# The last names of all bases that answer GET with a page: Django's, and libraries' of the same name.
RENDERING = frozenset(
    {*SUFFIXES, "TemplateView", "FormView", "LoginView", "PasswordResetView", "PasswordChangeView"}
)


class Context(NamedTuple):
    """The dictionary that a template is given, and a node that holds it."""

    made: int
    node: int


@dataclass(slots=True)
class Pages:
    """Renders the pages of class-based views in the solved state."""

    state: State
    interpreter: Interpreter
    definitions: Definitions
    models: Models
    processors: tuple[int, ...]
    seen: set[int] = field(default_factory=set)  # classes whose pages were asked for
    users: dict[str, set[int]] = field(default_factory=dict)  # template -> the classes that render it

    @classmethod
    def make(cls, state: State, interpreter: Interpreter, definitions: Definitions) -> Pages | None:
        """Return the pages of a project, its context processors applied; None without the ORM's extension."""
        models = state.extension
        if not isinstance(models, Models):
            return None
        found = tuple(_processors(interpreter, definitions))
        for each in found:
            models.rendering.add_processor(state, each)
        return cls(state, interpreter, definitions, models, found)

    def of(self, cls: Class, *, is_generic: bool) -> Iterator[Root]:
        """Yield the roots of rendering a view class's template: the template, and the context processors.

        `is_generic`: the framework's handler answers, which renders also what is not read here.
        """
        name = self._template(cls)
        node = self.models.rendering.function(self.state, name) if name else None
        value = self.definitions.class_of(cls)
        if node is None or value is None:
            if is_generic and not RENDERING.isdisjoint(self._bases(cls)):
                yield from self.around()
            return
        self.seen.add(value)
        if len(self.seen) > MOST_PAGES:
            self.interpreter.note(f"templates of more than {MOST_PAGES} class-based views: those of the rest")
            return
        run_waiting(self.state)
        context = self._context(cls, self.state.values.make(INSTANCE, value))
        yield from self._rendered(name, node, value, context)

    def of_page_type(self, cls: Class, name: str) -> Iterator[Root]:
        """Yield the roots of rendering the template `name` of a page that stands in the database."""
        node = self.models.rendering.function(self.state, name)
        value = self.definitions.class_of(cls)
        if node is None or value is None:
            yield from self.around()
            return
        run_waiting(self.state)
        receiver = self.state.values.make(INSTANCE, value)
        context = self._fresh_context(receiver)
        for each in ("page", "self"):
            self._put(context.made, each, receiver)
        self._merge(receiver, "get_context", context.node)
        yield from self._rendered(name, node, value, context.node)

    def _rendered(self, name: str, node: int, value: int, context: int) -> Iterator[Root]:
        for each in self.processors:
            root = enter_with_request(self.state, each, "template")
            self.models.rendering.merge(self.state, self.state.node(root.instance, RESULT), context)
            yield root
        for made in sorted(self.state.flow.holds[node]):
            for function in functions_of(self.state, made):
                root = enter_root(self.state, function, "template")
                if self._is_own(name, value):
                    self.state.flow.edge(context, self.state.node(root.instance, FIRST_PARAMETER))
                yield root

    def shows_rows(self, cls: Class) -> bool:
        """Return whether a list view's own template names the list, which is then asked there and not in the view."""
        name, model = self._template(cls), self._attribute(cls, "model")
        node = self.models.rendering.function(self.state, name) if name else None
        if node is None or not isinstance(model, Class) or self.definitions.class_of(model) is None:
            return False
        run_waiting(self.state)
        names = self._list_names(cls, model)
        scopes = [
            self.state.values.parts[function][0]
            for made in self.state.flow.holds[node]
            for function in functions_of(self.state, made)
        ]
        return any(
            each[0] == Opcode.CONSTANT and each[2] in names
            for scope in scopes
            for each in self.state.program.scopes[scope].instructions
        )

    def _list_names(self, cls: Class, model: Any) -> set[str]:
        """Return the names that a template knows a list view's rows by."""
        last = model.qualified.rpartition(".")[2].lower() if isinstance(model, Class) else ""
        named = self._attribute(cls, "context_object_name")
        return {"object_list", "page_obj", f"{last}_list", named if isinstance(named, str) else "object_list"}

    def around(self) -> Iterator[Root]:
        """Yield the roots of what runs around every page: also one whose template is a library's, and not read."""
        yield from (enter_with_request(self.state, each, "template") for each in self.processors)

    def _bases(self, cls: Class) -> list[str]:
        return [base.rpartition(".")[2] for base in self.interpreter.external_bases(cls)]

    def _is_own(self, name: str, cls: int) -> bool:
        """Return whether few classes share the template: what a page for any model shows says nothing of one."""
        users = self.users.setdefault(name, set())
        users.add(cls)
        return len(users) <= MOST_USERS

    # --- the template's name ----------------------------------------------------------------

    def _template(self, cls: Class) -> str:
        value = self._attribute(cls, "template_name")
        if isinstance(value, str) and value:
            return value
        model = self._attribute(cls, "model")
        suffix = self._attribute(cls, "template_name_suffix") or self._suffix(cls)
        if not isinstance(model, Class) or not isinstance(suffix, str) or not suffix:
            return ""
        label, name = label_of(self.interpreter, self.interpreter.applications, model)
        return f"{label}/{name}{suffix}.html"

    def _suffix(self, cls: Class) -> str:
        return next((SUFFIXES[name] for name in self._bases(cls) if name in SUFFIXES), "")

    def _attribute(self, cls: Class, name: str) -> Any:
        value, owner = self.interpreter.find(cls, name)
        return value if owner is not None else None

    # --- its context ------------------------------------------------------------------------

    def _context(self, cls: Class, receiver: int) -> int:
        """Return a node that holds the dictionary that the template is given."""
        context = self._fresh_context(receiver)
        self._put(context.made, "view", receiver)
        self._put_objects(cls, context.made, receiver)
        self._merge(receiver, "get_context_data", context.node)
        return context.node

    def _fresh_context(self, receiver: int) -> Context:
        made = self.state.values.make(CONTAINER, "dict", (0, ("page", receiver), "context"))
        context = Context(made, self.state.holding(made))
        self.models.rendering.give_request(self.state, context.node)
        return context

    def _merge(self, receiver: int, method: str, context: int) -> None:
        """Add what a method of the page's object returns."""
        for function in members_of(self.state, receiver, method):
            root = enter_root(self.state, function, "handler")
            self.models.rendering.merge(self.state, self.state.node(root.instance, RESULT), context)

    def _put(self, made: int, name: str, value: int) -> None:
        self.state.flow.add(self.state.field(made, self.state.values.constant(name)), (value,))

    def _put_objects(self, cls: Class, made: int, receiver: int) -> None:
        state = self.state
        model = self._attribute(cls, "model")
        model_value = self.definitions.class_of(model) if isinstance(model, Class) else None
        rows = state.flow.node()
        if model_value is not None:
            state.flow.add(rows, (state.values.make(GENERIC, QUERY_SET, model_value),))
        for function in members_of(state, receiver, "get_queryset"):
            state.apply(state, Site(0, ("page", receiver), 0), function, Arguments(), rows)
        last = model.qualified.rpartition(".")[2].lower() if isinstance(model, Class) else ""
        named = self._attribute(cls, "context_object_name")
        for name in self._list_names(cls, model):
            state.flow.edge(rows, state.field(made, state.values.constant(name)))
        for name in {"object", last or "object", *([named] if isinstance(named, str) else [])}:
            field = state.field(made, state.values.constant(name))
            state.flow.watch(rows, lambda value, field=field: self._put_object(value, field))  # type: ignore[misc] # a default binds the loop's variable

    def _put_object(self, rows: int, field: int) -> None:
        if self.state.values.kinds[rows] in {GENERIC, INSTANCE}:
            self.models.element(self.state, rows, field)


def is_page(view: External) -> bool:
    """Return whether a view of Django's own that a URL pattern names answers GET with a page."""
    return view.name.startswith("django.") and view.name.rpartition(".")[2] in RENDERING


def _processors(interpreter: Interpreter, definitions: Definitions) -> Iterator[int]:
    """Yield the FUNCTION values of the project's own context processors."""
    engines = (interpreter.settings or {}).get("TEMPLATES")
    for engine in engines if isinstance(engines, (list, tuple)) else ():
        options = engine.get("OPTIONS") if isinstance(engine, dict) else None
        named = options.get("context_processors") if isinstance(options, dict) else None
        for name in named if isinstance(named, (list, tuple)) else ():
            function = interpreter.dotted(name) if isinstance(name, str) else None
            if isinstance(function, Function):
                yield from definitions.functions(function)
