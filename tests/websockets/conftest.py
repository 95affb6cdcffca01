"""Every test runs in the thread lane and in the greenlet lane."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator

import pytest

from bridge import WsgiToAsgi, cooperative


@pytest.fixture(params=["thread", "greenlet"])
def executor(request: pytest.FixtureRequest) -> Iterator[str]:
    """The lane, its waits cooperative in greenlets."""
    if request.param == "greenlet":
        cooperative.install()
    yield request.param
    cooperative.uninstall()


@pytest.fixture
async def bridged(executor: str) -> AsyncIterator[Callable[..., WsgiToAsgi]]:
    """Return what makes a `WsgiToAsgi` that takes WebSockets; at the end no handler of it may be left."""
    made: list[WsgiToAsgi] = []

    def bridged(app: object, **options: object) -> WsgiToAsgi:
        options = {"executor": executor, "websockets": True, "shutdown_timeout": 10, **options}
        made.append(WsgiToAsgi(app, **options))  # type: ignore[arg-type]  # options vary from test to test
        return made[-1]

    yield bridged
    assert [left for each in made for left in await each.executor.drain()] == []
