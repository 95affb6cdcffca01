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
    run_models,
    run_ready,
)
from bridge.analysis.frameworks.django.configuration import CONFIGURATION, Environment
from bridge.analysis.frameworks.django.data import Application, Native
from bridge.analysis.frameworks.django.interpreter import Interpreter, OutOfSteps
from bridge.analysis.frameworks.django.ninja import NINJA
from bridge.analysis.frameworks.django.ninja_extra import know_ninja_extra
from bridge.analysis.frameworks.django.routers import ROUTERS
from bridge.analysis.frameworks.django.settings import find_settings, read_settings
from bridge.analysis.frameworks.django.sources import Sources
from bridge.analysis.frameworks.django.structures import CONTAINERS, named_tuple
from bridge.analysis.frameworks.django.urls import URL_NATIVES, Row, include, rows_of

__all__ = ["INSTALL", "Site", "read_site"]

INSTALL = "Install the project's packages in a .venv beside it, or name their environment in [tool.wsgi-bridge], and they are read"


@dataclass(frozen=True, slots=True)
class Site:
    """What was read. `module` is the settings module, `rows` the route table in Django's order."""

    module: str
    settings: Mapping[str, Any]
    applications: tuple[Application, ...]
    rows: tuple[Row, ...]
    interpreter: Interpreter
    serving: frozenset[str]  # the top packages of what was run for the sake of the URLs


def read_site(sources: Sources, *, settings: str = "") -> Site | None:
    """Return the Django project, None where no settings are found. `settings` names them, "" to find them.

    Where the URLs come from an installed library's configuration, they are read once more with all installed
    applications' code followed: what models, `ready` and hooks register with that library decides on its URLs.
    """
    module = find_settings(sources, settings)
    if not module:
        return None
    site = _read(sources, module, frozenset())
    followed = _libraries(site)
    again = _read(sources, module, followed) if followed else site
    if len(again.rows) >= len(site.rows):
        return again
    site.interpreter.note("what libraries register with one another was not followed: it led to fewer routes")
    return site


def _read(sources: Sources, module: str, followed: frozenset[str]) -> Site:
    interpreter = _interpreter(sources)
    interpreter.followed = followed
    applications: tuple[Application, ...] = ()
    rows: list[Row] = []
    serving: set[str] = set()
    try:
        found = read_settings(interpreter, module)
        applications = applications_of(interpreter, found.get("INSTALLED_APPS"))
        interpreter.applications = applications
        configurations = configurations_of(applications)
        interpreter.natives.update(registry_of(applications, configurations))
        discover_admin(interpreter, applications)
        if followed:
            run_models(interpreter, applications)
        run_ready(interpreter, applications, configurations)
        before = frozenset(interpreter.modules)
        rows.extend(_rows(interpreter, found.get("ROOT_URLCONF")))
        serving = {name.partition(".")[0] for name in interpreter.modules if name not in before}
    except OutOfSteps:
        interpreter.note(f"the settings {module} and their URLs: they run for too long")
    return Site(
        module, interpreter.settings or {}, applications, tuple(rows), interpreter, frozenset(serving)
    )


def _interpreter(sources: Sources) -> Interpreter:
    interpreter = Interpreter(sources)
    interpreter.natives.update({**URL_NATIVES, **CONFIGURATION})
    interpreter.constructors.update({**ROUTERS, **NINJA, **CONTAINERS})
    interpreter.natives["collections.namedtuple"] = Native("namedtuple", named_tuple)
    for name in ("environ.Env", "environ.FileAwareEnv", "environs.Env"):
        interpreter.constructors[name] = Environment
    interpreter.objects["environs.env"] = Environment()
    know_ninja_extra(interpreter)
    return interpreter


def _libraries(site: Site) -> frozenset[str]:
    """Return the installed packages of applications and URLs, if the URLs led into one; what is modelled left out."""
    interpreter = site.interpreter
    modelled = {
        name.partition(".")[0]
        for name in (*interpreter.natives, *interpreter.constructors, *interpreter.objects)
    }
    installed = {each.module.partition(".")[0] for each in site.applications}
    taking_part = frozenset(
        each for each in (installed | interpreter.included) - modelled if interpreter.is_library(each)
    )
    return taking_part if taking_part & (site.serving | interpreter.included) else frozenset()


def _rows(interpreter: Interpreter, root: Any) -> list[Row]:
    if not isinstance(root, str):
        interpreter.note("ROOT_URLCONF")
        return []
    rows = list(rows_of(interpreter, include(interpreter, root).patterns))
    environment = interpreter.sources.environment.words
    for package, prefixes in interpreter.absent.items():
        interpreter.note(
            f"the routes below {', '.join(prefixes)} are missing: {package} is not installed in {environment}. {INSTALL}"
        )
    return rows
