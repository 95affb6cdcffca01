"""After every fault the pool must be as it was: nothing runs, nothing waits, the numbers agree."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator

import pytest

from bridge import WsgiToAsgi, cooperative
from tests.faults.rig import finished

DRAIN_LIMIT = 10.0  # seconds; a worker that is stuck fails the test well before the test's own limit


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a module's tests in each of its `LANES`, but for those whose requests need `THREADS`."""
    if "bridged" in metafunc.fixturenames:
        lanes = getattr(metafunc.module, "LANES", ["thread"])
        if metafunc.function.__name__ in getattr(metafunc.module, "THREADS", ()):
            lanes = ["thread"]
        metafunc.parametrize("executor", lanes, indirect=True)


@pytest.fixture
def executor(request: pytest.FixtureRequest) -> Iterator[str]:
    """The lane of a test's requests, its waits cooperative in greenlets; threads where none was asked for."""
    lane = getattr(request, "param", "thread")
    if lane == "greenlet":
        cooperative.install()
    yield lane
    cooperative.uninstall()


@pytest.fixture
async def bridged(executor: str) -> AsyncIterator[Callable[..., WsgiToAsgi]]:
    """Return what makes a `WsgiToAsgi`; at the end no request of it may be left."""
    made: list[WsgiToAsgi] = []

    def bridged(app: object, **options: object) -> WsgiToAsgi:
        if "executor" not in options:
            options = {"shutdown_timeout": DRAIN_LIMIT, "executor": executor, **options}
        if options["executor"] == "greenlet" and "max_threads" in options:
            options["max_greenlets"] = options.pop("max_threads")
        made.append(WsgiToAsgi(app, **options))  # type: ignore[arg-type]  # options vary from test to test
        return made[-1]

    yield bridged
    left = [request for each in made for request in await finished(each.executor)]
    assert left == [], "these requests never ended"
