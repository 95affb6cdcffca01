"""Whether a generic view's form asks the database when it is validated.

A relation is looked up; what is unique, or constrained, is compared with the rows that are there. A form of other fields
asks nothing. Where the form or its model is not known, it may ask.
"""

from __future__ import annotations

from typing import Any

from bridge.analysis.frameworks.django.choices import RELATIONS, attribute, has_choice_fields, names_in
from bridge.analysis.frameworks.django.data import Class, External, Made, name_of
from bridge.analysis.frameworks.django.interpreter import Interpreter

__all__ = ["asks_when_validated"]

UNIQUE = ("unique", "unique_for_date", "unique_for_month", "unique_for_year")
MODEL = "django.db.models"
TOGETHER = ("unique_together", "constraints")


def asks_when_validated(interpreter: Interpreter, view: Class) -> bool:
    """Return whether validating the form of a CreateView or UpdateView asks, or may ask."""
    if any(interpreter.find(view, name)[1] is not None for name in ("get_form_class", "get_form")):
        return True
    form = attribute(interpreter, view, "form_class")
    if form is None:
        model, fields = attribute(interpreter, view, "model"), attribute(interpreter, view, "fields")
        return _asks(interpreter, model, fields, ())
    meta = attribute(interpreter, form, "Meta") if isinstance(form, Class) else None
    if not isinstance(form, Class) or not isinstance(meta, Class) or has_choice_fields(interpreter, form):
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
            if not each.name.startswith((MODEL, "builtins.")):
                return True  # a library's model: its fields are not read
            continue
        for name in each.attributes:
            edited = (wanted is None or name in wanted) and name not in excluded
            if edited and _is_compared(interpreter.find(model, name)[0]):
                return True
    meta = attribute(interpreter, model, "Meta")
    return meta is not None and (
        not isinstance(meta, Class) or any(attribute(interpreter, meta, name) for name in TOGETHER)
    )


def _is_compared(value: Any) -> bool:
    """Return whether a model's attribute is a field whose value is looked for in the database."""
    if not isinstance(value, Made):
        return False
    if name_of(value.function).endswith(RELATIONS):
        return value.keywords.get("editable") is not False
    # Whatever it is, if it is not plainly False.
    return any(value.keywords.get(name, False) is not False for name in UNIQUE)
