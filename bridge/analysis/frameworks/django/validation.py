"""Whether a form asks the database when it is validated.

A relation is looked up; what is unique, or constrained, is compared with the rows that are there. A form of other fields
asks nothing. Where the form or its model is not known, it may ask.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from typing import Any

from bridge.analysis.frameworks.django.choices import (
    FIELDS,
    RELATIONS,
    attribute,
    has_choice_fields,
    names_in,
)
from bridge.analysis.frameworks.django.data import Class, External, Function, Instance, Made, name_of
from bridge.analysis.frameworks.django.interpreter import Interpreter

__all__ = ["asks_of_form", "asks_when_validated"]

UNIQUE = ("unique", "unique_for_date", "unique_for_month", "unique_for_year")
MODEL = "django.db.models"
OF_USERS = "django.contrib.auth.models"
COMPARED: Mapping[str, tuple[str, ...]] = {
    f"{OF_USERS}.AbstractUser": ("username", "groups", "user_permissions"),
    f"{OF_USERS}.PermissionsMixin": ("groups", "user_permissions"),
    **{f"{module}.AbstractBaseUser": () for module in (OF_USERS, "django.contrib.auth.base_user")},
}
TOGETHER = ("unique_together", "constraints")


def asks_when_validated(interpreter: Interpreter, view: Class) -> bool:
    """Return whether validating the form of a CreateView or UpdateView asks, or may ask."""
    if any(interpreter.find(view, name)[1] is not None for name in ("get_form_class", "get_form")):
        return True
    form = attribute(interpreter, view, "form_class")
    if form is None:
        model, fields = attribute(interpreter, view, "model"), attribute(interpreter, view, "fields")
        return _asks(interpreter, model, fields, ())
    return not isinstance(form, Class) or asks_of_form(interpreter, form)


def asks_of_form(interpreter: Interpreter, form: Class) -> bool:
    """Return whether validating a form asks, or may ask."""
    meta = attribute(interpreter, form, "Meta")
    if not isinstance(meta, Class) or has_choice_fields(interpreter, form) or _adds_fields(interpreter, form):
        return True
    excluded, fields = attribute(interpreter, meta, "exclude"), attribute(interpreter, meta, "fields")
    if fields is None and excluded is not None:
        fields = "__all__"  # all but what `exclude` names
    return _asks(interpreter, attribute(interpreter, meta, "model"), fields, names_in(excluded))


def _asks(interpreter: Interpreter, model: Any, fields: Any, excluded: Any) -> bool:
    if not isinstance(model, Class) or (fields != "__all__" and not isinstance(fields, (list, tuple))):
        return True
    wanted = None if fields == "__all__" else set(names_in(fields))
    for each in interpreter.order(model):
        if isinstance(each, External):
            if _is_asked_by(each.name, wanted, excluded):
                return True
            continue
        for name in each.attributes:
            edited = (wanted is None or name in wanted) and name not in excluded
            if edited and _is_compared(interpreter, interpreter.find(model, name)[0]):
                return True
    meta = attribute(interpreter, model, "Meta")
    return meta is not None and (
        not isinstance(meta, Class) or any(attribute(interpreter, meta, name) for name in TOGETHER)
    )


def _is_asked_by(name: str, wanted: set[str] | None, excluded: Any) -> bool:
    """Return whether a form may edit a field of a library's model that is compared; its fields are not read."""
    if name.startswith((MODEL, "builtins.")):
        return False
    known = COMPARED.get(name)
    return known is None or any((wanted is None or each in wanted) and each not in excluded for each in known)


def _is_compared(interpreter: Interpreter, value: Any) -> bool:
    """Return whether a model's attribute is a field whose value is looked for in the database."""
    if isinstance(value, Instance):  # of a field class of the project
        names = interpreter.external_bases(value.cls)
        return _is_looked_for(names, value.keywords) or _says_unique(interpreter, value.cls)
    return isinstance(value, Made) and _is_looked_for([name_of(value.function)], value.keywords)


def _is_looked_for(names: Iterable[str], keywords: Mapping[str, Any]) -> bool:
    if any(each.endswith(RELATIONS) for each in names):
        return keywords.get("editable") is not False
    # Whatever it is, if it is not plainly False.
    return any(keywords.get(name, False) is not False for name in UNIQUE)


def _says_unique(interpreter: Interpreter, cls: Class) -> bool:
    """Return whether a constructor of a field class may make the field unique."""
    own = (each.attributes.get("__init__") for each in interpreter.order(cls) if isinstance(each, Class))
    return any(
        isinstance(node, ast.keyword | ast.Constant) and _text(node) in UNIQUE
        for method in own
        if isinstance(method, Function)
        for node in ast.walk(method.node)
    )


def _text(node: ast.keyword | ast.Constant) -> Any:
    return node.arg if isinstance(node, ast.keyword) else node.value


def _adds_fields(interpreter: Interpreter, form: Class) -> bool:
    """Return whether a method of a form says `self.fields[name] = ...`, of anything but a field without rows."""
    methods = (
        value
        for each in interpreter.order(form)
        if isinstance(each, Class)
        for value in each.attributes.values()
        if isinstance(value, Function)
    )
    return any(
        isinstance(target, ast.Subscript)
        and isinstance(target.value, ast.Attribute)
        and target.value.attr == "fields"
        and not _has_no_rows(node.value)
        for method in methods
        for node in ast.walk(method.node)
        if isinstance(node, ast.Assign)
        for target in node.targets
    )


def _has_no_rows(value: ast.expr) -> bool:
    name = ast.unparse(value.func) if isinstance(value, ast.Call) else ""
    return name.endswith("Field") and not name.endswith(FIELDS)
