"""From TARGET to a WSGI application that has been looked at, or an error that says what to write instead."""

from __future__ import annotations

import difflib
import inspect
import sys
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from bridge.cli.django_project import load_django
from bridge.cli.expression import Call, Name, Step
from bridge.cli.framework import Framework, framework_of, wrapped_wsgi
from bridge.cli.importing import call_user_code, import_location
from bridge.cli.target import Location, locate, submodules_with_application
from bridge.cli.target_errors import (
    AlreadyAsgi,
    AttributeMissing,
    FactoryNeedsArguments,
    ModuleWithoutApplication,
    NotAnApplication,
)
from bridge.cli.user_error import run_python
from bridge.protocol.callables import is_asgi, is_factory, takes

__all__ = ["Loaded", "is_migration", "load", "load_any"]

USUAL_NAMES = ("application", "app")
USUAL_FACTORY = "create_app"


@dataclass(frozen=True, slots=True)
class Loaded:
    """A WSGI application, what to call it, its framework and the folder it lives in."""

    application: Callable[..., Any]
    name: str
    framework: Framework | None
    home: str


def load(target: str, folder: str) -> Loaded:
    """Import the WSGI application, or the `Migration`, that `target` names, seen from `folder` (absolute).

    Raises the errors of `target_errors`, and `MissingPackage`.
    """
    location = locate(target, folder)
    application, name = _found(location)
    if is_migration(application):
        return Loaded(application, name, framework_of(application.legacy.app), location.home)
    _check(application, name)
    return Loaded(application, name, framework_of(application), location.home)


def is_migration(application: Any) -> bool:
    """Tell whether it is a `bridge.Migration`; whoever has made one has imported its module."""
    module = sys.modules.get("bridge.incremental.migration")
    return module is not None and isinstance(application, module.Migration)


def load_any(target: str, folder: str) -> Loaded:
    """Import the application that `target` names, WSGI or ASGI; raises as `load` does."""
    location = locate(target, folder)
    application, name = _found(location)
    if not is_asgi(application):
        _check(application, name)
    return Loaded(application, name, framework_of(application), location.home)


def _found(location: Location) -> tuple[Any, str]:
    if location.manage_py is not None:
        return load_django(location)
    return _from_module(import_location(location), location)


def _from_module(module: ModuleType, location: Location) -> tuple[Any, str]:
    if location.steps is None:
        return _usual(module, location)
    walk = _Walk(module, location.module, location)
    for step in location.steps:
        walk.take(step)
    return walk.value, walk.name


def _usual(module: ModuleType, location: Location) -> tuple[Any, str]:
    # Beside the application that it moves, a Migration is what is to be served.
    for name in sorted(USUAL_NAMES, key=lambda name: not is_migration(getattr(module, name, None))):
        if hasattr(module, name):
            return getattr(module, name), f"{location.module}:{name}"
    if callable(getattr(module, USUAL_FACTORY, None)):
        walk = _Walk(module, location.module, location)
        walk.take(Name(USUAL_FACTORY))
        walk.take(Call())
        return walk.value, walk.name
    raise ModuleWithoutApplication(
        location.module,
        file=_file(module),
        tried=(*USUAL_NAMES, f"{USUAL_FACTORY}()"),
        suggestions=_offered(module, location.module) or submodules_with_application(location.module, module),
    )


