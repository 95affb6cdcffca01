"""The bridges that a suite can be run against, all behind one call."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

__all__ = ["BRIDGE_VARIABLE", "CONTENDERS", "bridge_name", "to_asgi"]

BRIDGE_VARIABLE = "EXTERNAL_BRIDGE"  # names the contender to the processes that a suite starts


_named = os.environ.get(
    BRIDGE_VARIABLE, "wsgi-bridge"
)  # read once: suites empty the environment in their tests


def bridge_name() -> str:
    """The contender of this run, wsgi-bridge where the environment names none."""
    return _named


def to_asgi(app: Any, *, reraise: bool = False, error_status: int = 500, **limits: Any) -> Any:
    """`app` behind this run's contender.

    `reraise`: an exception of the application reaches the ASGI caller instead of becoming an answer
    with `error_status`. a2wsgi and asgiref always do that; wsgi-bridge does it when its `on_error`
    hook raises. `limits`: options of wsgi-bridge by name (`max_threads`, `max_headers`); None for the
    default.
    """
    given = {name: value for name, value in limits.items() if value is not None}
    return CONTENDERS[bridge_name()](app, reraise=reraise, error_status=error_status, **given)


def _wsgi_bridge(app: Any, *, reraise: bool, error_status: int, **limits: Any) -> Any:
    from bridge import ErrorResponse, WsgiToAsgi

    def on_error(error: BaseException, scope: object) -> ErrorResponse:
        if reraise:
            raise error
        return ErrorResponse(error_status)

    return WsgiToAsgi(app, on_error=on_error, **limits)


def _a2wsgi(app: Any, *, max_threads: int = 10, **unknown: Any) -> Any:
    from a2wsgi import WSGIMiddleware

    return WSGIMiddleware(app, workers=max_threads)


def _asgiref(app: Any, **unknown: Any) -> Any:
    from asgiref import wsgi

    wrapper: Any = wsgi.WsgiToAsgi  # untyped
    return wrapper(app)


CONTENDERS: dict[str, Callable[..., Any]] = {
    "wsgi-bridge": _wsgi_bridge,
    "a2wsgi": _a2wsgi,
    "asgiref": _asgiref,
}
