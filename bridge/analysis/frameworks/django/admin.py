"""Django's admin: what is registered, and the patterns that `admin.site.urls` makes of it.

As `django.contrib.admin.sites.AdminSite.get_urls` and `ModelAdmin.get_urls` do it. The registrations are found as
`autodiscover` finds them, by reading `admin.py` of every installed application.
"""

from __future__ import annotations

from typing import Any

from bridge.analysis.frameworks.django.applications import ModelOptions, label_of
from bridge.analysis.frameworks.django.asking import elements
from bridge.analysis.frameworks.django.data import (
    Application,
    Bound,
    Class,
    External,
    Instance,
    Made,
    Native,
    NativeObject,
    Place,
    Raised,
    Unknown,
    name_of,
)
from bridge.analysis.frameworks.django.interpreter import Interpreter
from bridge.analysis.frameworks.django.urls import Included, Pattern

__all__ = ["AdminSite", "ModelAdmin", "discover_admin"]

NOWHERE = Place("", 0)
SITE = "django.contrib.admin.sites.AdminSite"

SITE_VIEWS = (
    ("", "index"),
    ("login/", "login"),
    ("logout/", "logout"),
    ("password_change/", "password_change"),
    ("password_change/done/", "password_change_done"),
    ("autocomplete/", "autocomplete_view"),
    ("jsi18n/", "i18n_javascript"),
    ("r/<path:content_type_id>/<path:object_id>/", "view_on_site"),
)

MODEL_VIEWS = (
    ("", "changelist_view"),
    ("add/", "add_view"),
    ("<path:object_id>/history/", "history_view"),
    ("<path:object_id>/delete/", "delete_view"),
    ("<path:object_id>/change/", "change_view"),
)


class ModelAdmin(NativeObject):
    """One registered model with the class that edits it."""

    def __init__(self, model: Any, cls: Any, site: AdminSite, place: Place) -> None:
        self.model, self.cls, self.place = model, cls, place
        self._site = site

    def member(self, interpreter: Interpreter, receiver: Any, name: str) -> Any:
        """Return what code in `get_urls` asks for."""
        if name == "get_urls":
            return Native(name, lambda *_: self._own_urls(receiver))
        if name == "admin_site":
            return self._site
        if name == "model":
            return self.model
        if name in {"opts", "_meta"}:
            return ModelOptions(self.model)
        return bound_view(receiver, name) if name.endswith("_view") else None

    def _own_urls(self, receiver: Any) -> list[Any]:
        views = [(route, bound_view(receiver, name)) for route, name in MODEL_VIEWS]
        old = Made(
            External("<as_view>"), (External("django.views.generic.base.RedirectView"),), {}, self.place
        )
        views.append(("<path:object_id>/", old))  # the address of the change form before Django 1.9
        return [Pattern(route, False, view, self.place) for route, view in views]

    def object(self, interpreter: Interpreter) -> Any:
        """Return the object of the class that edits the model, where the class can be read."""
        cls = self.cls if isinstance(self.cls, Class) else interpreter.follow(self.cls)
        if isinstance(cls, Class):
            return Instance(cls, {"admin_site": self._site, "model": self.model}, self)
        return self

    def urls(self, interpreter: Interpreter) -> list[Any]:
        """Return the patterns of this model, those of the project's `get_urls` included."""
        receiver = self.object(interpreter)
        if isinstance(receiver, Instance):
            cls = receiver.cls
            owner = _first_with(interpreter, cls, "get_urls")
            if owner is not None:
                method = interpreter.settled(owner.attributes, "get_urls")
                try:
                    found = elements(
                        interpreter, interpreter.call(Bound(method, receiver), (), {}, self.place)
                    )
                except Raised:
                    found = None
                if found is not None:
                    return found
                interpreter.note(f"get_urls of {cls.name} at {cls.place}")
        return self._own_urls(receiver)


def _first_with(interpreter: Interpreter, cls: Class, name: str) -> Class | None:
    """Return the nearest class, libraries' included, that defines `name` and is no part of Django's own admin."""
    for each in interpreter.order(cls, follow=True):
        if isinstance(each, Class) and name in each.attributes:
            return None if each.module.startswith("django.contrib.admin.") else each
    return None


def bound_view(receiver: Any, name: str) -> Made:
    """Return the view that stands for a method of an admin class."""
    return Made(External("<admin>"), (receiver, name), {}, NOWHERE)


