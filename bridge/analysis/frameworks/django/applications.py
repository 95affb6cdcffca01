"""Installed applications: their modules and labels, and the label under which a model goes."""

from __future__ import annotations

from typing import Any

from bridge.analysis.frameworks.django.data import (
    FIELD_NAME,
    Application,
    Bound,
    Class,
    External,
    Function,
    Instance,
    Lazy,
    Made,
    ModuleRef,
    Native,
    NativeObject,
    Place,
    Raised,
    Unknown,
    name_of,
)
from bridge.analysis.frameworks.django.interpreter import Interpreter
from bridge.analysis.frameworks.django.native_shapes import named

__all__ = [
    "Application",
    "ModelOptions",
    "applications_of",
    "configurations_of",
    "label_of",
    "model_named",
    "registry_of",
    "run_models",
    "run_ready",
]

MODEL = frozenset({"django.db.models.Model", "django.db.models.base.Model"})


def applications_of(interpreter: Interpreter, installed: Any) -> tuple[Application, ...]:
    """Return the applications of INSTALLED_APPS in their order."""
    names = (
        [each for each in installed if isinstance(each, str)] if isinstance(installed, (list, tuple)) else []
    )
    return tuple(_application(interpreter, name) for name in names)


def _application(interpreter: Interpreter, name: str) -> Application:
    config = _named_config(interpreter, name) if not interpreter.sources.exists(name) else None
    config = config or _only_config(interpreter, name)
    module, label = name, ""
    if config is not None:
        module = _text(interpreter, config, "name") or module
        label = _text(interpreter, config, "label")
    elif not interpreter.sources.exists(name) and name.rpartition(".")[2].endswith("Config"):
        module = name.rpartition(".apps.")[0] or name.rpartition(".")[0]
    return Application(module, label or module.rpartition(".")[2], config)


def _named_config(interpreter: Interpreter, name: str) -> Class | None:
    found = interpreter.follow(interpreter.dotted(name))
    return found if isinstance(found, Class) else None


def _only_config(interpreter: Interpreter, name: str) -> Class | None:
    """Return the configuration that Django takes by itself: the only one in `apps.py`, or the one marked default."""
    scope = interpreter.module(f"{name}.apps")
    if scope is None:
        return None
    own = [
        each
        for each in scope.names.values()
        if isinstance(each, Class) and each.module == scope.module and "name" in each.attributes
    ]
    marked = [each for each in own if each.attributes.get("default") is True]
    candidates = marked or [each for each in own if each.attributes.get("default") is not False]
    return candidates[0] if len(candidates) == 1 else None


def _text(interpreter: Interpreter, cls: Class, name: str) -> str:
    value, owner = interpreter.find(cls, name)
    return value if owner is not None and isinstance(value, str) else ""


def model_named(interpreter: Interpreter, applications: tuple[Application, ...], name: Any) -> Any:
    """Return the model class that "label.Model" names."""
    label, _, model = name.rpartition(".") if isinstance(name, str) else ("", "", "")
    module = next((each.module for each in applications if each.label == label), "")
    if not module:
        return Unknown(f"the model {name}")
    scope = interpreter.module(f"{module}.models")
    for each in scope.names if scope is not None else ():
        if each.lower() == model.lower() and isinstance(scope.names[each], (Class, Lazy)):  # type: ignore[union-attr] # the loop is over its names
            return interpreter.member(f"{module}.models", each)
    return External(f"{module}.models.{model}")


def _registered(applications: tuple[Application, ...]) -> Native:
    """Return `get_registered_model`: a model whose class statement has run, else LookupError."""

    def run(interpreter: Interpreter, arguments: tuple[Any, ...], *_: Any) -> Any:
        found = model_named(interpreter, applications, ".".join(map(str, arguments)))
        if isinstance(found, External) and any(
            interpreter.sources.is_own(each.module) for each in applications if each.label == arguments[0]
        ):
            raise Raised("LookupError", found.name)
        return found

    return Native("get_registered_model", run)


class ModelOptions(NativeObject):
    """`Model._meta`: the labels of a model."""

    def __init__(self, model: Any) -> None:
        self._model = model

    def member(self, interpreter: Interpreter, receiver: Any, name: str) -> Any:
        """Return the labels; of other options None."""
        label, model = label_of(interpreter, interpreter.applications, self._model)
        last = name_of(self._model).rpartition(".")[2]
        known = {
            "app_label": label,
            "model_name": model,
            "object_name": last,
            "label": f"{label}.{last}",
            "label_lower": f"{label}.{model}",
            "model": self._model,
            "concrete_model": self._model,
        }
        return primary_key(interpreter, self._model) if name == "pk" else known.get(name)


def primary_key(interpreter: Interpreter, model: Any) -> Any:
    """Return the field that is a model's primary key, as a call of its class."""
    cls = interpreter.follow(model)
    chain = (
        [each for each in interpreter.order(cls, follow=True) if isinstance(each, Class)]
        if isinstance(cls, Class)
        else []
    )
    for each in chain:
        if each is not cls and _has_table(interpreter, each):
            parent = each.qualified.rpartition(".")[2].lower()
            return _field("django.db.models.OneToOneField", f"{parent}_ptr", each.place)
        for name, value in each.attributes.items():
            if isinstance(value, Made) and value.keywords.get("primary_key") is True:
                return Made(
                    value.function, value.arguments, {**value.keywords, FIELD_NAME: name}, value.place
                )
    default = (interpreter.settings or {}).get("DEFAULT_AUTO_FIELD")
    named = default if isinstance(default, str) else "django.db.models.BigAutoField"
    return _field(named, "id", Place("", 0)) if chain else Unknown("the primary key of an unread model")