class _Walk:
    """Follows the steps of a target from a module to an application; `name` is the way so far."""

    def __init__(self, module: ModuleType, module_name: str, location: Location) -> None:
        self.module = module
        self.value: Any = module
        self.name = module_name
        self.location = location

    def take(self, step: Step) -> None:
        """Go one step. Raises `AttributeMissing`, `FactoryNeedsArguments` or `ApplicationFailed`."""
        if isinstance(step, Name):
            self._look_up(step.name)
        else:
            self._call(step)

    def _look_up(self, name: str) -> None:
        separator = ":" if self.value is self.module else "."
        if not hasattr(self.value, name):
            raise AttributeMissing(
                self.name, name, file=_file(self.module), suggestions=self._nearest(name, separator)
            )
        self.value = getattr(self.value, name)
        self.name = f"{self.name}{separator}{name}"

    def _nearest(self, name: str, separator: str) -> list[str]:
        public = [known for known in dir(self.value) if not known.startswith("_")]
        near = [f"{self.name}{separator}{known}" for known in difflib.get_close_matches(name, public, n=3)]
        if near or self.value is not self.module:
            return near
        usual = [f"{self.name}:{known}" for known in USUAL_NAMES if hasattr(self.module, known)]
        return _offered(self.module, self.name) or usual

    def _call(self, call: Call) -> None:
        if not callable(self.value):
            raise NotAnApplication(self.name, _described(self.value), suggestions=[])
        self._check_arguments(call)
        factory, name = self.value, self.name
        self.value = call_user_code(
            lambda: factory(*call.arguments, **dict(call.keywords)),
            f"calling {name}()",
            reproduce=run_python(f"import {self.location.module} as m; m.{name.partition(':')[2]}()"),
            folder=self.location.home,
        )
        self.name = f"{name}()"

    def _check_arguments(self, call: Call) -> None:
        try:
            signature = inspect.signature(self.value)
        except ValueError:  # written in C: calling it will tell
            return
        try:
            signature.bind(*call.arguments, **dict(call.keywords))
        except TypeError as error:
            raise FactoryNeedsArguments(
                self.name,
                f"{self.name.rpartition(':')[2]}{signature}",
                problem=str(error),
                suggestion=f"{self.name}({_example(signature)})",
            ) from None


def _example(signature: inspect.Signature) -> str:
    """Return arguments that a person can replace: `config='...'` for each that has no default."""
    needed = [
        parameter.name
        for parameter in signature.parameters.values()
        if parameter.default is parameter.empty
        and parameter.kind not in {parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD}
    ]
    return ", ".join(f'{name}="..."' for name in needed)


# ---------------------------------------------------------------- is it an application?


def _check(application: Any, name: str) -> None:
    """Raise `AlreadyAsgi` or `NotAnApplication` unless `application` can be called as WSGI."""
    if is_asgi(application):
        raise AlreadyAsgi(
            name, _described(application), uvicorn=_uvicorn(name), wraps=wrapped_wsgi(application)
        )
    if not callable(application):
        raise NotAnApplication(name, _described(application), suggestions=[])
    if not takes(application, 2) or is_factory(application):
        suggestions = [f"{name}()"] if takes(application, 0) else []
        raise NotAnApplication(name, _described(application), suggestions=suggestions)


def _uvicorn(name: str) -> str:
    return f"--factory {name.removesuffix('()')}" if name.endswith("()") else name


def _offered(module: ModuleType, prefix: str) -> list[str]:
    """Return targets for what in `module` looks like an application: an instance of a framework's class."""
    public = [(name, value) for name, value in vars(module).items() if not name.startswith("_")]
    return [
        f"{prefix}:{name}"
        for name, value in public
        if callable(value) and not inspect.isclass(value) and not inspect.isroutine(value)
        if framework_of(value) is not None and takes(value, 2)
    ][:3]


def _described(value: Any) -> str:
    """Return `a Flask application`, `None`, `a function of (config)`, ... for a sentence."""
    if value is None or isinstance(value, bool):
        return repr(value)
    if inspect.isfunction(value):
        kind = "a coroutine function" if inspect.iscoroutinefunction(value) else "a function"
        return f"{kind} of {inspect.signature(value)}"
    if isinstance(value, ModuleType):
        return "a module"
    if inspect.isclass(value):
        return f"the class {value.__qualname__}"
    framework = framework_of(value)
    if framework is not None and callable(value):
        return f"a {framework.name} application"
    return f"an object of type {type(value).__module__}.{type(value).__qualname__}".replace(" builtins.", " ")


def _file(module: ModuleType) -> str:
    return str(getattr(module, "__file__", None) or f"the namespace package {module.__name__}")
