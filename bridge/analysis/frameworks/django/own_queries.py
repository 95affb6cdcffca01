"""What Django's and REST framework's own handlers ask the database on a route, told at the line of the project's class."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import Any

from bridge.analysis.frameworks.django.choices import FILTER_VIEWS, choices_of
from bridge.analysis.frameworks.django.data import Class, External, Function, Place, name_of
from bridge.analysis.frameworks.django.hooks import (
    ADMIN_QUERIES,
    COUNT,
    DELETE,
    FORM_VIEWS,
    ITERATE,
    OWN_QUERIES,
    PAGED,
    PERMITTED,
    SAVE,
    VALIDATE,
)
from bridge.analysis.frameworks.django.interpreter import Interpreter
from bridge.analysis.frameworks.django.policies import policy_of
from bridge.analysis.frameworks.django.validation import asks_when_validated
from bridge.analysis.model import Confidence, Step, Witness

__all__ = [
    "admin_queries",
    "decorator_queries",
    "form_choices",
    "handler_queries",
    "library_queries",
    "permission_queries",
    "shows_form",
]

# What `rest_framework.permissions` asks a user's permissions with; for GET it needs none.
MODEL_PERMISSIONS = (
    "DjangoModelPermissions",
    "DjangoModelPermissionsOrAnonReadOnly",
    "DjangoObjectPermissions",
)


def handler_queries(interpreter: Interpreter, cls: Class, name: str) -> Iterator[Witness]:
    """Yield what the framework's own handler `name` asks; nothing where the project's class has its own."""
    if interpreter.find(cls, name)[1] is not None:
        return
    for base in _last_names(interpreter, cls):
        for sink in OWN_QUERIES.get((base, name), ()):
            if sink in PAGED and name == "get" and not _is_paged(interpreter, cls):
                continue
            if sink == VALIDATE and not asks_when_validated(interpreter, cls):
                continue
            if sink == COUNT and name == "list" and not _counts(interpreter, cls):
                continue
            if sink in HOOKED and interpreter.find(cls, _hook(sink, name))[1] is not None:
                continue  # the project's own says what it does
            if sink == SAVE and not _saves(interpreter, cls, name):
                continue
            yield _witness(sink, _symbol(interpreter, cls), cls.place)
        if (base, name) in OWN_QUERIES:
            return


def permission_queries(interpreter: Interpreter, cls: Class, method: str) -> Iterator[Witness]:
    """Yield what asks whether the user may: a mixin on every request, REST framework's classes before changes."""
    is_asked = "PermissionRequiredMixin" in _last_names(interpreter, cls)
    if is_asked and interpreter.find(cls, "has_permission")[1] is None:
        yield _witness(PERMITTED, _symbol(interpreter, cls), cls.place)
    guards = policy_of(interpreter, cls, "permission_classes")
    names = [name_of(each) for each in guards] if isinstance(guards, (list, tuple)) else []
    if method != "GET" and any(each.endswith(MODEL_PERMISSIONS) for each in names):
        yield _witness(PERMITTED, _symbol(interpreter, cls), cls.place)


def decorator_queries(view: Function, decorators: Iterable[str], symbol: str) -> Iterator[Witness]:
    """Yield what the decorators of a view function ask."""
    if "django.contrib.auth.decorators.permission_required" in decorators:
        yield _witness(PERMITTED, symbol, view.place)


def library_queries(view: External, name: str, place: Place) -> Iterator[Witness]:
    """Yield what a view of Django's own asks that a URL pattern names, at the pattern."""
    if view.name.startswith("django.contrib.auth.views."):
        for sink in OWN_QUERIES.get((view.name.rpartition(".")[2], name), ()):
            yield _witness(sink, view.name, place)


def form_choices(interpreter: Interpreter, cls: Class, method: str) -> Iterator[Witness]:
    """Yield the queries for the choices of the form that a generic view shows, at the field or its form's Meta."""
    if not shows_form(interpreter, cls, method):
        return
    view = Step(_symbol(interpreter, cls), cls.place.file, cls.place.line)
    for each in dict.fromkeys(choices_of(interpreter, cls)):
        is_own = interpreter.sources.is_own(each.owner.module)
        owner, place = (each.owner, each.place) if is_own else (cls, cls.place)
        # Not sure: a page may leave a field out.
        yield _witness(ITERATE, _symbol(interpreter, owner), place, view, confidence=Confidence.MEDIUM)


def shows_form(interpreter: Interpreter, cls: Class, method: str) -> bool:
    """Return whether a view renders a form: when it is asked for, and again when what is sent is not valid."""
    names = set(_last_names(interpreter, cls))
    return not names.isdisjoint(FORM_VIEWS if method == "POST" else FORM_VIEWS | FILTER_VIEWS)


def admin_queries(interpreter: Interpreter, cls: Class, name: str) -> Iterator[Witness]:
    """Yield what a page of the admin asks for any model; nothing where the project's class has its own."""
    if interpreter.find(cls, name)[1] is None:
        for sink in ADMIN_QUERIES.get(name, ()):
            yield _witness(sink, _symbol(interpreter, cls), cls.place)


def _witness(
    sink: str, symbol: str, place: Place, *before: Step, confidence: Confidence = Confidence.HIGH
) -> Witness:
    chain = dict.fromkeys((*before, Step(symbol, place.file, place.line)))
    return Witness(sink, sink, symbol, place.file, place.line, 1, tuple(chain), confidence=confidence)


def _symbol(interpreter: Interpreter, cls: Class) -> str:
    return f"{interpreter.sources.project_name(cls.module)}.{cls.qualified}"


def _last_names(interpreter: Interpreter, cls: Class) -> list[str]:
    return [base.rpartition(".")[2] for base in interpreter.external_bases(cls)]


HOOKED = frozenset({SAVE, DELETE})


def _hook(sink: str, name: str) -> str:
    """Return the method of a view set that does what the handler `name` asks with `sink`."""
    if sink == DELETE:
        return "perform_destroy"
    return "perform_create" if name in {"create", "post"} else "perform_update"


def _saves(interpreter: Interpreter, cls: Class, name: str) -> bool:
    """Return whether REST framework's own serializer saves, or may: not where the project's has `create` or `update`."""
    serializer, owner = interpreter.find(cls, "serializer_class")
    if owner is None or not isinstance(serializer, Class):
        return True
    own = interpreter.find(serializer, "create" if name in {"create", "post"} else "update")[0]
    return not isinstance(own, Function) or any(
        isinstance(each, ast.Name) and each.id == "super" for each in ast.walk(own.node)
    )


def _is_paged(interpreter: Interpreter, cls: Class) -> bool:
    found = (interpreter.find(cls, each) for each in ("paginate_by", "get_paginate_by"))
    return any(owner is not None and value is not None for value, owner in found)


def _counts(interpreter: Interpreter, cls: Class) -> bool:
    """Return whether a list of REST framework counts its rows: by a cursor, or in one piece, it does not."""
    found: tuple[Any, Any] = interpreter.find(cls, "pagination_class")
    value, owner = found
    if owner is None:
        return True  # what the settings say
    names = [name_of(value)] if isinstance(value, (Class, External)) else []
    if isinstance(value, Class):
        names.extend(interpreter.external_bases(value))
    return value is not None and not any(each.endswith("CursorPagination") for each in names)
