"""Facts of files by the hash of their content, in `.wsgi-bridge-cache/`.

An entry is a digest and a `marshal` of plain tuples. The digest comes first because `marshal` trusts its input:
a truncated or damaged entry is never unmarshalled, it is read anew. An entry of another Python or another
version of the format has another name.
"""

from __future__ import annotations

import hashlib
import logging
import marshal
import os
import sys
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

from bridge.analysis.facts import ModuleFacts, Parameters, Scope

__all__ = ["FOLDER", "FactsCache", "digest_of", "sound_payload", "write_entry"]

FOLDER = ".wsgi-bridge-cache"
FORMAT = 19  # raise it whenever facts.py or lowering/ says something else about the same file
DIGEST_SIZE = 20  # bytes

Entry = ModuleFacts | tuple[int, str]


@dataclass(frozen=True, slots=True)
class FactsCache:
    """A folder of facts. A folder that cannot be written is a cache that stays empty."""

    folder: Path

    def load(self, content: bytes) -> Entry | None:
        """Return what is known of a file with this `content`, None if nothing (sound) is."""
        payload = sound_payload(self._path(content))
        return None if payload is None else _unpacked(payload)

    def save(self, content: bytes, facts: Entry) -> None:
        """Remember `facts`; another process may do the same at the same time."""
        write_entry(self.folder, self._path(content), marshal.dumps(_packed(facts)))

    def _path(self, content: bytes) -> Path:
        name = hashlib.blake2b(content, digest_size=DIGEST_SIZE).hexdigest()
        version = f"facts-{FORMAT}-{sys.implementation.cache_tag}"
        return self.folder / version / name[:2] / name[2:]


def sound_payload(path: Path) -> bytes | None:
    """Return what an entry holds, None if there is none or it is not what was written; that is said once."""
    try:
        stored = path.read_bytes()
    except OSError:
        return None
    digest, payload = stored[:DIGEST_SIZE], stored[DIGEST_SIZE:]
    if digest == digest_of(payload):
        return payload
    _say_damaged(path)
    return None


def write_entry(folder: Path, path: Path, payload: bytes) -> None:
    """Write an entry below the cache's `folder` as a whole; a reader sees the old one or this one."""
    partial = path.with_suffix(f".{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _hide_from_git(folder)
        partial.write_bytes(digest_of(payload) + payload)
        partial.replace(path)
    except OSError:
        return  # read-only or full: the next run is slower, and that is all


def _hide_from_git(folder: Path) -> None:
    """Have git pass the cache over, as pytest and mypy do with theirs: nobody has to name it in a .gitignore."""
    ignore = folder / ".gitignore"
    if not ignore.exists():
        ignore.write_text("*\n", encoding="ascii")


def digest_of(payload: bytes) -> bytes:
    """Return a digest of `DIGEST_SIZE` bytes."""
    return hashlib.blake2b(payload, digest_size=DIGEST_SIZE).digest()


def _say_damaged(path: Path) -> None:
    if _said:
        return
    _said.append(path)
    logging.getLogger("bridge.analysis").warning(
        "%s is damaged; it is read anew, and so is every entry like it. If that comes back, delete the folder %s.",
        path,
        FOLDER,
    )


_said: list[Path] = []  # once a process: a disk that fills up damages thousands


def _packed(facts: Entry) -> tuple[Any, ...]:
    if isinstance(facts, ModuleFacts):
        scopes = [
            (*(getattr(scope, name) for name in SCOPE), astuple(scope.parameters)) for scope in facts.scopes
        ]
        return "facts", scopes, facts.lines
    return "error", *facts


def _unpacked(payload: bytes) -> Entry:
    kind, *rest = marshal.loads(payload)  # noqa: S302 - our own bytes: the digest has been compared
    if kind == "error":
        line, message = rest
        return line, message
    scopes, lines = rest
    made = (
        Scope(**dict(zip(SCOPE, fields, strict=True)), parameters=Parameters(*parameters))
        for *fields, parameters in scopes
    )
    return ModuleFacts(tuple(made), lines)


SCOPE = tuple(name for name in Scope.__dataclass_fields__ if name != "parameters")
