"""A Django project as its settings and URL configuration have it, before anything is asked of the solved state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bridge.analysis.frameworks.django.admin import discover_admin
from bridge.analysis.frameworks.django.applications import (
    applications_of,
    configurations_of,
    registry_of,
    run_ready,
)
from bridge.analysis.frameworks.django.configuration import CONFIGURATION, Environment
from bridge.analysis.frameworks.django.data import Application, Native
from bridge.analysis.frameworks.django.interpreter import Interpreter, OutOfSteps
from bridge.analysis.frameworks.django.ninja import NINJA
from bridge.analysis.frameworks.django.routers import ROUTERS
from bridge.analysis.frameworks.django.settings import find_settings, read_settings
from bridge.analysis.frameworks.django.sources import Sources
from bridge.analysis.frameworks.django.structures import CONTAINERS, named_tuple
from bridge.analysis.frameworks.django.urls import URL_NATIVES, Row, include, rows_of

__all__ = ["Site", "read_site"]


@dataclass(frozen=True, slots=True)
class Site:
    """What was read. `module` is the settings module, `rows` the route table in Django's order."""

    module: str
    settings: Mapping[str, Any]
    applications: tuple[Application, ...]
    rows: tuple[Row, ...]
    interpreter: Interpreter


def read_site(sources: Sources, *, settings: str = "") -> Site | None:
    """Return the Django project, None where no settings are found. `settings` names them, "" to find them."""
    module = find_settings(sources, settings)
    if not module:
        return None
    interpreter = Interpreter(sources)
    interpreter.natives.update({**URL_NATIVES, **CONFIGURATION})
    interpreter.constructors.update({**ROUTERS, **NINJA, **CONTAINERS})
    interpreter.natives["collections.namedtuple"] = Native("namedtuple", named_tuple)
    for name in ("environ.Env", "environ.FileAwareEnv", "environs.Env"):
        interpreter.constructors[name] = Environment
    interpreter.objects["environs.env"] = Environment()
    applications: tuple[Application, ...] = ()
    rows: list[Row] = []
    try:
        found = read_settings(interpreter, module)
        applications = applications_of(interpreter, found.get("INSTALLED_APPS"))
        interpreter.applications = applications
        configurations = configurations_of(applications)
        interpreter.natives.update(registry_of(applications, configurations))
        discover_admin(interpreter, applications)
        run_ready(interpreter, applications, configurations)
        rows.extend(_rows(interpreter, found.get("ROOT_URLCONF")))
    except OutOfSteps:
        interpreter.note(f"the settings {module} and their URLs: they run for too long")
    return Site(module, interpreter.settings or {}, applications, tuple(rows), interpreter)


def _rows(interpreter: Interpreter, root: Any) -> list[Row]:
    if not isinstance(root, str):
        interpreter.note("ROOT_URLCONF")
        return []
    return list(rows_of(interpreter, include(interpreter, root).patterns))
