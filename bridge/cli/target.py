"""Where an application is, read from TARGET, the file system and nothing else: no user code runs here.

    shop:app            a module, and steps to the application in it
    shop                a module, to be searched for the usual names
    web/shop.py[:app]   a file: its package's parent folder goes on sys.path
    . or path/          a folder: Django's manage.py (not Flask's), else wsgi.py or app.py, else a package

A bare word is a folder when there is one of that name without an `__init__.py`: Python would import it as an
empty namespace package, which nobody means.
"""

from __future__ import annotations

import difflib
import importlib.machinery
import importlib.util
import os
import re
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from bridge.cli.expression import Step, parse_expression
from bridge.cli.target_errors import FileMissing, FolderWithoutApplication, ModuleMissing

__all__ = [
    "FOLDER_FILES",
    "Location",
    "applications_in",
    "applications_near",
    "locate",
    "submodules_with_application",
]

MANAGE = "manage.py"
FOLDER_FILES = (MANAGE, "wsgi.py", "app.py", "__init__.py")  # in the order in which they are looked for
# A colon before a slash belongs to a Windows drive.
COLON = re.compile(r":(?![\\/])")


@dataclass(frozen=True, slots=True)
class Location:
    """Where to find the application.

    `module` is a dotted name to import, `file` is set where the target named a file and `manage_py` where it
    led to a Django project. `steps` None: look for the usual names. `search_path` goes first on sys.path.
    """

    target: str
    module: str
    steps: tuple[Step, ...] | None
    search_path: tuple[str, ...]
    file: str | None = None
    manage_py: str | None = None

    @property
    def home(self) -> str:
        """Return the folder that the application lives in, for the reloader to watch."""
        return self.search_path[0]


def locate(target: str, folder: str) -> Location:
    """Return where `target` is, seen from `folder`, an absolute path.

    Raises `TargetSyntaxError`, `FileMissing`, `FolderWithoutApplication` or `ModuleMissing`.
    """
    left, colon, right = _split(target)
    steps = parse_expression(right, target) if colon else None
    if _is_path(left, folder):
        return _locate_path(target, left, steps, folder)
    return _locate_module(target, left, steps, folder)


def _split(target: str) -> tuple[str, bool, str]:
    parts = COLON.split(target.strip(), maxsplit=1)
    return parts[0], len(parts) == 2, parts[-1]


# ---------------------------------------------------------------- paths


def _is_path(left: str, folder: str) -> bool:
    if left.endswith(".py") or left in {"", ".", "..", "~"} or "/" in left or os.sep in left:
        return True
    path = Path(folder, left)
    return path.is_dir() and not (path / "__init__.py").exists() and not path.with_suffix(".py").exists()


def _locate_path(target: str, left: str, steps: tuple[Step, ...] | None, folder: str) -> Location:
    path = Path(folder, Path(left or ".").expanduser()).resolve()
    if path.is_file():
        return _locate_file(target, path, steps, folder)
    if path.is_dir():
        return _locate_folder(target, path, steps, folder)
    raise FileMissing(left, suggestions=_nearest_paths(left, folder))


def _locate_folder(target: str, path: Path, steps: tuple[Step, ...] | None, folder: str) -> Location:
    entrance = _maybe_entrance(path)
    if entrance is not None:
        return _locate_file(target, entrance, steps, folder)
    suggestions = [_shown(found, folder) for found in _applications_below(path)]
    raise FolderWithoutApplication(target, tried=FOLDER_FILES, suggestions=suggestions)


def _maybe_entrance(path: Path, names: tuple[str, ...] = FOLDER_FILES) -> Path | None:
    """Return the file that a folder is entered by. Flask's projects have a manage.py, too: that one is the last choice."""
    files = [path / name for name in names if (path / name).is_file()]
    return next(
        (file for file in files if file.name != MANAGE or _mentions_django(file)), next(iter(files), None)
    )


def _mentions_django(manage_py: Path) -> bool:
    return b"django" in manage_py.read_bytes().lower()


