"""Imports the user's module so that every failure ends in an error about their code, not in a traceback."""

from __future__ import annotations

import difflib
import importlib
import importlib.util
import os
import pkgutil
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import TypeVar

from bridge.cli.monkey import find_patching_line, patched_by
from bridge.cli.target import Location, applications_near
from bridge.cli.target_errors import ModuleMissing, MonkeyPatched
from bridge.cli.user_error import application_failed, run_python, user_frames

__all__ = ["call_user_code", "import_location", "import_module", "on_search_path"]

T = TypeVar("T")


def import_location(location: Location) -> ModuleType:
    """Import the module of `location`; its folders stay on sys.path.

    Raises `ModuleMissing`, `ApplicationFailed` or `MonkeyPatched`.
    """
    on_search_path(location.search_path)
    if location.file is None or _is_importable(location):
        return import_module(location.module, location.search_path)
    reproduce = run_python(f"import runpy; runpy.run_path({location.file!r})")
    return _guarded(lambda: _import_file(location), location.module, location.search_path, reproduce)


def import_module(name: str, search_path: tuple[str, ...], *, reproduce: str | None = None) -> ModuleType:
    """Import the dotted `name`. Raises as `import_location` does; the rest is for its messages."""
    reproduce = reproduce or run_python(f"import {name}")
    return _guarded(lambda: importlib.import_module(name), name, search_path, reproduce)


def on_search_path(folders: tuple[str, ...]) -> None:
    """Put `folders` first on sys.path, in their order, each once."""
    sys.path[:] = [*folders, *(entry for entry in sys.path if entry not in folders)]


def call_user_code(call: Callable[[], T], doing: str, *, reproduce: str, folder: str) -> T:
    """Return what `call` does. Raises `ApplicationFailed` for whatever it raises but KeyboardInterrupt."""
    try:
        with _ignoring_app_run():
            return call()
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # SystemExit too: code at module level may end the process
        raise application_failed(doing, error, reproduce=reproduce, folder=folder) from None


def _guarded(
    load: Callable[[], ModuleType], name: str, search_path: tuple[str, ...], reproduce: str
) -> ModuleType:
    patched_before, modules_before = patched_by(), set(sys.modules)
    try:
        with _ignoring_app_run():
            module = load()
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # as in call_user_code
        if _is_missing(error, name):
            raise _module_missing(name, search_path) from None
        raise application_failed(
            f"importing {name}", error, reproduce=reproduce, folder=search_path[0]
        ) from None
    _refuse_patching(name, patched_before, modules_before, search_path)
    return module


@contextmanager
def _ignoring_app_run() -> Iterator[None]:
    """Make Flask's `app.run()` do nothing, as `flask run` does: at module level it would serve for ever."""
    name = "FLASK_RUN_FROM_CLI"
    before = os.environ.get(name)
    os.environ[name] = "true"
    try:
        yield
    finally:
        os.environ.pop(name)
        if before is not None:
            os.environ[name] = before


# ---------------------------------------------------------------- modules that are not there


def _is_missing(error: BaseException, name: str) -> bool:
    """Return whether `error` says that `name` itself is missing, and not something that it imports."""
    if not isinstance(error, ModuleNotFoundError) or error.name is None or user_frames(error):
        return False
    return f"{name}.".startswith(f"{error.name}.")


def _module_missing(name: str, search_path: tuple[str, ...]) -> ModuleMissing:
    parent, _, last = name.rpartition(".")
    # `shop.app` is the commonest slip: a dot where a colon belongs.
    is_attribute = parent in sys.modules and hasattr(sys.modules[parent], last)
    near = difflib.get_close_matches(last, _submodules(parent), n=3)
    suggestions = (
        [f"{parent}:{last}"]
        if is_attribute
        else [f"{parent}.{found}" for found in near] or applications_near(name, search_path[0])
    )
    return ModuleMissing(name, folder=search_path[0], suggestions=suggestions)


def _submodules(package: str) -> list[str]:
    """Return the names of the modules in a package that is imported; none where it is not."""
    path = getattr(sys.modules.get(package), "__path__", ())
    return [found.name for found in pkgutil.iter_modules(path)]


# ---------------------------------------------------------------- files that are no modules


def _is_importable(location: Location) -> bool:
    """Return whether importing the location's module gives its file, and not another of that name."""
    parts = location.module.split(".")
    if parts[0] in sys.builtin_module_names or not all(part.isidentifier() for part in parts):
        return False
    loaded = sys.modules.get(parts[0])
    origin = getattr(loaded, "__file__", None)
    return loaded is None or (origin is not None and Path(location.home) in Path(origin).resolve().parents)


def _import_file(location: Location) -> ModuleType:
    assert location.file is not None
    name = re.sub(r"\W", "_", f"target_{location.module}")
    spec = importlib.util.spec_from_file_location(name, location.file)
    assert spec is not None
    assert spec.loader is not None  # the suffix is .py
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses and pickle look their module up
    spec.loader.exec_module(module)
    return module


# ---------------------------------------------------------------- monkey patching


def _refuse_patching(
    name: str, before: str | None, modules_before: set[str], search_path: tuple[str, ...]
) -> None:
    library = patched_by()
    if library is not None and before is None:
        new_modules = [module for module in sys.modules if module not in modules_before]
        raise MonkeyPatched(name, library, place=find_patching_line(new_modules, search_path))
