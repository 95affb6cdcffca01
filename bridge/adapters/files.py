"""`wsgi.file_wrapper`, and how a file it wraps is sent (PEP 3333 "Optional Platform-Specific File Handling").

A real file, whole and unchanged on disk, can be left to the server (`http.response.pathsend`);
all others are read here in large blocks.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

__all__ = ["READ_AHEAD", "READ_SIZE", "FileWrapper", "bytes_left", "path_of_whole_file"]

# Bytes read at once: applications say 8 KiB (Werkzeug) or 4 KiB (Django), meant for sockets of
# another age. Measured: 64 KiB takes a fifth more CPU, 512 KiB no less.
READ_SIZE = 256 * 1024
# Bytes that reading may be ahead of sending: two blocks, so that both go on at the same time.
READ_AHEAD = 2 * READ_SIZE


class FileWrapper:
    """Iterates over a file-like object in blocks; `environ["wsgi.file_wrapper"]`.

    Returned from an application as it is, it is sent faster than the iteration would be.
    """

    def __init__(self, filelike: Any, block_size: int = 8192) -> None:
        self.filelike = filelike
        self.block_size = block_size

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        block: bytes = self.filelike.read(self.block_size)
        if not block:
            raise StopIteration
        return block

    def close(self) -> None:
        """Close the file, if it can be closed (PEP 3333)."""
        close = getattr(self.filelike, "close", None)
        if close is not None:
            close()


def bytes_left(filelike: Any) -> int | None:
    """Return how many bytes are between a real file's position and its end; None if not a file."""
    found = _real_file(filelike)
    if found is None:
        return None
    status, position = found
    return max(status.st_size - position, 0)


def path_of_whole_file(filelike: Any) -> str | None:
    """Return the absolute path of a file that a server may send by itself, None otherwise.

    It must be a regular file, read from its first byte, and its name must still lead to the very
    same file, of the same size and time: a deleted or replaced one is not what was opened.
    """
    found = _real_file(filelike)
    name = getattr(filelike, "name", None)
    if found is None or found[1] != 0 or not isinstance(name, str):
        return None
    path = Path(name).absolute()
    try:
        now = path.stat()
    except OSError:
        return None
    opened = found[0]
    same = os.path.samestat(opened, now) and opened.st_size == now.st_size
    return str(path) if same and opened.st_mtime_ns == now.st_mtime_ns else None


def _real_file(filelike: Any) -> tuple[os.stat_result, int] | None:
    """Return the status and position of a regular file on disk, None for anything else."""
    try:
        status = os.fstat(filelike.fileno())
        position = filelike.tell()
    except (AttributeError, OSError, ValueError):  # BytesIO raises UnsupportedOperation, a ValueError
        return None
    if not stat.S_ISREG(status.st_mode) or _is_transforming(filelike):
        return None
    return status, position


def _is_transforming(filelike: Any) -> bool:
    """Tell whether reading gives other bytes than the descriptor holds (GzipFile, text, ...)."""
    return type(filelike).__module__ not in {"_io", "tempfile", "django.core.files.base"}
