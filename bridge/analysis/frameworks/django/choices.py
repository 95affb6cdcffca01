"""The choices of forms: a field for a model's rows asks the database when the form is rendered.

`ModelChoiceIterator` takes `queryset.iterator()` for a `<select>`, radio buttons or check boxes: of a form's own
`ModelChoiceField`, of what `ModelForm` makes of a relation that `Meta.fields` names, and of django-filter's filters.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bridge.analysis.frameworks.django.data import Class, External, Instance, Made, Place, Unknown, name_of
from bridge.analysis.frameworks.django.interpreter import Interpreter

__all__ = [
    "FIELDS",
    "FILTER_VIEWS",
    "RELATIONS",
    "Choice",
    "attribute",
    "choices_of",
    "has_choice_fields",
    "names_in",
]

FILTER_VIEWS = frozenset({"FilterView", "BaseFilterView", "FilterMixin"})

FIELDS = ("ModelChoiceField", "ModelMultipleChoiceField", "ModelChoiceFilter", "ModelMultipleChoiceFilter")
RELATIONS = ("ForeignKey", "OneToOneField", "ManyToManyField")

# Parts of the names of widgets that show a value as it is, or ask for the choices later, in a request of its own.
WITHOUT_CHOICES = ("Hidden", "TextInput", "NumberInput", "RawId", "Autocomplete", "Select2")


@dataclass(frozen=True, slots=True)
class Choice:
    """A field whose choices are rows. `owner` is the class that has it, the view where it has no form class."""

    owner: Class
    place: Place


def choices_of(interpreter: Interpreter, view: Class) -> Iterator[Choice]:
    """Yield the fields with rows for choices of the form or filter that a generic view renders."""
    if {base.rpartition(".")[2] for base in interpreter.external_bases(view)} & FILTER_VIEWS:
        form, names = attribute(interpreter, view, "filterset_class"), "filterset_fields"
    elif interpreter.find(view, "get_form_class")[1] is None:
        form, names = attribute(interpreter, view, "form_class"), "fields"
    else:
        return
    if isinstance(form, Class):
        yield from _of_form(interpreter, form)
    elif form is None:
        model = attribute(interpreter, view, "model")
        fields = attribute(interpreter, view, names)
        yield from (Choice(view, view.place) for _ in _relations(interpreter, model, fields))


def _of_form(interpreter: Interpreter, form: Class) -> Iterator[Choice]:
    declared = dict(_declared(interpreter, form))
    for name, value in declared.items():
        if _is_choice(interpreter, form, value):
            owner = interpreter.find(form, name)[1]
            yield Choice(owner, value.place if isinstance(value, Made) else owner.place)
    meta = attribute(interpreter, form, "Meta")
    if not isinstance(meta, Class):
        return
    left_out = {*names_in(attribute(interpreter, meta, "exclude")), *declared}
    widgets = attribute(interpreter, meta, "widgets")
    fields = attribute(interpreter, meta, "fields")
    if fields is None and left_out != set(declared):
        fields = "__all__"  # all but what `exclude` names
    for name in _relations(interpreter, attribute(interpreter, meta, "model"), fields):
        widget = widgets.get(name) if isinstance(widgets, dict) else None
        if name not in left_out and _shows_choices(widget):
            yield Choice(form, meta.place)


def _declared(interpreter: Interpreter, form: Class) -> Iterator[tuple[str, Any]]:
    """Yield the attributes of a form class, each once, the nearest class's."""
    seen: set[str] = set()
    for each in interpreter.order(form):
        for name in each.attributes if isinstance(each, Class) else ():
            if name not in seen and not name.startswith("__") and name != "Meta":
                seen.add(name)
                yield name, interpreter.find(form, name)[0]


def _is_choice(interpreter: Interpreter, form: Class, value: Any) -> bool:
    """Return whether a form's attribute is a field with rows for choices."""
    if isinstance(value, Instance):
        return any(base.endswith(FIELDS) for base in interpreter.external_bases(value.cls))
    if not isinstance(value, Made) or not name_of(value.function).endswith(FIELDS):
        return False
    return _shows_choices(value.keywords.get("widget"))


def _shows_choices(widget: Any) -> bool:
    name = _kind(widget)
    return not any(each in name for each in WITHOUT_CHOICES)


def _kind(value: Any) -> str:
    """Return the last name of a class, or of an object's class."""
    value = value.function if isinstance(value, Made) else value.cls if isinstance(value, Instance) else value
    return name_of(value).rpartition(".")[2] if isinstance(value, (Class, External)) else ""


def _relations(interpreter: Interpreter, model: Any, fields: Any) -> Iterator[str]:
    """Yield those of `fields` that are relations of a model, as a form of it can edit them."""
    if not isinstance(model, Class):
        return
    wanted = None if fields == "__all__" else set(names_in(fields))
    for each in interpreter.order(model):
        for name in each.attributes if isinstance(each, Class) else ():
            value = each.attributes[name]
            is_relation = isinstance(value, Made) and name_of(value.function).endswith(RELATIONS)
            if (
                is_relation
                and value.keywords.get("editable") is not False
                and (wanted is None or name in wanted)
            ):
                yield name


def has_choice_fields(interpreter: Interpreter, form: Class) -> bool:
    """Return whether a form declares a field that takes rows, however it is shown."""
    return any(
        (isinstance(value, Made) and name_of(value.function).endswith(FIELDS))
        or (
            isinstance(value, Instance)
            and any(base.endswith(FIELDS) for base in interpreter.external_bases(value.cls))
        )
        for _, value in _declared(interpreter, form)
    )


def names_in(value: Any) -> list[str]:
    """Return the texts in a list of names; [] for what is none."""
    return [each for each in value if isinstance(each, str)] if isinstance(value, (list, tuple, dict)) else []


def attribute(interpreter: Interpreter, cls: Class, name: str) -> Any:
    """Return a class's attribute; None if it has none."""
    value, owner = interpreter.find(cls, name)
    return value if owner is not None and not isinstance(value, Unknown) else None
