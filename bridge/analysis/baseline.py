"""Findings that are known already: a file beside the code, so that only new ones fail a build.

    {"version": 1, "findings": [{"fingerprint": "...", "rule": "WB201", "file": "...", "symbol": "...", "sink": "..."}]}

The fingerprint is the key: rule, path, qualified name, sink and chain, without line numbers. The other fields are for
people who review the file. An entry that nothing matches any more is *stale*: what it stood for was repaired, and the
file should say so.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bridge.analysis.model import Finding
from bridge.errors import BridgeError

__all__ = ["Baseline", "Compared", "Entry", "InvalidBaseline", "read_baseline"]

VERSION = 1


class InvalidBaseline(BridgeError, ValueError):
    """A file is no baseline. `reason` says what is wrong with it."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path} is no baseline of wsgi-bridge: {reason}")
        self.path = path
        self.reason = reason


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """A finding that is known. All but `fingerprint` is for people."""

    file: str
    symbol: str
    rule: str
    sink: str
    fingerprint: str

    @classmethod
    def of(cls, finding: Finding) -> Entry:
        """Return the entry for a finding."""
        return cls(finding.file, finding.symbol, finding.rule, finding.sink, finding.fingerprint)


@dataclass(frozen=True, slots=True)
class Compared:
    """Findings that a baseline does not know, and its entries that nothing matches."""

    new: tuple[Finding, ...]
    stale: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Baseline:
    """The entries of a file."""

    entries: tuple[Entry, ...] = ()

    @classmethod
    def of(cls, findings: Iterable[Finding]) -> Baseline:
        """Return a baseline that knows all of `findings`."""
        return cls(tuple(sorted(Entry.of(each) for each in findings)))

    def compared(self, findings: Iterable[Finding]) -> Compared:
        """Return what is new in `findings`, and what is stale here."""
        found = list(findings)
        known = {each.fingerprint for each in self.entries}
        seen = {each.fingerprint for each in found}
        new = tuple(each for each in found if each.fingerprint not in known)
        return Compared(new, tuple(each for each in self.entries if each.fingerprint not in seen))

    @property
    def text(self) -> str:
        """Return what the file holds: one finding a line, sorted, so that a change is a small difference."""
        lines = [json.dumps(_fields(each), sort_keys=True) for each in sorted(self.entries)]
        body = ",\n    ".join(lines)
        findings = f"[\n    {body}\n  ]" if lines else "[]"
        return f'{{\n  "version": {VERSION},\n  "findings": {findings}\n}}\n'


def _fields(entry: Entry) -> dict[str, str]:
    return {name: getattr(entry, name) for name in Entry.__slots__}


def read_baseline(path: Path) -> Baseline:
    """Return the baseline in `path`. Raises FileNotFoundError and `InvalidBaseline`."""
    try:
        data = json.loads(path.read_text("utf-8"))
    except UnicodeDecodeError:
        raise InvalidBaseline(path, "it is no UTF-8") from None
    except json.JSONDecodeError as error:
        raise InvalidBaseline(path, f"line {error.lineno} is no JSON: {error.msg}") from None
    except FileNotFoundError:
        raise
    except OSError as error:  # a folder, or closed to us
        raise InvalidBaseline(path, error.strerror or str(error)) from None
    if not isinstance(data, dict) or not isinstance(data.get("findings"), list):
        raise InvalidBaseline(path, 'it has no list of "findings"')
    if data.get("version") != VERSION:
        raise InvalidBaseline(path, f"its version is {data.get('version')!r}, expected {VERSION}")
    return Baseline(
        tuple(_entry(path, number, each) for number, each in enumerate(data["findings"], start=1))
    )


def _entry(path: Path, number: int, told: Any) -> Entry:
    names = Entry.__slots__
    if not isinstance(told, dict) or not all(isinstance(told.get(name), str) for name in names):
        raise InvalidBaseline(path, f"finding {number} lacks one of {', '.join(names)}")
    return Entry(**{name: told[name] for name in names})
