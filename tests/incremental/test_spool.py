"""A body that is read twice, wherever it is kept."""

from __future__ import annotations

import tempfile
from typing import Any

import pytest
from hypothesis import given, strategies as st

from bridge.incremental.spool import BodySpool


async def content(spool: BodySpool) -> bytes:
    return b"".join([piece async for piece in spool.replay()])


@given(st.lists(st.binary(max_size=50), max_size=20), st.integers(0, 200), st.booleans())
async def test_what_was_put_comes_out_as_often_as_asked(
    pieces: list[bytes], memory: int, waits: bool
) -> None:
    spool = BodySpool(memory=memory)
    for piece in pieces:
        spool.put(piece)
        if waits:
            await spool.room()
            assert spool._held <= memory
    assert await content(spool) == await content(spool) == b"".join(pieces)
    assert spool.size == sum(map(len, pieces))
    await spool.close()


async def test_it_holds_little_in_memory_and_leaves_no_file(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Any] = []
    real = tempfile.TemporaryFile

    def spy(**options: Any) -> Any:
        made.append(real(**options))
        return made[-1]

    monkeypatch.setattr(tempfile, "TemporaryFile", spy)
    spool = BodySpool(memory=1000)
    for _ in range(100):
        spool.put(b"x" * 500)
        await spool.room()
        assert spool._held <= 1000
    assert len(await content(spool)) == 50_000
    await spool.close()
    assert [file.closed for file in made] == [True]


async def test_above_the_limit_it_lets_go_of_everything() -> None:
    spool = BodySpool(memory=10, limit=100)
    for _ in range(11):
        spool.put(b"0123456789")
    assert spool.broken
    await spool.close()
    assert spool._file is None
    assert await content(spool) == b""


async def test_a_disk_that_fails_breaks_it_and_raises_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(**options: Any) -> Any:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tempfile, "TemporaryFile", full)
    spool = BodySpool(memory=10)
    spool.put(b"x" * 20)
    await spool.room()
    assert spool.broken
    spool.put(b"more")
    assert await content(spool) == b""
    await spool.close()
