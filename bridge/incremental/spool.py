"""A request body that has been read once and may have to be read again.

Up to `memory` bytes are held, the rest goes to a temporary file, written in a thread: whoever puts a piece
is not held up by the disk.
"""

from __future__ import annotations

import asyncio
import logging
import os
import tempfile
from collections.abc import AsyncIterator
from typing import IO

__all__ = ["BodySpool"]

logger = logging.getLogger("bridge.incremental")

_BLOCK = 64 * 1024  # bytes; what servers hand out at a time


class BodySpool:
    """Collects pieces and gives them out again, as often as wanted.

    More than `limit` bytes (None: no limit), or a disk that fails, make it `broken`: what it holds is let go,
    and it can't be replayed.
    """

    def __init__(self, *, memory: int, limit: int | None = None) -> None:
        self.size = 0
        self.broken = False
        self.ended = False  # the body's last piece is in it
        self._memory = memory
        self._limit = limit
        self._pieces: list[bytes] = []  # those behind what is in the file
        self._held = 0  # bytes of pieces, and of what is being written
        self._file: IO[bytes] | None = None
        self._writing: asyncio.Task[None] | None = None

    def put(self, piece: bytes) -> None:
        """Add a piece."""
        if self.broken or not piece:
            return
        self.size += len(piece)
        if self._limit is not None and self.size > self._limit:
            self.give_up()
            return
        self._pieces.append(piece)
        self._held += len(piece)
        if self._held > self._memory and self._writing is None:
            self._writing = asyncio.get_running_loop().create_task(self._write())

    async def room(self) -> None:
        """Wait until no more than `memory` bytes are held; for whoever can't do without the replay."""
        if self._writing is not None:
            await asyncio.shield(self._writing)

    async def replay(self) -> AsyncIterator[bytes]:
        """Yield the body from its beginning, in pieces."""
        await self.room()
        offset = 0
        while self._file is not None:
            block = await asyncio.to_thread(os.pread, self._file.fileno(), _BLOCK, offset)
            if not block:
                break
            offset += len(block)
            yield block
        for piece in list(self._pieces):
            yield piece

    def give_up(self) -> None:
        """Let go of what is held, and keep nothing more."""
        self.broken = True
        self._pieces.clear()
        self._held = 0
        if self._writing is None:
            self._close_file()

    async def close(self) -> None:
        """Let go of everything."""
        await self.room()
        self.give_up()

    # ------------------------------------------------------------ the file

    async def _write(self) -> None:
        try:
            while self._held > self._memory and not self.broken:
                pieces, self._pieces = self._pieces, []
                block = b"".join(pieces)
                await asyncio.to_thread(self._append, block)
                self._held -= len(block)
        except OSError as error:
            logger.warning("a request body could not be kept for a second reading: %s", error)
            self.give_up()
        finally:
            self._writing = None
            if self.broken:
                self._close_file()

    def _append(self, block: bytes) -> None:
        if self._file is None:
            self._file = tempfile.TemporaryFile(prefix="wsgi-bridge-", buffering=0)  # noqa: SIM115 - closed in close()
        view = memoryview(block)
        while view:
            view = view[self._file.write(view) :]

    def _close_file(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
