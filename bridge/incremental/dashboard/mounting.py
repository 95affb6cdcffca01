"""Puts the dashboard below a path of another application."""

from __future__ import annotations

from bridge.incremental.dashboard.access import hide_token
from bridge.protocol.asgi_types import AsgiApp, Receive, Scope, Send
from bridge.protocol.environ import split_path

__all__ = ["MountedBelow"]


class MountedBelow:
    """ASGI middleware: `inner` answers at `path` and below it, `app` everywhere else."""

    def __init__(self, app: AsgiApp, inner: AsgiApp, path: str) -> None:
        self.app = app
        self.inner = inner
        self.path = path.rstrip("/")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one scope."""
        if scope["type"] == "http" and self.path in scope["path"]:
            root, path, _ = split_path(scope)
            if f"{path}/".startswith(f"{self.path}/"):
                below = dict(scope, path=f"{root}{path}", root_path=f"{root}{self.path}")
                below.pop("raw_path", None)  # the path is all that matters below
                hide_token(scope)
                await self.inner(below, receive, send)
                return
        await self.app(scope, receive, send)
