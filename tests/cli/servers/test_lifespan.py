from __future__ import annotations

from typing import Any

import pytest

from bridge.cli.servers.lifespan import Lifespan, LifespanFailed


def application(journal: list[str], *, startup: str = "complete", shutdown: str = "complete") -> Any:
    """Return an ASGI application that answers the lifespan's events as told."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        assert scope["type"] == "lifespan"
        for phase, answer in (("startup", startup), ("shutdown", shutdown)):
            assert (await receive())["type"] == f"lifespan.{phase}"
            journal.append(phase)
            if answer == "raise":
                raise LookupError(phase)
            if answer == "return":
                return
            message = {"message": "no database"} if answer == "failed" else {}
            await send({"type": f"lifespan.{phase}.{answer}", **message})

    return app


async def test_lifespan_starts_and_shuts_down() -> None:
    journal: list[str] = []
    lifespan = Lifespan(application(journal))
    await lifespan.startup()
    assert journal == ["startup"]
    await lifespan.shutdown()
    assert journal == ["startup", "shutdown"]


@pytest.mark.parametrize(
    ("answer", "error", "message"),
    [
        ("failed", LifespanFailed, "no database"),
        ("raise", LookupError, "startup"),
        ("return", LifespanFailed, "the application returned instead of answering lifespan.startup"),
    ],
)
async def test_lifespan_that_does_not_start_says_why(
    answer: str, error: type[Exception], message: str
) -> None:
    lifespan = Lifespan(application([], startup=answer))
    with pytest.raises(error, match=message):
        await lifespan.startup()


@pytest.mark.parametrize(
    ("answer", "error"), [("failed", LifespanFailed), ("raise", LookupError), ("return", LifespanFailed)]
)
async def test_lifespan_that_does_not_shut_down_says_why(answer: str, error: type[Exception]) -> None:
    lifespan = Lifespan(application([], shutdown=answer))
    await lifespan.startup()
    with pytest.raises(error):
        await lifespan.shutdown()
