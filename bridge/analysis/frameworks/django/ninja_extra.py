"""django-ninja-extra: classes of operations, which `NinjaExtraAPI.register_controllers` adds to an API.

What `api_controller`, its route decorators and `APIController.urls_paths` do, written down:
https://eadwincode.github.io/django-ninja-extra/api_controller/
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from bridge.analysis.frameworks.django.applications import primary_key
from bridge.analysis.frameworks.django.asking import elements
from bridge.analysis.frameworks.django.data import (
    FIELD_NAME,
    Class,
    External,
    Function,
    Instance,
    Made,
    Native,
    Place,
    decorated_function,
    name_of,
)
from bridge.analysis.frameworks.django.interpreter import Interpreter
from bridge.analysis.frameworks.django.ninja import UNSET, VERBS, Inner, Keywords, Operation, Router

__all__ = ["know_ninja_extra"]

ROUTE, CONTROLLER = "<route>", "<controller>"  # what the decorators leave on a method and on a class
PACKAGES = ("ninja_extra", "ninja_extra.controllers", "ninja_extra.controllers.route")
DISCOVERED = ("api", "controllers")  # modules of applications that auto_discover_controllers imports

# Action of a `ModelControllerBase` -> whether its path names one row, its method.
ACTIONS = {
    "create": (False, "POST"),
    "find_one": (True, "GET"),
    "update": (True, "PUT"),
    "patch": (True, "PATCH"),
    "delete": (True, "DELETE"),
    "list": (False, "GET"),
}
CONVERTERS = {"UUIDField": "uuid", "CharField": "str", "SlugField": "str", "TextField": "str"}

Controllers = list[Class]


class ExtraApi(Router):
    """A `NinjaExtraAPI`. `known` are all controllers that were decorated so far."""

    def __init__(self, known: Controllers) -> None:
        super().__init__(is_api=True)
        self._known = known
        self._added: list[Class] = []

    def member(self, interpreter: Interpreter, receiver: Any, name: str) -> Any:
        """Return what registers controllers, and what a `NinjaAPI` has."""
        if name == "register_controllers":
            return Native(name, self._register)
        if name == "auto_discover_controllers":
            return Native(name, self._discover)
        return super().member(interpreter, receiver, name)

    def _register(
        self, interpreter: Interpreter, arguments: tuple[Any, ...], keywords: Keywords, place: Place
    ) -> None:
        for each in arguments:
            cls = interpreter.dotted(each) if isinstance(each, str) else each
            if isinstance(cls, Class) and CONTROLLER in cls.attributes:
                self._add(interpreter, cls)
            else:
                interpreter.note(f"the controller registered at {place}")

    def _discover(self, interpreter: Interpreter, *_: Any) -> None:
        for application in interpreter.applications:
            for name in DISCOVERED:
                if interpreter.is_read(f"{application.module}.{name}"):
                    interpreter.module(f"{application.module}.{name}")
        for each in list(self._known):
            if each.attributes[CONTROLLER].get("auto_import", True) is not False:
                self._add(interpreter, each)

    def _add(self, interpreter: Interpreter, cls: Class) -> None:
        if cls in self._added:
            return
        self._added.append(cls)
        given = cls.attributes[CONTROLLER]
        prefix = given.get("prefix", "")
        if not isinstance(prefix, str):
            interpreter.note(f"the path of the controller at {cls.place}")
            return
        controller = Router(is_api=False)
        for each in (*_model_operations(interpreter, cls), *_operations(interpreter, cls)):
            controller.add(each)
        self.add_inner(Inner(prefix, controller, given.get("auth", UNSET)))


def _operations(interpreter: Interpreter, cls: Class) -> Iterator[Operation]:
    """Yield the operations of a controller's methods, those of its bases first; one that is overridden stands once."""
    found: dict[str, Any] = {}
    for each in reversed([base for base in interpreter.order(cls, follow=True) if isinstance(base, Class)]):
        for name, value in each.attributes.items():
            function = value if isinstance(value, Function) else decorated_function(value)
            if function is not None and ROUTE in function.attributes:
                found[name] = function
    asked = cls.attributes[CONTROLLER].get("permissions")
    for name, function in found.items():
        route = function.attributes[ROUTE]
        guards = elements(interpreter, route.get("permissions", asked))
        yield Operation(
            route["path"],
            route["methods"],
            function,
            route.get("auth", UNSET),
            function.place,
            cls,
            name,
            tuple(Instance(each) if isinstance(each, Class) else each for each in guards or ()),
        )


