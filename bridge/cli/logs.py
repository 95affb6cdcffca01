"""One logging configuration for every server, so `serve` looks alike on all of them.

Ours and the servers' loggers get a handler on standard error, requests one on standard output; the root
logger and the application's own logging are left alone.
"""

from __future__ import annotations

import logging
import logging.config
import os
import sys
from types import MappingProxyType
from typing import Any

from bridge.cli.settings import Logs

__all__ = ["ColourFormatter", "configure_logging", "logging_config"]

LEVELS = ("debug", "info", "warning", "error", "critical")
SERVER_LOGGERS = ("bridge", "uvicorn", "hypercorn.error", "_granian", "daphne")
# asyncio's own words (a slow callback, a task that was lost) concern whoever runs a server.
LOGGERS = (*SERVER_LOGGERS, "asyncio")
ACCESS_LOGGERS = ("uvicorn.access", "hypercorn.access", "granian.access", "bridge.access")
LINE = "%(asctime)s [%(process)d] %(levelname)-8s %(message)s"
ACCESS_LINE = "%(asctime)s [%(process)d] %(message)s"
DATE = "%Y-%m-%d %H:%M:%S"
COLOURS = MappingProxyType(
    {
        logging.DEBUG: "\x1b[2m",
        logging.INFO: "",
        logging.WARNING: "\x1b[33m",
        logging.ERROR: "\x1b[31m",
        logging.CRITICAL: "\x1b[1;31m",
    }
)


class ColourFormatter(logging.Formatter):
    """Colours a record by its level when standard error is a terminal and NO_COLOR is not set."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line for `record`."""
        line = super().format(record)
        colour = COLOURS.get(record.levelno, "") if _wants_colour() else ""
        return f"{colour}{line}\x1b[0m" if colour else line


def _wants_colour() -> bool:
    # https://no-color.org: set and not empty.
    return not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb" and sys.stderr.isatty()


def logging_config(logs: Logs) -> dict[str, Any]:
    """Return the configuration for `logging.config.dictConfig`."""
    level = logs.level.upper()
    plain = {"handlers": ["error"], "level": level, "propagate": False}
    access = {"handlers": ["access"] if logs.access else [], "level": "INFO", "propagate": False}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {"()": ColourFormatter, "fmt": LINE, "datefmt": DATE},
            "access": {"()": logging.Formatter, "fmt": ACCESS_LINE, "datefmt": DATE},
        },
        "handlers": {
            "error": {"class": "logging.StreamHandler", "formatter": "line", "stream": "ext://sys.stderr"},
            "access": {"class": "logging.StreamHandler", "formatter": "access", "stream": "ext://sys.stdout"},
        },
        "loggers": dict.fromkeys(LOGGERS, plain) | dict.fromkeys(ACCESS_LOGGERS, access),
    }


def configure_logging(logs: Logs) -> None:
    """Apply `logging_config` to this process."""
    logging.config.dictConfig(logging_config(logs))
