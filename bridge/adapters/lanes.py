"""HTTP scopes where several lanes serve: one adapter a lane, chosen by method and path."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping

from bridge.adapters.http import HttpAdapter
from bridge.adapters.options import HttpOptions
from bridge.adapters.wsgi_call import WsgiApp
from bridge.executors.base import Executor
from bridge.executors.lanes import LaneTable
from bridge.protocol.asgi_types import Receive, Scope, Send

__all__ = ["LaneAdapter"]


class LaneAdapter:
    """Answers HTTP scopes with a WSGI application, each run by the executor of its route."""

    def __init__(
        self, app: WsgiApp, table: LaneTable, executors: Mapping[str, Executor], options: HttpOptions
    ) -> None:
        self._table = table
        self._adapters = {lane: HttpAdapter(app, executor, options) for lane, executor in executors.items()}

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Return what to await for the answer to one request."""
        return self._adapters[self.lane(scope)](scope, receive, send)

    def lane(self, scope: Scope) -> str:
        """Return the lane of a request; a WebSocket's handshake is a GET (RFC 6455 section 4.1)."""
        path, root = scope["path"], scope.get("root_path", "")
        if root and path.startswith(f"{root}/"):  # whether or not the server left it in (ASGI, HTTP scope)
            path = path[len(root) :]
        return self._table.lane(scope.get("method", "GET"), path)
