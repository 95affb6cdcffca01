"""wsgi-bridge: from WSGI to ASGI without a rewrite.

The map of the package:

    protocol/    PEP 3333 and ASGI without I/O
    executors/   where synchronous code runs
    adapters/    WsgiToAsgi, AsgiToWsgi, WsgiMiddleware
    observe/     what happened at run time
    cli/         the command `wsgi-bridge`

Public names are loaded when they are first used: `import bridge` costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bridge.adapters.answers import ErrorResponse
    from bridge.adapters.asgi_loop import LoopThread
    from bridge.adapters.asgi_to_wsgi import AsgiToWsgi
    from bridge.adapters.wsgi_middleware import WsgiMiddleware
    from bridge.adapters.wsgi_to_asgi import WsgiToAsgi
    from bridge.errors import BridgeError
    from bridge.executors.base import Executor, ExecutorStatistics
    from bridge.executors.threads import ThreadExecutor

__version__ = "0.1.0"

__all__ = [
    "AsgiToWsgi",
    "BridgeError",
    "ErrorResponse",
    "Executor",
    "ExecutorStatistics",
    "LoopThread",
    "ThreadExecutor",
    "WsgiMiddleware",
    "WsgiToAsgi",
    "__version__",
]

_HOMES = {
    "AsgiToWsgi": "bridge.adapters.asgi_to_wsgi",
    "BridgeError": "bridge.errors",
    "ErrorResponse": "bridge.adapters.answers",
    "Executor": "bridge.executors.base",
    "ExecutorStatistics": "bridge.executors.base",
    "LoopThread": "bridge.adapters.asgi_loop",
    "ThreadExecutor": "bridge.executors.threads",
    "WsgiMiddleware": "bridge.adapters.wsgi_middleware",
    "WsgiToAsgi": "bridge.adapters.wsgi_to_asgi",
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
