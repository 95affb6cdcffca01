"""The files of a project: found, decoded, parsed, and turned into facts; what goes wrong is a diagnostic."""

from __future__ import annotations

import ast
import os
import re
import sys
import tokenize
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path, PurePosixPath

from bridge.analysis.cache import FactsCache
from bridge.analysis.collecting import no_collection
from bridge.analysis.facts import ModuleFacts
from bridge.analysis.import_roots import module_names
from bridge.analysis.lowering import lower_module
from bridge.analysis.solving.program import Module

__all__ = ["Diagnostic", "Project", "find_files", "read_facts", "read_project", "walk"]

LARGEST_FILE = 2 * 1024 * 1024  # bytes; nobody writes that by hand, and its calls say nothing about routes

SKIPPED = frozenset(
    {"__pycache__", "node_modules", "site-packages", "venv", "env", "build", "dist", "__pypackages__"}
)


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """Why a file was not read. `line` is 0 where no line is to blame."""

    file: str
    line: int
    message: str


@dataclass(frozen=True, slots=True)
class Project:
    """A project's modules and the files that could not be read. Paths are relative to `root`, with slashes."""

    root: Path
    modules: tuple[Module, ...]
    diagnostics: tuple[Diagnostic, ...]

    @property
    def package(self) -> str:
        """Return what the root is called in absolute imports, "" if it is no package: none is called mayan-edms."""
        name = self.root.resolve().name
        return name if name.isidentifier() and any(each.name == "" for each in self.modules) else ""

    @property
    def lines(self) -> int:
        """Return the lines of all files that were read."""
        return sum(module.facts.lines for module in self.modules if module.facts)


def read_project(root: Path, *, cache: FactsCache | None = None, workers: int = 1) -> Project:
    """Return the project in the folder `root`, or the one file that `root` is.

    `workers` processes read what `cache` does not know. Raises FileNotFoundError.
    """
    if not root.exists():
        raise FileNotFoundError(root)
    folder = root if root.is_dir() else root.parent
    refused: list[OSError] = []
    files = list(find_files(root, refused.append)) if root.is_dir() else [root]
    with no_collection():
        all_found = list(_read_all(files, cache, workers))
    read: dict[str, ModuleFacts] = {}
    diagnostics = [_closed(folder, error) for error in refused]
    for path, found in zip(files, all_found, strict=True):
        relative = path.relative_to(folder).as_posix()
        if isinstance(found, ModuleFacts):
            read[relative] = found
        else:
            line, message = found
            diagnostics.append(Diagnostic(relative, line, message))
    return Project(folder, tuple(_modules(read)), tuple(diagnostics))


def _closed(root: Path, error: OSError) -> Diagnostic:
    """Return what is told of a folder that cannot be listed."""
    folder = Path(error.filename or root).relative_to(root).as_posix()
    return Diagnostic(
        folder, 0, f"cannot be read: {error.strerror or error}; nothing in this folder is known"
    )


def _modules(read: Mapping[str, ModuleFacts]) -> Iterator[Module]:
    names = module_names(read)
    for file, facts in read.items():
        yield Module(names[file], file, PurePosixPath(file).name == "__init__.py", facts)


def find_files(root: Path, refused: Callable[[OSError], None] | None = None) -> Iterator[Path]:
    """Yield the Python files under `root`, sorted, each folder once however many links lead to it.

    `refused` is told of each folder that cannot be listed.
    """
    for folder, files in walk(root, refused):
        yield from (Path(folder, name) for name in files if name.endswith(".py"))


def walk(root: Path, refused: Callable[[OSError], None] | None = None) -> Iterator[tuple[str, list[str]]]:
    """Yield (folder, its files' names) of a project, sorted, each folder once however many links lead to it.

    `refused` is told of each folder that cannot be listed.
    """
    seen: set[tuple[int, int]] = set()
    for folder, names, files in os.walk(root, onerror=refused, followlinks=True):
        status = os.stat(folder)  # noqa: PTH116 - os.walk gives strings
        identity = (status.st_dev, status.st_ino)
        if identity in seen:
            names.clear()
            continue
        seen.add(identity)
        names[:] = sorted(name for name in names if not _is_skipped(Path(folder), name))
        yield folder, sorted(files)


