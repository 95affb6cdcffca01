"""wsgi-bridge: from WSGI to ASGI without a rewrite.

The map of the package:

    protocol/    PEP 3333 and ASGI without I/O
    cooperative/ waiting for the event loop in synchronous code
    executors/   where synchronous code runs
    adapters/    WsgiToAsgi, AsgiToWsgi, WsgiMiddleware
    incremental/ Migration: legacy and modern side by side, route by route
    observe/     what happened at run time
    analysis/    the static analyser: reads an application's source, never imports it
    reports/     what it found, for people and for machines
    cli/         the command `wsgi-bridge`

Public names are loaded when they are first used: `import bridge` costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from bridge.version import __version__

if TYPE_CHECKING:
    from bridge.adapters.answers import ErrorResponse
    from bridge.adapters.asgi_loop import LoopThread
    from bridge.adapters.asgi_to_wsgi import AsgiToWsgi
    from bridge.adapters.wsgi_middleware import WsgiMiddleware
    from bridge.adapters.wsgi_to_asgi import WsgiToAsgi
    from bridge.cooperative.switch import await_
    from bridge.errors import BridgeError
    from bridge.executors.base import Executor, ExecutorStatistics
    from bridge.executors.greenlets import GreenletExecutor
    from bridge.executors.threads import ThreadExecutor
    from bridge.incremental.legacy_context import run_legacy
    from bridge.incremental.migration import Migration

__all__ = [
    "AsgiToWsgi",
    "BridgeError",
    "ErrorResponse",
    "Executor",
    "ExecutorStatistics",
    "GreenletExecutor",
    "LoopThread",
    "Migration",
    "ThreadExecutor",
    "WsgiMiddleware",
    "WsgiToAsgi",
    "__version__",
    "await_",
    "run_legacy",
]

_HOMES = {
    "AsgiToWsgi": "bridge.adapters.asgi_to_wsgi",
    "BridgeError": "bridge.errors",
    "ErrorResponse": "bridge.adapters.answers",
    "Executor": "bridge.executors.base",
    "ExecutorStatistics": "bridge.executors.base",
    "GreenletExecutor": "bridge.executors.greenlets",
    "LoopThread": "bridge.adapters.asgi_loop",
    "Migration": "bridge.incremental.migration",
    "ThreadExecutor": "bridge.executors.threads",
    "WsgiMiddleware": "bridge.adapters.wsgi_middleware",
    "WsgiToAsgi": "bridge.adapters.wsgi_to_asgi",
    "await_": "bridge.cooperative.switch",
    "run_legacy": "bridge.incremental.legacy_context",
}


def __getattr__(name: str) -> object:
    """Load a public name from its home (PEP 562)."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(set(globals()) | set(__all__))
