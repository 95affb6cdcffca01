"""uvicorn's `tests/middleware/test_wsgi.py` with wsgi-bridge in the place of both bridges it tests."""

from __future__ import annotations

from typing import Any

from scripts.external.contenders import bridge_name
from scripts.external.peers import environ_of, raising, replace

__all__ = ["build_environ", "pytest_configure"]


def pytest_configure(config: Any) -> None:
    """Replace uvicorn's own bridge and a2wsgi's, which the suite runs side by side."""
    if bridge_name() != "wsgi-bridge":
        return
    import a2wsgi
    from uvicorn.middleware import wsgi

    replace(a2wsgi, WSGIMiddleware=raising)
    replace(wsgi, _WSGIMiddleware=raising, build_environ=build_environ)


def build_environ(scope: Any, message: object, body: Any) -> dict[str, Any]:
    """The environ of a request whose body is in the file `body`."""
    return environ_of(scope, body.read())
