"""The bytes that both forms of every application answer with, and the parameters they share."""

from __future__ import annotations

import os
import time
from pathlib import Path

__all__ = [
    "BEAT_PAUSE",
    "BLOCK",
    "BODY_READ",
    "DATABASE_SECONDS",
    "FILES_VARIABLE",
    "HELLO",
    "POOL",
    "SERVICE_SECONDS",
    "SERVICE_VARIABLE",
    "WAIT",
    "beat",
    "block_count",
    "database_port",
    "file_path",
    "tally",
]

HELLO = b"Hello, World!"
BLOCK = b"x" * 1023 + b"\n"  # 1 KiB
BODY_READ = 65_536  # bytes asked of wsgi.input, and of a file, at a time
WAIT = 0.5  # seconds that the waiting endpoint sleeps
BEAT_PAUSE = 0.02  # seconds between two stamped blocks: long enough for each to stand alone
FILES_VARIABLE = "BENCHMARK_FILES"  # environment variable: the folder of small.bin and whole.bin

SERVICE_VARIABLE = "BENCHMARK_SERVICE"  # environment variable: the port of the slow service
SERVICE_SECONDS = 1.0  # that it takes
DATABASE_SECONDS = 0.2  # that a query sleeps
POOL = 50  # connections to the database


def block_count(query: str) -> int:
    """Blocks asked for: the whole query string is the number."""
    return int(query)


def file_path(query: str) -> Path:
    """The file asked for: the whole query string is `small` or `whole`."""
    return Path(os.environ[FILES_VARIABLE]) / f"{query}.bin"


def beat() -> bytes:
    """A block stamped with the machine-wide monotonic clock, in nanoseconds: its reader knows how old it is."""
    return b"%020d\n" % time.monotonic_ns()


def tally(total: int, crc: int | None) -> bytes:
    """What an upload is answered with: the bytes seen and, when asked for, their CRC-32."""
    return b"%d" % total if crc is None else b"%d %d" % (total, crc)


def database_port() -> int:
    """Where PostgreSQL is looked for; the tests' variable."""
    return int(os.environ.get("WSGI_BRIDGE_TEST_POSTGRESQL_PORT", "5432"))
