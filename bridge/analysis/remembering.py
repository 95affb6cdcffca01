"""Whole reports, remembered by everything that they were made of, so that an unchanged project is told at once.

The key is a digest of the content of every file that an analysis may read, of what the user configured, and of the
analyser itself. A report is stored as a pickle that is read back with nothing but the classes of `model.py`: the
cache's folder comes with a project that is analysed, and nothing in there may run.
"""

from __future__ import annotations

import hashlib
import io
import os
import pickle
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from bridge.analysis import model
from bridge.analysis.cache import DIGEST_SIZE, digest_of, sound_payload, write_entry
from bridge.analysis.model import Report
from bridge.analysis.project import walk

__all__ = ["ReportCache", "fingerprint", "remembered"]

LARGEST_FILE = (
    16 * 1024 * 1024
)  # bytes; data, not code or a template: its size and time stand for its content

# What may change a report: code, templates, requirements, configuration.
SUFFIXES = frozenset(
    {
        ".py",
        ".html",
        ".htm",
        ".jinja",
        ".jinja2",
        ".j2",
        ".djhtml",
        ".xml",
        ".txt",
        ".toml",
        ".cfg",
        ".ini",
        ".lock",
    }
    | {".in", ".mako", ".tpl", ".yml", ".yaml", ".json", ".md"}
)
NAMES = frozenset({"Pipfile", "Procfile"})


def fingerprint(root: Path, *said: object) -> str:
    """Return a digest of all that a report on `root` is made of; `said` is what the user configured.

    Raises FileNotFoundError.
    """
    if not root.exists():
        raise FileNotFoundError(root)
    digest = hashlib.blake2b(digest_size=DIGEST_SIZE)
    for part in (_analyser(), os.fspath(root), *map(repr, said)):
        digest.update(part.encode("utf-8", "surrogateescape") + b"\0")
    for path in _inputs(root):
        digest.update(os.fsencode(path) + b"\0" + _content(path))
    return digest.hexdigest()


def _inputs(root: Path) -> Iterator[Path]:
    if not root.is_dir():
        yield root
        return
    for folder, files in walk(root):
        for name in files:
            if name in NAMES or os.path.splitext(name)[1] in SUFFIXES:  # noqa: PTH122 - for every file of a tree
                yield Path(folder, name)
    yield from (each for each in _above(root) if each.is_file())


def _above(root: Path) -> Iterator[Path]:
    """Yield where configuration may stand above the analysed folder."""
    return (folder / "pyproject.toml" for folder in root.resolve().parents)


def _content(path: Path) -> bytes:
    try:
        status = path.stat()
        if status.st_size > LARGEST_FILE:
            return f"{status.st_size} {status.st_mtime_ns}".encode()
        return digest_of(path.read_bytes())
    except OSError as error:
        return str(error.errno).encode()


@lru_cache(maxsize=1)
def _analyser() -> str:
    """Return what tells this analyser from one of another version: its files' names, sizes and times."""
    folder = Path(__file__).parent
    files = sorted(path for path in folder.rglob("*") if path.suffix in {".py", ".toml"})
    return repr([(path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in files])


@dataclass(frozen=True, slots=True)
class ReportCache:
    """The last report, in a cache folder. A folder that cannot be written is a cache that stays empty."""

    folder: Path

    def load(self, key: str) -> Report | None:
        """Return the report that was saved under `key`, None if it is not the last one or is damaged."""
        payload = sound_payload(self._path)
        if payload is None or not payload.startswith(key.encode()):
            return None
        try:
            found = _Reader(io.BytesIO(payload[len(key) :])).load()
        except (
            pickle.UnpicklingError,
            EOFError,
            AttributeError,
            TypeError,
            ValueError,
            IndexError,
            KeyError,
        ):
            return None
        return found if isinstance(found, Report) else None

    def save(self, key: str, report: Report) -> None:
        """Remember `report` in place of the one before."""
        write_entry(self.folder, self._path, key.encode() + pickle.dumps(report, protocol=5))

    @property
    def _path(self) -> Path:
        return self.folder / "report"


def remembered(cache: ReportCache, key: str, make: Callable[[], Report]) -> Report:
    """Return the report that is known under `key`, else what `make` gives, which is known from then on.

    One that something crashed in is not remembered: the next run may do better.
    """
    known = cache.load(key)
    if known is None:
        known = make()
        if not known.crashed:
            cache.save(key, known)
    return known


class _Reader(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> object:
        if module == model.__name__ and name in model.__all__:
            return getattr(model, name)
        raise pickle.UnpicklingError(f"a report holds no {module}.{name}")
