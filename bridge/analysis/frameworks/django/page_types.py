"""Pages that stand in the database: one view finds the page of a request, and lets the page's class answer.

Wagtail's `serve` is such a view: its one route runs `route`, `serve` and `get_context` of every page type, the methods
that a `RoutablePageMixin` gives a path below its page, and what is registered around them with `hooks`.
https://docs.wagtail.org/en/stable/reference/models.html#page
"""

from __future__ import annotations

from collections.abc import Iterator

from bridge.analysis.frameworks.django.applications import label_of, models_of
from bridge.analysis.frameworks.django.data import Class, Function, name_of
from bridge.analysis.frameworks.django.interpreter import Interpreter

__all__ = ["METHODS", "hooks_around", "page_types", "routed_methods", "serves_pages", "template_of"]

VIEW = "wagtail.views.serve"
PAGE = frozenset({"wagtail.models.Page", "wagtail.models.pages.Page", "wagtail.core.models.Page"})
METHODS = (
    "route",
    "serve",
    "get_context",
    "get_template",
    "get_landing_page_template",
    "process_form_submission",
)
HOOKS = ("before_serve_page", "on_serve_page")
ROUTED = "_routablepage_routes"  # what `@path`, `@re_path` and `@route` of a routable page store on a method


def serves_pages(view: object) -> bool:
    """Return whether a view lets the classes of pages answer."""
    return name_of(view) == VIEW


def page_types(interpreter: Interpreter) -> Iterator[Class]:
    """Yield the classes of pages of all installed applications."""
    for application in interpreter.applications:
        for each in models_of(interpreter, application):
            if not PAGE.isdisjoint(name_of(base) for base in interpreter.order(each, follow=True)):
                yield each


def routed_methods(interpreter: Interpreter, page: Class) -> list[str]:
    """Return the methods of a page that stand behind a path of their own."""
    return [
        name
        for each in interpreter.order(page)
        if isinstance(each, Class)
        for name, value in each.attributes.items()
        if isinstance(value, Function) and ROUTED in value.attributes
    ]


def template_of(interpreter: Interpreter, page: Class) -> str:
    """Return the name of a page's template: `template`, or what its application and class are called."""
    named, owner = interpreter.find(page, "template")
    if owner is not None and isinstance(named, str):
        return named
    label, _ = label_of(interpreter, interpreter.applications, page)
    last = page.qualified.rpartition(".")[2]
    snake = "".join(f"_{each.lower()}" if each.isupper() else each for each in last).lstrip("_")
    return f"{label}/{snake}.html"


def hooks_around(interpreter: Interpreter) -> Iterator[Function]:
    """Yield the functions that are registered to run around a page's answer."""
    scope = interpreter.modules.get("wagtail.hooks")
    registered = scope.names.get("_hooks") if scope is not None else None
    for name in HOOKS:
        found = registered.get(name) if isinstance(registered, dict) else None
        for each in found or ():
            if isinstance(each, tuple) and isinstance(each[0], Function):
                yield each[0]
