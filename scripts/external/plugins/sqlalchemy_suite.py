"""SQLAlchemy's concurrency and asyncio suites: its `greenlet_spawn` starts a bridge greenlet.

All else is its own: `await_only`, which looks for the provider's mark and switches to the parent, the adapted
queue and locks, and the engines and sessions on top of them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from bridge.cooperative.switch import begin
from scripts.external.plugins import in_greenlets

__all__ = ["pytest_collection", "pytest_configure"]

pytest_configure = in_greenlets.pytest_configure


def pytest_collection(session: Any) -> None:
    """Exchange the function wherever it has been imported; the suite's conftest has loaded SQLAlchemy by now."""
    import sys

    from sqlalchemy.util import concurrency

    original = concurrency.greenlet_spawn
    for module in list(sys.modules.values()):
        if getattr(module, "greenlet_spawn", None) is original:
            module.greenlet_spawn = greenlet_spawn  # type: ignore[attr-defined]  # as just seen


async def greenlet_spawn(
    function: Callable[..., Any], *arguments: Any, _require_await: bool = False, **options: Any
) -> Any:
    """Run it in a bridge greenlet; `_require_await`: it is an error if it ends without having waited."""
    from sqlalchemy.exc import AwaitRequired

    outcome: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

    def call() -> None:
        try:
            outcome.set_result(function(*arguments, **options))
        except BaseException as error:  # raised below, in the task that asked
            outcome.set_exception(error)

    suspended = begin(call)
    if suspended is not None:
        await suspended.finish()
    elif _require_await and outcome.exception() is None:
        raise AwaitRequired("The current operation required an async execution but none was detected.")
    return outcome.result()
