"""Where modules stand: in the project, or in the environment that is installed beside it. Read, never imported."""

from __future__ import annotations

import ast
import tokenize
import warnings
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from bridge.analysis.environment import Environment
from bridge.analysis.project import Project

__all__ = ["Sources"]

LARGEST_FILE = 2 * 1024 * 1024  # bytes, as for the project's own files


class Sources:
    """Finds and parses modules by their dotted name.

    `roots` are the project's folders that imports start from: its root, the folders that hold a manage.py, and
    plain folders around top-level packages (src layouts).
    """

    def __init__(self, project: Project, environment: Environment | None = None) -> None:
        self.root = project.root.absolute()  # `__file__` is absolute, also where the project is "."
        self.environment = environment or Environment()
        self._names = {module.file: module.name for module in project.modules if module.file}
        self._files = set(self._names)
        self._folders = {str(folder) for file in self._files for folder in PurePosixPath(file).parents}
        self.roots = tuple(_import_roots(self._files))
        self._known: dict[str, tuple[Path, str] | None] = {}
        self._trees: dict[Path, ast.Module | None] = {}  # URLs may be read twice, see site.py

    def find(self, module: str) -> tuple[Path, str] | None:
        """Return (file, name in reports) of a module, None if it is not there."""
        if module not in self._known:
            self._known[module] = next(self._candidates(module), None)
        return self._known[module]

    def exists(self, module: str) -> bool:
        """Return whether a module or package of that name is there."""
        return self.find(module) is not None or self._is_folder(module)

    def is_own(self, module: str) -> bool:
        """Return whether the module is one of the project's files."""
        found = self.find(module)
        return found is not None and found[1] in self._files

    def project_name(self, module: str) -> str:
        """Return what the project's modules are called in reports: by the names that imports use, where they can."""
        found = self.find(module)
        return module if found is None else self._names.get(found[1], module)

    def is_package(self, module: str) -> bool:
        """Return whether the module is a package's `__init__`."""
        found = self.find(module)
        return found is not None and found[0].name == "__init__.py"

    def own_files(self) -> frozenset[str]:
        """Return the project's files, relative to its root."""
        return frozenset(self._files)

    def mentions(self, file: str, text: str) -> bool:
        """Return whether a file of the project has `text` in it."""
        try:
            return text.encode() in (self.root / file).read_bytes()
        except OSError:
            return False

    def lines(self, module: str) -> list[str]:
        """Return the lines of a module's file, none where it cannot be read."""
        found = self.find(module)
        try:
            return [] if found is None else found[0].read_text("utf-8", "replace").splitlines()
        except OSError:
            return []

    def parse(self, module: str) -> ast.Module | None:
        """Return the module's tree, None where there is none or it cannot be read."""
        found = self.find(module)
        return None if found is None else self._tree(found[0])

    def parse_file(self, file: str) -> ast.Module | None:
        """Return the tree of a file of the project."""
        return self._tree(self.root / file)

    def _tree(self, path: Path) -> ast.Module | None:
        if path not in self._trees:
            self._trees[path] = _parsed(path)
        return self._trees[path]

    def _candidates(self, module: str) -> Iterator[tuple[Path, str]]:
        inner = module.replace(".", "/")
        for prefix in self.roots:
            for name in (f"{prefix}{inner}.py", f"{prefix}{inner}/__init__.py"):
                if name in self._files:
                    yield self.root / name, name
        for folder in self.environment.folders:
            for name in (f"{inner}/__init__.py", f"{inner}.py"):
                if (folder / name).is_file():
                    yield folder / name, name

    def _is_folder(self, module: str) -> bool:
        inner = module.replace(".", "/")
        own = any(f"{prefix}{inner}" in self._folders for prefix in self.roots)
        return own or any((folder / inner).is_dir() for folder in self.environment.folders)


def _import_roots(files: set[str]) -> Iterator[str]:
    """Yield prefixes of file names: "" first, then folders that Python would have on its path."""
    yield ""
    managed = {file.removesuffix("manage.py") for file in files if file.endswith("/manage.py")}
    packages = {file.removesuffix("__init__.py") for file in files if file.endswith("/__init__.py")}
    outer = {package.rstrip("/").rpartition("/")[0] + "/" for package in packages}
    bare = {folder for folder in outer if folder != "/" and folder not in packages}
    yield from sorted(managed | bare, key=lambda prefix: (prefix not in managed, prefix.count("/"), prefix))


def _parsed(path: Path) -> ast.Module | None:
    try:
        if path.stat().st_size > LARGEST_FILE:
            return None
        with tokenize.open(path) as file, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(file.read())
    except (OSError, SyntaxError, ValueError, RecursionError):
        return None  # project.py reports the project's own; a library's is not the user's matter
