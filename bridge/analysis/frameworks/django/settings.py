"""Django's settings: which module holds them, and what they are when the environment is empty."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from bridge.analysis.frameworks.django.data import External, Unknown
from bridge.analysis.frameworks.django.interpreter import Interpreter
from bridge.analysis.frameworks.django.sources import Sources

__all__ = ["DEFAULTS", "find_settings", "read_settings"]

VARIABLE = "DJANGO_SETTINGS_MODULE"

# What Django's global_settings say, as far as routes and middleware hang on it.
DEFAULTS: Mapping[str, Any] = {
    "DEBUG": False,
    "APPEND_SLASH": True,
    "INSTALLED_APPS": [],
    "MIDDLEWARE": [],
    "TEMPLATES": [],
    "DATABASES": {},
    "CACHES": {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}},
    "LANGUAGE_CODE": "en-us",
    "LANGUAGES": [],
    "USE_I18N": True,
    "USE_TZ": True,
    "AUTH_USER_MODEL": "auth.User",
    "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
    "SESSION_ENGINE": "django.contrib.sessions.backends.db",
    "STATIC_URL": None,
    "MEDIA_URL": "",
    "MEDIA_ROOT": "",
    "STATIC_ROOT": None,
    "FORCE_SCRIPT_NAME": None,
    "LOGIN_URL": "/accounts/login/",
    "SECRET_KEY": "",
    "ALLOWED_HOSTS": [],
    "ADMINS": [],
    "SITE_ID": None,
}


def find_settings(sources: Sources, named: str = "") -> str:
    """Return the settings module: `named`, or what manage.py, wsgi.py or asgi.py say; "" where none is found."""
    if named:
        return named
    files = sorted(sources.own_files(), key=lambda file: (file.count("/"), file))
    wanted = ("manage.py", "wsgi.py", "asgi.py")
    for name in wanted:
        for file in files:
            if PurePosixPath(file).name == name and not _is_example(file):
                found = [each for each in _constants(sources, file) if sources.exists(each)]
                if found:
                    return found[0]
    return _likely(sources, files)


def _is_example(file: str) -> bool:
    return any(
        part in {"tests", "test", "docs", "examples", "example"} for part in PurePosixPath(file).parts[:-1]
    )


def _constants(sources: Sources, file: str) -> Iterator[str]:
    """Yield what a file sets the variable to: `setdefault(VARIABLE, "x")`, `environ[VARIABLE] = "x"`."""
    tree = sources.parse_file(file)
    for node in ast.walk(tree) if tree is not None else ():
        if isinstance(node, ast.Call) and len(node.args) == 2 and _is_variable(node.args[0]):
            yield from _texts(node.args[1])
        elif isinstance(node, ast.Assign) and any(
            isinstance(target, ast.Subscript) and _is_variable(target.slice) for target in node.targets
        ):
            yield from _texts(node.value)


def _is_variable(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value == VARIABLE


def _texts(node: ast.expr) -> Iterator[str]:
    """Yield the texts in an expression: `"a" if x else "b"` has two."""
    for each in ast.walk(node):
        if isinstance(each, ast.Constant) and isinstance(each.value, str) and each.value:
            yield each.value


def _likely(sources: Sources, files: list[str]) -> str:
    """Return the nearest `settings.py` that names a ROOT_URLCONF."""
    for file in files:
        parts = PurePosixPath(file).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        if "settings" in name.split(".") and not _is_example(file) and sources.mentions(file, "ROOT_URLCONF"):
            return name
    return ""


def read_settings(interpreter: Interpreter, module: str) -> dict[str, Any]:
    """Return the settings of a module with Django's defaults behind them. The interpreter answers with them."""
    scope = interpreter.module(module)
    found = dict(DEFAULTS)
    interpreter.settings = found
    if scope is not None:
        for name in list(scope.names):
            if name.isupper() or (name[:1].isupper() and name == name.upper()):
                value = interpreter.settled(scope.names, name)
                found[name] = value
    if isinstance(found.get("MIDDLEWARE"), (Unknown, External)):
        interpreter.note(f"MIDDLEWARE in {module}")
    return found
