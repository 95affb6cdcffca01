"""Starlette's `tests/middleware/test_wsgi.py` with wsgi-bridge in the place of its WSGIMiddleware."""

from __future__ import annotations

from typing import Any

from scripts.external.contenders import bridge_name
from scripts.external.peers import environ_of, raising, replace

__all__ = ["pytest_configure"]


def pytest_configure(config: Any) -> None:
    """Replace what the tests import from `starlette.middleware.wsgi`."""
    if bridge_name() != "wsgi-bridge":
        return
    from starlette.middleware import wsgi

    replace(wsgi, WSGIMiddleware=raising, build_environ=environ_of)
