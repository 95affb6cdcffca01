"""A Django project, from its manage.py: the settings module is read, not run; the application is Django's."""

from __future__ import annotations

import ast
import importlib.util
import os
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bridge.cli.errors import MissingPackage
from bridge.cli.importing import call_user_code, import_module, on_search_path
from bridge.cli.target import Location
from bridge.cli.target_errors import DjangoSettingsMissing, DjangoSettingsUnknown, ModuleMissing

__all__ = ["load_django", "maybe_settings_module"]

VARIABLE = "DJANGO_SETTINGS_MODULE"


def load_django(location: Location) -> tuple[Any, str]:
    """Return the project's WSGI application and a name for it.

    It is the one that WSGI_APPLICATION in the settings names, else `get_wsgi_application()`; what
    `runserver` does. DJANGO_SETTINGS_MODULE in the environment wins over manage.py, as it does there.
    Raises `DjangoSettingsUnknown`, `DjangoSettingsMissing`, `MissingPackage`, `ApplicationFailed` or `MonkeyPatched`.
    """
    assert location.manage_py is not None
    settings_module = os.environ.get(VARIABLE) or maybe_settings_module(Path(location.manage_py))
    source = VARIABLE if os.environ.get(VARIABLE) else location.manage_py
    if settings_module is None:
        manage_py = location.manage_py
        raise DjangoSettingsUnknown(manage_py, candidates=_settings_near(Path(manage_py).parent))
    if importlib.util.find_spec("django") is None:
        raise MissingPackage(f"{location.manage_py}", "django", "django", python=sys.executable)
    on_search_path(location.search_path)
    os.environ[VARIABLE] = settings_module
    check = f"{shlex.quote(sys.executable)} manage.py check"
    try:
        import_module(settings_module, location.search_path, reproduce=check)
    except ModuleMissing:
        raise DjangoSettingsMissing(settings_module, source) from None
    return _application(settings_module, location, check)


def _application(settings_module: str, location: Location, check: str) -> tuple[Any, str]:
    from django.conf import settings

    dotted = settings.WSGI_APPLICATION
    if dotted:
        module, _, attribute = dotted.rpartition(".")
        imported = import_module(module, location.search_path, reproduce=check)
        return getattr(imported, attribute), f"{module}:{attribute}"
    from django.core.wsgi import get_wsgi_application

    application = call_user_code(
        get_wsgi_application,
        f"starting Django with {settings_module}",
        reproduce=check,
        folder=location.home,
    )
    return application, f"Django with {settings_module}"


# ---------------------------------------------------------------- manage.py


def maybe_settings_module(manage_py: Path) -> str | None:
    """Return the settings module that manage.py sets, or None where it is not a plain string there.

    Understands `os.environ.setdefault("DJANGO_SETTINGS_MODULE", "x")` and `os.environ[...] = "x"`.
    """
    try:
        tree = ast.parse(manage_py.read_bytes())
    except SyntaxError:
        return None
    return next(_settings_in(tree), None)


def _settings_near(folder: Path) -> list[str]:
    """Return the names of settings modules in the packages of a project's folder, those for development first."""
    single = [path for path in folder.glob("*/settings.py") if path.is_file()]
    several = [
        path
        for path in folder.glob("*/settings/*.py")
        if path.stem.isidentifier() and path.stem != "__init__"
    ]
    names = [".".join(path.relative_to(folder).with_suffix("").parts) for path in (*single, *several)]
    return sorted(names, key=lambda name: (not name.rpartition(".")[2].startswith(("dev", "local")), name))


def _settings_in(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Call(
                func=ast.Attribute(attr="setdefault"),
                args=[ast.Constant(value="DJANGO_SETTINGS_MODULE"), ast.Constant(value=str(name))],
            ):
                yield name
            case ast.Assign(
                targets=[ast.Subscript(slice=ast.Constant(value="DJANGO_SETTINGS_MODULE"))],
                value=ast.Constant(value=str(name)),
            ):
                yield name
