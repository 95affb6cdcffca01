"""The reader of Django projects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bridge.analysis.environment import environment_of
from bridge.analysis.frameworks.base import Options
from bridge.analysis.frameworks.django.data import is_known
from bridge.analysis.frameworks.django.definitions import Definitions
from bridge.analysis.frameworks.django.elsewhere import entry_points_of
from bridge.analysis.frameworks.django.middleware import middleware_of
from bridge.analysis.frameworks.django.orm import Models
from bridge.analysis.frameworks.django.pages import Pages
from bridge.analysis.frameworks.django.routes import Builder
from bridge.analysis.frameworks.django.silent_calls import note_silent_calls
from bridge.analysis.frameworks.django.site import Site, read_site
from bridge.analysis.frameworks.django.sources import Sources
from bridge.analysis.frameworks.roots import enter_roots
from bridge.analysis.model import Discovery, Root, Step, Witness
from bridge.analysis.project import Project
from bridge.analysis.solving.state import State

__all__ = ["DjangoReader"]

TOLD = (
    "DEBUG",
    "ROOT_URLCONF",
    "INSTALLED_APPS",
    "MIDDLEWARE",
    "DATABASES",
    "CACHES",
    "EMAIL_BACKEND",
    "SESSION_ENGINE",
    "AUTH_USER_MODEL",
)


@dataclass(frozen=True, slots=True)
class DjangoReader:
    """Reads a Django project: its settings, its URL configuration, and what runs on each route."""

    name: str = "django"

    def read(self, state: State, project: Project, options: Options) -> Discovery:
        """Return the project's routes; an empty Discovery where no settings name a ROOT_URLCONF."""
        if not _may_be_django(project):
            return Discovery()
        sources = Sources(project, environment_of(project.root, options.environment))
        site = read_site(sources, settings=options.settings)
        if site is None or "ROOT_URLCONF" not in site.settings:
            return Discovery()
        return _discovery(self.name, state, site)


def _may_be_django(project: Project) -> bool:
    """Return whether a module could hold settings or name them; reading the environment for nothing takes long."""
    words = {"settings", "manage", "wsgi", "asgi"}
    return any(words & set(module.name.split(".")) for module in project.modules)


def _discovery(name: str, state: State, site: Site) -> Discovery:
    definitions = Definitions(state)
    interpreter = site.interpreter
    middleware = middleware_of(interpreter, state, definitions, site.module)
    around = (
        *_receivers(state, "request_started"),
        *(root for each in middleware for root in each.roots),
        *_receivers(state, "request_finished"),
    )
    atomic = _atomic(site)
    pages = Pages.make(state, interpreter, definitions)
    builder = Builder(state, interpreter, definitions, around, atomic, pages)
    routes = tuple(builder.routes(site.rows))
    discovery = Discovery(
        frameworks=(name, *_with_rest(site)),
        routes=routes,
        middleware=middleware,
        entry_points=entry_points_of(state, site, definitions),
        settings={
            **{key: site.settings[key] for key in TOLD if is_known(site.settings.get(key))},
            "ATOMIC_REQUESTS": atomic is not None,
        },
        unread=tuple(each for each in interpreter.notes if _matters(site, each)),
    )
    note_silent_calls(state, interpreter, definitions)  # last: what it reads of forms says nothing of routes
    return discovery


def _receivers(state: State, signal: str) -> tuple[Root, ...]:
    """Return what receives a signal that Django's handler sends on every request."""
    models = state.extension
    if not isinstance(models, Models):
        return ()
    return enter_roots(state, models.signals.receivers(state, f"django.core.signals.{signal}"), "signal")


def _with_rest(site: Site) -> tuple[str, ...]:
    return (
        ("django-rest-framework",)
        if any(each.module == "rest_framework" for each in site.applications)
        else ()
    )


def _atomic(site: Site) -> Witness | None:
    """Return the transaction around every view, if a database has ATOMIC_REQUESTS."""
    databases: Any = site.settings.get("DATABASES")
    on = isinstance(databases, dict) and any(
        isinstance(each, dict) and each.get("ATOMIC_REQUESTS") is True for each in databases.values()
    )
    found = site.interpreter.sources.find(site.module)
    if not on or found is None:
        return None
    lines = site.interpreter.sources.lines(site.module)
    line = next((number for number, text in enumerate(lines, 1) if "ATOMIC_REQUESTS" in text), 0)
    sink = "django.conf.settings.ATOMIC_REQUESTS"
    return Witness(
        sink,
        "ATOMIC_REQUESTS",
        site.module,
        found[1],
        line,
        1,
        (Step(site.module, found[1], line),),
        "middleware",
    )


def _matters(site: Site, note: str) -> bool:
    """Return whether a remark is about the project's files, and not about the inside of a library."""
    place = note.rpartition(" at ")[2].partition(":")[0]
    return " at " not in note or "/" not in place or place in site.interpreter.sources.own_files()