def _is_skipped(folder: Path, name: str) -> bool:
    is_template = (
        "{{" in name
    )  # of cookiecutter and its like: what is in it is Python only once it is filled in
    if name in SKIPPED or is_template or name.startswith("."):
        return True
    return os.path.exists(folder / name / "pyvenv.cfg")  # noqa: PTH110 - Path.exists raises in a closed folder


Found = ModuleFacts | tuple[int, str]


def _read_all(files: list[Path], cache: FactsCache | None, workers: int) -> Iterable[Found]:
    if workers > 1 and len(files) >= 4 * workers:
        from concurrent.futures import ProcessPoolExecutor

        with ProcessPoolExecutor(workers) as pool:
            chunk = max(1, min(32, len(files) // (4 * workers)))
            return list(pool.map(_Reader(cache), files, chunksize=chunk))
    return map(_Reader(cache), files)


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads one file; crosses a process border."""

    cache: FactsCache | None

    def __call__(self, path: Path) -> Found:
        with no_collection():
            return self._read(path)

    def _read(self, path: Path) -> Found:
        try:
            size = path.stat().st_size
            if size > LARGEST_FILE:
                return 0, f"not read: {size} bytes, more than the {LARGEST_FILE} of a file written by hand"
            content = path.read_bytes()
        except OSError as error:
            return 0, f"cannot be read: {error.strerror or error}"
        if self.cache is None:
            return read_facts(content)
        known = self.cache.load(content)
        if known is None:
            known = read_facts(content)
            self.cache.save(content, known)
        return known


def read_facts(content: bytes) -> Found:
    """Return the facts of a file, or (line, why it cannot be parsed)."""
    try:
        encoding, _ = tokenize.detect_encoding(BytesIO(content).readline)
        text = content.decode(encoding)
    except (SyntaxError, UnicodeDecodeError, LookupError) as error:
        return 1, f"cannot be decoded: {error}"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the file's own matter: invalid escapes, "is" with a literal
            tree = ast.parse(text)
        return lower_module(tree, lines=text.count("\n") + (not text.endswith("\n")))
    except SyntaxError as error:
        return error.lineno or 0, f"cannot be parsed: {error.msg}{_other_python(text, error)}"
    except (RecursionError, MemoryError):
        return 0, "cannot be parsed: nested too deeply"
    except ValueError as error:  # a null byte, before 3.12
        return 0, f"cannot be parsed: {error}"
    except Exception as error:  # our mistake: it must not cost the other files their report
        return 0, f"cannot be analysed, a mistake of wsgi-bridge: {type(error).__name__}: {error}"


# What the grammar got later: its first version, how a line looks that has it, how the parser complains.
NEWER = (
    # `except KeyError, ValueError:`; where the second is no class's name, it is Python 2's `except KeyError, error:`.
    (
        (3, 14),
        re.compile(r"\s*except\*?\s+(\w+\.)*_*[A-Z]\w*(\s*,\s*(\w+\.)*_*[A-Z]\w*)+\s*:"),
        re.compile(r"(?!)"),
    ),
    (
        (3, 12),
        re.compile(r"\s*((async\s+)?def|class)\s+\w+\s*\[|\s*type\s+\w+\s*[\[=]"),
        re.compile(r"f-string"),
    ),
    ((3, 11), re.compile(r"\s*except\s*\*"), re.compile(r"(?!)")),
)


def _other_python(text: str, error: SyntaxError) -> str:
    """Return for which other Python the line of an error seems to be written, "" if for none."""
    lines = text.splitlines() or [""]
    line = lines[min(error.lineno or 1, len(lines)) - 1]
    running = sys.version_info[:2]
    for version, looks, complains in NEWER:
        if running < version and (looks.match(line) or complains.match(error.msg)):
            newer, ours = (f"{major}.{minor}" for major, minor in (version, running))
            return (
                f" (it looks like Python {newer}: run wsgi-bridge with that or a later one, this is {ours})"
            )
    words = line.split()
    old = bool(words) and words[0] in {"print", "exec", "raise", "except"}
    return " (it looks like Python 2)" if old else ""
