"""asgiref's `tests/test_wsgi.py` with wsgi-bridge in the place of its WsgiToAsgi."""

from __future__ import annotations

from typing import Any

from scripts.external.contenders import bridge_name
from scripts.external.peers import Reframed, environ_of, replace

__all__ = ["Instance", "adapter", "pytest_configure"]


def adapter(app: Any, duplicate_header_limit: int | None = 100) -> Reframed:
    """wsgi-bridge behind asgiref's constructor: its limit on repeated headers becomes one on all headers."""
    return Reframed(app, last={"type": "http.response.body"}, max_headers=duplicate_header_limit or 10_000)


class Instance:
    """Stands in for `asgiref.wsgi.WsgiToAsgiInstance`, of which one method is tested."""

    def __init__(self, app: None) -> None:
        self.scope: dict[str, Any] = {}

    def build_environ(self, scope: dict[str, Any], body: None) -> dict[str, Any]:
        """The environ of a request without a body."""
        return environ_of(scope)


def pytest_configure(config: Any) -> None:
    """Replace what the tests import from `asgiref.wsgi`."""
    if bridge_name() != "wsgi-bridge":
        return
    from asgiref import wsgi

    replace(wsgi, WsgiToAsgi=adapter, WsgiToAsgiInstance=Instance)