def _field(cls: str, name: str, place: Place) -> Made:
    return Made(External(cls), (), {FIELD_NAME: name}, place)


def configurations_of(applications: tuple[Application, ...]) -> dict[str, Instance]:
    """Return each application's AppConfig by its label: one object, so what `ready` stores on it is there later."""
    return {each.label: _config_instance(each) for each in applications}


def registry_of(
    applications: tuple[Application, ...], configurations: dict[str, Instance]
) -> dict[str, Native]:
    """Return what `django.apps.apps` answers, and `get_user_model`."""
    answers = {
        "get_app_configs": Native("get_app_configs", lambda *_: list(configurations.values())),
        "get_model": Native(
            "get_model",
            named(
                lambda interpreter, arguments, *_: model_named(
                    interpreter, applications, ".".join(map(str, arguments[:2]))
                ),
                "app_label",
                "model_name",
            ),
        ),
        "get_registered_model": _registered(applications),
        "get_app_config": Native(
            "get_app_config",
            named(
                lambda _, arguments, *__: configurations.get(arguments[0], Unknown("an application")),
                "app_label",
            ),
        ),
    }
    user_model = Native(
        "get_user_model",
        lambda interpreter, *_: model_named(
            interpreter, applications, (interpreter.settings or {}).get("AUTH_USER_MODEL")
        ),
    )
    return {
        "django.contrib.auth.get_user_model": user_model,
        **{
            f"{registry}.{name}": native
            for registry in ("django.apps.apps", "django.apps.registry.apps")
            for name, native in answers.items()
        },
    }


class Configuration(NativeObject):
    """What an AppConfig has besides what its class says."""

    def __init__(self, application: Application) -> None:
        self._application = application

    def member(self, interpreter: Interpreter, receiver: Any, name: str) -> Any:
        """Return `get_models` and `get_model`."""
        if name == "get_models":
            return Native(name, lambda interpreter, *_: models_of(interpreter, self._application))
        if name == "get_model":
            label = self._application.label
            return Native(
                name,
                named(
                    lambda interpreter, arguments, *_: model_named(
                        interpreter, interpreter.applications, f"{label}.{arguments[0]}"
                    ),
                    "model_name",
                ),
            )
        return None


def models_of(interpreter: Interpreter, application: Application) -> list[Any]:
    """Return an application's model classes that have a table."""
    scope = interpreter.module(f"{application.module}.models")
    found: dict[str, Any] = {}
    for name in list(scope.names) if scope is not None else ():
        value = interpreter.member(f"{application.module}.models", name)
        if (
            isinstance(value, Class)
            and f"{value.module}.".startswith(f"{application.module}.")
            and _has_table(interpreter, value)
        ):
            found[value.name] = value
    return list(found.values())


def _has_table(interpreter: Interpreter, cls: Class) -> bool:
    meta = cls.attributes.get("Meta")
    abstract = isinstance(meta, Class) and meta.attributes.get("abstract") is True
    names = {name_of(each) for each in interpreter.order(cls, follow=True)}
    return not abstract and cls.name not in MODEL and bool(names & MODEL)


def run_ready(
    interpreter: Interpreter, applications: tuple[Application, ...], configurations: dict[str, Instance]
) -> None:
    """Run `ready` of the configurations that are read: what it imports and registers counts."""
    for each in applications:
        if each.config is None or not interpreter.is_read(each.config.module):
            continue
        method, owner = interpreter.find(each.config, "ready")
        if owner is not None and interpreter.is_read(owner.module) and isinstance(method, Function):
            try:
                interpreter.call(Bound(method, configurations[each.label]), (), {}, each.config.place)
            except Raised as error:
                if interpreter.sources.is_own(owner.module):
                    interpreter.note(f"ready of {each.config.name}: {error}")


def run_models(interpreter: Interpreter, applications: tuple[Application, ...]) -> None:
    """Run the `models` of every application that is read, as Django does before any `ready`: they register models."""
    for each in applications:
        if interpreter.is_read(each.module):
            interpreter.module(f"{each.module}.models")


def _config_instance(application: Application) -> Instance:
    place = application.config.place if application.config else Place("", 0)
    cls = application.config or Class("django.apps.config", "AppConfig", (), {}, place)
    attributes = {
        "name": application.module,
        "label": application.label,
        "module": ModuleRef(application.module),
    }
    return Instance(cls, attributes, Configuration(application))


def label_of(interpreter: Interpreter, applications: tuple[Application, ...], model: Any) -> tuple[str, str]:
    """Return (app_label, model_name) of a model class."""
    cls = interpreter.follow(model)
    name = name_of(cls)
    meta = cls.attributes.get("Meta") if isinstance(cls, Class) else None
    label = _text(interpreter, meta, "app_label") if isinstance(meta, Class) else ""
    module = cls.module if isinstance(cls, Class) else name.rpartition(".")[0]
    containing = [each for each in applications if f"{module}.".startswith(f"{each.module}.")]
    nearest = max(containing, key=lambda each: len(each.module), default=None)
    guessed = module.removesuffix(".models").rpartition(".")[2]
    return label or (nearest.label if nearest else guessed), name.rpartition(".")[2].lower()