def _locate_file(target: str, path: Path, steps: tuple[Step, ...] | None, folder: str) -> Location:
    root, module = _import_name(path)
    search_path = (root,) if root == folder else (root, folder)
    manage_py = str(path) if path.name == MANAGE and steps is None else None
    return Location(target, module, steps, search_path, file=str(path), manage_py=manage_py)


def _import_name(path: Path) -> tuple[str, str]:
    """Return the folder to put on sys.path and the dotted name that `path` then has."""
    parts = [] if path.name == "__init__.py" else [path.stem]
    folder = path.parent
    while (folder / "__init__.py").exists() and folder != folder.parent:
        parts.insert(0, folder.name)
        folder = folder.parent
    return str(folder), ".".join(parts)


def _applications_below(path: Path) -> list[Path]:
    return sorted(entry for entry in _folders(path) if _is_home(entry))[:3]


def _is_home(path: Path) -> bool:
    """Return whether an application is likely there: a package alone is not enough."""
    return _maybe_entrance(path, FOLDER_FILES[:3]) is not None


def _folders(path: Path) -> list[Path]:
    return [entry for entry in path.iterdir() if entry.is_dir() and not entry.name.startswith(".")]


def _nearest_paths(left: str, folder: str) -> list[str]:
    wanted = Path(left)
    parent = Path(folder, wanted.parent)
    if not parent.is_dir():
        return []
    names = [entry.name for entry in parent.iterdir() if entry.suffix == ".py" or entry in _folders(parent)]
    return [str(wanted.parent / name) for name in difflib.get_close_matches(wanted.name, names, n=3)]


def _shown(path: Path, folder: str) -> str:
    """Return `path` as a target: with a slash where the bare word would be taken for a package."""
    shown = os.path.relpath(path, folder)
    return shown if _is_path(shown, folder) else f"{shown}/"


# ---------------------------------------------------------------- modules


def _locate_module(target: str, name: str, steps: tuple[Step, ...] | None, folder: str) -> Location:
    if not all(part.isidentifier() for part in name.split(".")) or not _top_level_exists(name, folder):
        raise ModuleMissing(name, folder=folder, suggestions=_nearest_modules(name, target, folder))
    return Location(target, name, steps, (folder,))


def _top_level_exists(name: str, folder: str) -> bool:
    """Ask for the first part only: asking for more would import it."""
    top = name.partition(".")[0]
    if importlib.machinery.PathFinder.find_spec(top, [folder]) is not None:
        return True
    return importlib.util.find_spec(top) is not None


def _nearest_modules(name: str, target: str, folder: str) -> list[str]:
    rest = target[len(name) :]
    top, *below = name.split(".")
    names = [module for module in _modules_in(folder) if module != top]
    return [".".join([near, *below]) + rest for near in difflib.get_close_matches(top, names, n=3)]


def applications_in(folder: str) -> list[str]:
    """Return targets to offer when none was given: the working folder itself, and folders in it."""
    path = Path(folder)
    here = ["."] if _is_home(path) else []
    return here + [_shown(found, folder) for found in _applications_below(path)]


def applications_near(name: str, folder: str) -> list[str]:
    """Return targets to offer when the dotted `name` has no module: folders of that name, or in one."""
    top = Path(folder, name.partition(".")[0])
    if not top.is_dir():
        return []
    found = [top] if _is_home(top) else _applications_below(top)
    return [_shown(path, folder) for path in found]


def submodules_with_application(name: str, module: ModuleType) -> list[str]:
    """Return targets to offer when the package `name` has no application itself but a `wsgi.py` or `app.py`."""
    folders = [Path(entry) for entry in getattr(module, "__path__", ())]
    names = [file.removesuffix(".py") for file in FOLDER_FILES[1:3]]
    return [
        f"{name}.{stem}" for stem in names if any((folder / f"{stem}.py").is_file() for folder in folders)
    ]


def _modules_in(folder: str) -> list[str]:
    entries = [entry for entry in Path(folder).iterdir() if not entry.name.startswith((".", "_"))]
    files = [entry.stem for entry in entries if entry.suffix == ".py"]
    return [*files, *(entry.name for entry in entries if entry.is_dir() and entry.name.isidentifier())]
