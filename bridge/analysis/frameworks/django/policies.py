"""What REST framework asks around a view: the classes that it names itself, else those that REST_FRAMEWORK names for all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bridge.analysis.frameworks.django.data import Class, Instance, Made, Raised
from bridge.analysis.frameworks.django.interpreter import Interpreter

__all__ = ["FUNCTION_POLICIES", "classes_among", "default_policy", "given_policy", "policy_of"]

DEFAULTS: Mapping[str, str] = {
    "authentication_classes": "DEFAULT_AUTHENTICATION_CLASSES",
    "permission_classes": "DEFAULT_PERMISSION_CLASSES",
    "throttle_classes": "DEFAULT_THROTTLE_CLASSES",
    "filter_backends": "DEFAULT_FILTER_BACKENDS",
    "pagination_class": "DEFAULT_PAGINATION_CLASS",
}
OF_ROWS = frozenset({"filter_backends", "pagination_class"})  # a view without rows has none of them
FUNCTION_POLICIES = ("authentication_classes", "permission_classes", "throttle_classes")
WITHOUT_ROWS = frozenset({"rest_framework.views.APIView", "rest_framework.viewsets.ViewSet"})


def policy_of(interpreter: Interpreter, cls: Class, attribute: str) -> Any:
    """Return what a view class has for `attribute`, as it is written: its own, or the settings'; None: neither."""
    value, owner = interpreter.find(cls, attribute)
    if owner is not None:
        return value
    bases = [each for each in interpreter.external_bases(cls) if each.startswith("rest_framework.")]
    if not bases or (attribute in OF_ROWS and WITHOUT_ROWS.issuperset(bases)):
        return None
    return default_policy(interpreter, attribute)


def default_policy(interpreter: Interpreter, attribute: str) -> list[Any] | None:
    """Return the classes that the settings name for every view; None where they name none."""
    settings = (interpreter.settings or {}).get("REST_FRAMEWORK")
    named = settings.get(DEFAULTS.get(attribute, "")) if isinstance(settings, dict) else None
    names = [named] if isinstance(named, str) else named
    if not isinstance(names, (list, tuple)):
        return None
    return [_imported(interpreter, each) if isinstance(each, str) else each for each in names]


def _imported(interpreter: Interpreter, name: str) -> Any:
    try:
        return interpreter.follow(interpreter.dotted(name))
    except Raised:
        return None


def given_policy(made: Made, name: str) -> tuple[str, Any] | None:
    """Return (attribute, classes) of a decorator of REST framework's around a function; None of any other."""
    library, _, attribute = name.rpartition(".")
    if library != "rest_framework.decorators" or attribute not in FUNCTION_POLICIES:
        return None
    given = made.function.arguments if isinstance(made.function, Made) else ()
    return attribute, given[0] if given else ()


def classes_among(value: Any) -> Iterator[Class]:
    """Yield the project's classes in what a view names: one, or several, or objects of them."""
    for each in value if isinstance(value, (list, tuple)) else [value]:
        inner = each.cls if isinstance(each, Instance) else each
        if isinstance(inner, Class):
            yield inner
