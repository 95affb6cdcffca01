"""hypercorn's `tests/test_app_wrappers.py` with wsgi-bridge in the place of its WSGIWrapper."""

from __future__ import annotations

from typing import Any

from scripts.external.contenders import bridge_name
from scripts.external.peers import Reframed, environ_of, replace

__all__ = ["Wrapper", "pytest_configure"]


class Wrapper:
    """wsgi-bridge behind hypercorn's constructor and call; it brings its own threads."""

    def __init__(self, app: Any, max_body_size: int) -> None:
        self.bridge = Reframed(
            app, last={"type": "http.response.body", "body": b"", "more_body": False}, reraise=True
        )

    async def __call__(self, scope: Any, receive: Any, send: Any, sync_spawn: Any, call_soon: Any) -> None:
        """Answer one request."""
        await self.bridge(scope, receive, send)


def pytest_configure(config: Any) -> None:
    """Replace what the tests import from `hypercorn.app_wrappers`."""
    if bridge_name() != "wsgi-bridge":
        return
    from hypercorn import app_wrappers

    replace(app_wrappers, WSGIWrapper=Wrapper, _build_environ=environ_of)