def _model_operations(interpreter: Interpreter, cls: Class) -> Iterator[Operation]:
    """Yield what a `ModelControllerBase` answers for the model in its `model_config`."""
    configured, _ = interpreter.find(cls, "model_config")
    if not isinstance(configured, Made) or not name_of(configured.function).endswith(".ModelConfig"):
        return
    field = primary_key(interpreter, configured.keywords.get("model"))
    kind = name_of(field.function).rpartition(".")[2] if isinstance(field, Made) else ""
    row = f"/{{{CONVERTERS.get(kind, 'int')}:{field.keywords.get(FIELD_NAME, 'id') if kind else 'id'}}}"
    wanted = elements(interpreter, configured.keywords.get("allowed_routes")) or list(ACTIONS)
    for action in wanted:
        if action in ACTIONS:
            is_row, method = ACTIONS[action]
            view = External(f"ninja_extra.controllers.model.ModelEndpointFactory.{action}")
            yield Operation(row if is_row else "/", (method,), view, UNSET, cls.place)


def know_ninja_extra(interpreter: Interpreter) -> None:
    """Let the interpreter know django-ninja-extra's names; what it decorates is kept with that interpreter."""
    known: Controllers = []
    natives = {"api_controller": partial(_controller, known)}
    for verb in VERBS:
        natives[f"http_{verb}"] = natives[f"route.{verb}"] = partial(_route, (verb.upper(),))
    natives["http_generic"] = natives["route.generic"] = partial(_route, None)
    for package in PACKAGES:
        for name, run in natives.items():
            interpreter.natives[f"{package}.{name}"] = Native(name, run)
    for name in ("ninja_extra.NinjaExtraAPI", "ninja_extra.main.NinjaExtraAPI"):
        interpreter.constructors[name] = lambda: ExtraApi(known)


def _controller(
    known: Controllers,
    interpreter: Interpreter,
    arguments: tuple[Any, ...],
    keywords: Keywords,
    place: Place,
) -> Any:
    """`@api_controller` and `@api_controller("/path", ...)`."""
    bare = arguments[0] if arguments and isinstance(arguments[0], Class) else None
    given = {**({"prefix": arguments[0]} if arguments and bare is None else {}), **keywords}
    if "prefix_or_class" in given:
        given["prefix"] = given["prefix_or_class"]

    def decorate(_: Interpreter, classes: tuple[Any, ...], *__: Any) -> Any:
        if classes and isinstance(classes[0], Class):
            classes[0].attributes[CONTROLLER] = given
            known.append(classes[0])
        return classes[0] if classes else None

    return decorate(interpreter, (bare,)) if bare is not None else Native("api_controller", decorate)


def _route(
    methods: tuple[str, ...] | None,
    interpreter: Interpreter,
    arguments: tuple[Any, ...],
    keywords: Keywords,
    place: Place,
) -> Native:
    """`@http_get("/path", ...)` and `@http_generic("/path", methods=[...])`."""
    path = arguments[0] if arguments else keywords.get("path", "")
    answered = methods or tuple(
        str(each).upper() for each in elements(interpreter, keywords.get("methods")) or ()
    )

    def decorate(interpreter: Interpreter, views: tuple[Any, ...], *_: Any) -> Any:
        function = views[0] if isinstance(views[0], Function) else decorated_function(views[0])
        if function is None or not isinstance(path, str) or not answered:
            interpreter.note(f"the path or methods of the operation at {place}")
        else:
            function.attributes[ROUTE] = {**keywords, "path": path, "methods": answered}
        return views[0]

    return Native("route", decorate)
