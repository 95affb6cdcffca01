"""After every fault the pool must be as it was: nothing runs, nothing waits, the numbers agree."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import pytest

from bridge import WsgiToAsgi
from tests.faults.rig import finished

DRAIN_LIMIT = 10.0  # seconds; a worker that is stuck fails the test well before the test's own limit


@pytest.fixture
async def bridged() -> AsyncIterator[Callable[..., WsgiToAsgi]]:
    """Return what makes a `WsgiToAsgi`; at the end no request of it may be left."""
    made: list[WsgiToAsgi] = []

    def bridged(app: object, **options: object) -> WsgiToAsgi:
        options = options if "executor" in options else {"shutdown_timeout": DRAIN_LIMIT, **options}
        made.append(WsgiToAsgi(app, **options))  # type: ignore[arg-type]  # options vary from test to test
        return made[-1]

    yield bridged
    left = [request for each in made for request in await finished(each.executor)]
    assert left == [], "these requests never ended"
