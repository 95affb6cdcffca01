"""`wsgi.input`: pulls blocks of any size, gives out what the application asks for.

Sans-IO: the one thing it needs is `pull()`, which returns the next block, or b"" when the body has
ended, and may block or raise. It never pulls more than it needs for the call in hand, so memory
is bounded by one block (and by what the application itself asks for at once).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import BinaryIO

__all__ = ["RequestBody"]

HELD_BLOCK = 64 * 1024  # bytes read at a time from a body that is held in a file; arbitrary


class RequestBody:
    """A file-like object over one request body (PEP 3333 "Input and Error Streams").

    `read`, `readline`, `readlines` and iteration behave as those of `io.BytesIO` would over the
    whole body: a call returns fewer bytes than asked for at the end of the body only.
    """

    __slots__ = ("_block", "_ended", "_position", "_pull", "closed")

    def __init__(self, pull: Callable[[], bytes]) -> None:
        self._pull = pull
        self._block = b""
        self._position = 0
        self._ended = False
        self.closed = False

    def read(self, size: int | None = -1, /) -> bytes:
        """Return `size` bytes, fewer at the end of the body only; all that is left for None or < 0."""
        if size is None or size < 0:
            return b"".join(self._rest())
        available = len(self._block) - self._position
        if size <= available:
            return self._advance(size)
        parts = [self._advance(available)]
        missing = size - available
        while missing and self._fill():
            part = self._advance(missing)
            parts.append(part)
            missing -= len(part)
        return b"".join(parts)

    def read1(self, size: int | None = -1, /) -> bytes:
        """Return what one pull gives, at most `size` bytes; b"" at the end of the body."""
        if self._position == len(self._block) and not self._fill():
            return b""
        everything = size is None or size < 0
        return self._advance(len(self._block) if everything else size or 0)

    def readinto(self, buffer: bytearray | memoryview, /) -> int:
        """Fill `buffer` with what one pull gives; return the number of bytes, 0 at the end."""
        data = self.read1(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def readline(self, size: int | None = -1, /) -> bytes:
        """Return one line with its newline, at most `size` bytes of it; b"" at the end of the body."""
        limit = -1 if size is None or size < 0 else size
        parts: list[bytes] = []
        while limit != 0:
            if self._position == len(self._block) and not self._fill():
                break
            part = self._advance(self._line_length(limit))
            parts.append(part)
            limit = limit - len(part) if limit > 0 else limit
            if part.endswith(b"\n"):
                break
        return b"".join(parts)

    def readlines(self, hint: int | None = None, /) -> list[bytes]:
        """Return the lines that are left; stop after those that reach `hint` bytes (None, <= 0: all)."""
        lines: list[bytes] = []
        total = 0
        for line in self:
            lines.append(line)
            total += len(line)
            if hint is not None and 0 < hint <= total:
                break
        return lines

    def __iter__(self) -> Iterator[bytes]:
        """Iterate over lines, as files do."""
        return self

    def __next__(self) -> bytes:
        line = self.readline()
        if not line:
            raise StopIteration
        return line

    def hold(self, store: BinaryIO) -> None:
        """Pull the rest of the body into `store` now, so that no later read has to wait.

        `store` is an empty file, and stays open as long as the body is read. An OSError of `pull` is
        kept, and raised by the read that comes to it.
        """
        failure = None
        try:
            while not self._ended and (block := self._pull()):
                store.write(block)
        except OSError as error:
            failure = error
        store.seek(0)

        def pull_held() -> bytes:
            block = store.read(HELD_BLOCK)
            if not block and failure is not None:
                raise failure
            return block

        self._pull = pull_held

    def readable(self) -> bool:
        """Return True: `io.BufferedReader` and `io.TextIOWrapper` ask."""
        return True

    def writable(self) -> bool:
        """Return False."""
        return False

    def seekable(self) -> bool:
        """Return False: what was read is gone."""
        return False

    def close(self) -> None:
        """Do nothing: PEP 3333 forbids applications to close the stream, yet wrappers do."""

    def flush(self) -> None:
        """Do nothing: `io.BufferedReader` calls it on its raw stream."""

    def _fill(self) -> bool:
        """Replace the used-up block by the next one; False at the end of the body."""
        if self._ended:
            return False
        self._block = self._pull()
        self._position = 0
        self._ended = not self._block
        return not self._ended

    def _advance(self, size: int) -> bytes:
        start = self._position
        if start == 0 and size >= len(self._block):  # the whole block: no copy
            self._position = len(self._block)
            return self._block
        self._position = min(start + size, len(self._block))
        return self._block[start : self._position]

    def _line_length(self, limit: int) -> int:
        """Return how many bytes from here belong to this line, within the block and `limit`."""
        end = len(self._block) if limit < 0 else min(len(self._block), self._position + limit)
        newline = self._block.find(b"\n", self._position, end)
        return (end if newline < 0 else newline + 1) - self._position

    def _rest(self) -> Iterator[bytes]:
        yield self._advance(len(self._block))
        while self._fill():
            yield self._advance(len(self._block))
