"""What the bridge logs in this process, kept for the tests."""

from __future__ import annotations

import logging
from dataclasses import dataclass

__all__ = ["LogRecord", "keep_records", "records_about"]


@dataclass(frozen=True, slots=True)
class LogRecord:
    """One record: its logger, its level's name, its message, and the last line of its traceback."""

    name: str
    level: str
    message: str
    error: str


_kept: list[LogRecord] = []


class _Keeper(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        text = "" if error is None else f"{type(error).__name__}: {error}"
        _kept.append(LogRecord(record.name, record.levelname, record.getMessage(), text))


def keep_records() -> None:
    """Begin to keep what the bridge logs, from INFO on; once a process."""
    logger = logging.getLogger("bridge")
    if not any(isinstance(handler, _Keeper) for handler in logger.handlers):
        logger.addHandler(_Keeper(logging.INFO))
        logger.setLevel(logging.INFO)


def records_about(text: str) -> list[LogRecord]:
    """Return the records that have `text` in their message."""
    return [record for record in list(_kept) if text in record.message]
