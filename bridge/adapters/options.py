"""The options of the HTTP adapter, checked."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from bridge.adapters.answers import ErrorHook
from bridge.adapters.wsgi_call import WsgiApp
from bridge.errors import InvalidOption, require_number
from bridge.executors.base import Executor

__all__ = ["HttpOptions", "Route", "require_flag"]


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpOptions:
    """How requests are read and responses written; `bridge.WsgiToAsgi` documents each."""

    body_window: int = 64 * 1024  # bytes; uvicorn's own limit
    body_wait: float = 1.0  # seconds; arbitrary: most uploads of one window are here by then
    spool_chunked: bool = True
    spool_memory: int = 1024 * 1024  # bytes; the size at which frameworks, too, go to disk
    spool_limit: int | None = 1024**3  # bytes; waitress's limit on any upload
    client_timeout: float | None = 120.0  # seconds; waitress's channel_timeout, twice nginx's time-outs
    high_water: int = 128 * 1024  # bytes; measured: the fastest, less parks and more maps memory
    max_headers: int = 100  # lines; gunicorn's and Apache's default
    max_header_bytes: int = 256 * 1024  # bytes; waitress's default
    keep_underscore_headers: bool = False
    multiprocess: bool = True  # servers run several processes as a rule and tell nobody
    on_error: ErrorHook | None = field(default=None)

    def __post_init__(self) -> None:
        """Raise `InvalidOption` for a value that makes no sense."""
        for name in ("body_window", "high_water", "max_headers", "max_header_bytes"):
            unit = "headers" if name == "max_headers" else "bytes"
            require_number(name, getattr(self, name), minimum=1, unit=unit, whole=True)
        require_number("spool_memory", self.spool_memory, minimum=0, unit="bytes", whole=True)
        if self.spool_limit is not None:
            require_number("spool_limit", self.spool_limit, minimum=0, unit="bytes, or None", whole=True)
        require_number("body_wait", self.body_wait, minimum=0, unit="seconds")
        if self.client_timeout is not None:
            require_number("client_timeout", self.client_timeout, minimum=0, unit="seconds, or None")
        for name in ("spool_chunked", "keep_underscore_headers", "multiprocess"):
            require_flag(name, getattr(self, name))
        _require_callable("on_error", self.on_error)


@dataclass(frozen=True, slots=True)
class Route:
    """Which application answers, run by which executor, with which options."""

    app: WsgiApp
    executor: Executor
    options: HttpOptions


def require_flag(option: str, got: Any) -> None:
    """Raise `InvalidOption` unless `got` is a bool: "false", from the environment perhaps, would mean yes."""
    if not isinstance(got, bool):
        raise InvalidOption(option, got, "True or False")


def _require_callable(option: str, got: Any) -> None:
    if got is not None and not callable(got):
        raise InvalidOption(option, got, "a callable (exc, scope) -> ErrorResponse, or None")