class AdminSite(NativeObject):
    """`admin.site`, or a site of the project's own."""

    def __init__(self) -> None:
        self.registry: dict[str, ModelAdmin] = {}
        self.applications: tuple[Application, ...] = ()

    def member(self, interpreter: Interpreter, receiver: Any, name: str) -> Any:
        """Return the site's methods and its `urls`."""
        if name == "__init__":
            return Native(name, lambda *_: None)
        if name == "register":
            return Native(name, self._register)
        if name == "unregister":
            return Native(name, self._unregister)
        if name == "urls":
            return (self._urls(interpreter, receiver), "admin", "admin")
        if name == "get_urls":
            return Native(name, lambda interpreter, *_: self._own_urls(interpreter, receiver))
        if name == "admin_view":
            return Native(name, lambda _, arguments, keywords, place: arguments[0])
        if name == "_registry":
            return {each.model: each.object(interpreter) for each in self.registry.values()}
        if name in {"site_header", "site_title", "index_title", "name", "each_context"}:
            return Unknown(name)
        if name in {each for _, each in SITE_VIEWS}:
            return bound_view(receiver, name)
        return None

    def _register(
        self, interpreter: Interpreter, arguments: tuple[Any, ...], keywords: dict[str, Any], place: Place
    ) -> None:
        given = {**dict(zip(("model", "admin_class"), arguments, strict=False)), **keywords}
        cls = given.get("admin_class") or External("django.contrib.admin.options.ModelAdmin")
        models = given.get("model", given.get("model_or_iterable"))
        for model in models if isinstance(models, (list, tuple, set)) else [models]:
            if isinstance(model, (Class, External)):
                self.registry[name_of(model)] = ModelAdmin(model, cls, self, place)
            else:
                interpreter.note(f"the model registered in the admin at {place}")

    def _unregister(
        self, interpreter: Interpreter, arguments: tuple[Any, ...], keywords: dict[str, Any], place: Place
    ) -> None:
        models = arguments[0] if arguments else None
        for model in models if isinstance(models, (list, tuple)) else [models]:
            self._forget(name_of(model))

    def _forget(self, name: str) -> None:
        # `unregister(User)` names the class by where it was imported from, the registration by where it is defined.
        last = name.rpartition(".")[2]
        self.registry.pop(name, None)
        for known in [
            each for each in self.registry if each.startswith("django.") and each.endswith(f".{last}")
        ]:
            del self.registry[known]

    def _urls(self, interpreter: Interpreter, receiver: Any) -> Any:
        if isinstance(receiver, Instance):
            method, owner = interpreter.find(receiver.cls, "get_urls")
            if owner is not None:
                return interpreter.call(Bound(method, receiver), (), {}, NOWHERE)
        return self._own_urls(interpreter, receiver)

    def _own_urls(self, interpreter: Interpreter, receiver: Any) -> list[Any]:
        made = [Pattern(route, False, bound_view(receiver, name), NOWHERE) for route, name in SITE_VIEWS]
        labels: dict[str, None] = {}
        for each in self.registry.values():
            label, model = label_of(interpreter, self.applications, each.model)
            labels[label] = None
            urls = Included(each.urls(interpreter))
            made.append(Pattern(f"{label}/{model}/", False, urls, each.place))
        if labels:
            route = f"^(?P<app_label>{'|'.join(labels)})/$"
            made.append(Pattern(route, True, bound_view(receiver, "app_index"), NOWHERE))
        made.append(Pattern("(?P<url>.*)$", True, bound_view(receiver, "catch_all_view"), NOWHERE))
        return made


def _register_decorator(
    interpreter: Interpreter, arguments: tuple[Any, ...], keywords: dict[str, Any], place: Place
) -> Any:
    """`@admin.register(Model, ..., site=...)`."""
    site = keywords.get("site") or interpreter.objects["django.contrib.admin.site"]

    def register(interpreter: Interpreter, classes: tuple[Any, ...], _: dict[str, Any], at: Place) -> Any:
        add = interpreter.attribute(site, "register", at)
        interpreter.call(add, (list(arguments), classes[0]), {}, at)
        return classes[0]

    return Native("register", register)


def discover_admin(interpreter: Interpreter, applications: tuple[Application, ...]) -> AdminSite:
    """Return the default site with everything that the applications' `admin` modules register.

    The interpreter knows `admin.site` and `admin.register` from here on.
    """
    site = AdminSite()
    site.applications = applications
    for name in ("django.contrib.admin.site", "django.contrib.admin.sites.site"):
        interpreter.objects[name] = site
    register = Native("register", _register_decorator)
    interpreter.natives["django.contrib.admin.register"] = register
    interpreter.natives["django.contrib.admin.decorators.register"] = register
    for name in (SITE, "django.contrib.admin.AdminSite"):
        interpreter.constructors[name] = lambda: _another(applications)
    interpreter.eager = frozenset(f"{each.module}.admin" for each in applications)
    for each in applications:
        if interpreter.sources.exists(f"{each.module}.admin"):
            interpreter.module(f"{each.module}.admin")
        elif each.module == "django.contrib.auth":
            _register_auth(site)
    return site


def _another(applications: tuple[Application, ...]) -> AdminSite:
    made = AdminSite()
    made.applications = applications
    return made


def _register_auth(site: AdminSite) -> None:
    """Register what `django.contrib.auth.admin` does, where Django's source is not there."""
    for model in ("User", "Group"):
        name = f"django.contrib.auth.models.{model}"
        cls = External(f"django.contrib.auth.admin.{model}Admin")
        site.registry[name] = ModelAdmin(External(name), cls, site, NOWHERE)
