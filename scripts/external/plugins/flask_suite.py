"""Flask's suite, with its test client asking through a bridge: WSGI -> ASGI -> bridge -> app."""

from __future__ import annotations

from contextvars import copy_context
from typing import Any

import pytest

from scripts.external.contenders import to_asgi
from scripts.external.crossing import Crossing, Rejoined

__all__ = ["pytest_configure", "pytest_runtest_protocol"]


def pytest_configure(config: Any) -> None:
    """Put the bridge between every werkzeug client and its application."""
    from werkzeug import test

    direct = test.run_wsgi_app
    bridged: dict[Any, Crossing] = {}

    def run_wsgi_app(app: Any, environ: Any, buffered: bool = False) -> Any:
        if app not in bridged:
            bridged[app] = Crossing(to_asgi(Rejoined(app), reraise=True))
        return direct(bridged[app], environ, buffered=buffered)

    test.run_wsgi_app = run_wsgi_app


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> object:
    """Run each test in a context of its own: a context that one test leaks must not fail the next 180."""
    from _pytest import runner

    return copy_context().run(runner.pytest_runtest_protocol, item, nextitem)
