from __future__ import annotations

from pathlib import Path

import pytest

from bridge.analysis.cache import FactsCache
from bridge.analysis.project import read_facts, read_project

CONTENT = b"""
import os
class A:
    x: int = 1
    def f(self, a, *args, k=2, **kw): return [i for i in args if a(i)] or self.f(k=kw['x'])
async def g():
    async with A() as a: yield a
"""


def entries(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.name != ".gitignore")


@pytest.mark.parametrize("content", [CONTENT, b"", b"def f(:\n"], ids=["code", "empty", "broken"])
def test_what_was_saved_is_loaded(tmp_path: Path, content: bytes) -> None:
    cache = FactsCache(tmp_path)
    assert cache.load(content) is None
    facts = read_facts(content)
    cache.save(content, facts)
    assert cache.load(content) == facts


@pytest.mark.parametrize("damage", [b"", b"short", b"\0" * 400], ids=["empty", "short", "zeros"])
def test_a_damaged_entry_is_read_anew(tmp_path: Path, damage: bytes) -> None:
    (tmp_path / "mod.py").write_bytes(CONTENT)
    cache = FactsCache(tmp_path / "cache")
    fresh = read_project(tmp_path, cache=cache)
    (entry,) = entries(tmp_path / "cache")
    entry.write_bytes(damage)
    assert read_project(tmp_path, cache=cache) == fresh
    assert entry.read_bytes() != damage


def test_a_cache_that_cannot_be_written_stays_empty(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    cache = FactsCache(tmp_path / "file")
    cache.save(CONTENT, read_facts(CONTENT))
    assert cache.load(CONTENT) is None


def test_git_passes_a_cache_over(tmp_path: Path) -> None:
    FactsCache(tmp_path / "cache").save(CONTENT, read_facts(CONTENT))
    assert (tmp_path / "cache/.gitignore").read_text() == "*\n"


def test_a_damaged_cache_is_said_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bridge.analysis.cache._said", [])
    cache = FactsCache(tmp_path)
    for content in (CONTENT, b"x = 1"):
        cache.save(content, read_facts(content))
    for entry in entries(tmp_path):
        entry.write_bytes(b"damaged")
    assert cache.load(CONTENT) is None
    assert cache.load(b"x = 1") is None
    (message,) = caplog.messages
    assert "is damaged; it is read anew" in message
