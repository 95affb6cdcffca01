"""asgi-correlation-id around the bridge: the id is in the application, in its logs, and in the bridge's own."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from asgi_correlation_id import CorrelationIdFilter, CorrelationIdMiddleware, correlation_id

from bridge import WsgiToAsgi
from tests.asgi_driver import Answer, AsgiCall
from tests.faults.rig import Meeting

Bridged = Callable[..., WsgiToAsgi]

ID = "0123456789abcdef0123456789abcdef"
logger = logging.getLogger("legacy.application")


class Keeping(logging.Handler):
    """A handler with the library's filter, as its documentation sets one up."""

    def __init__(self) -> None:
        super().__init__()
        self.addFilter(CorrelationIdFilter())
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


@pytest.fixture
def records(caplog: pytest.LogCaptureFixture) -> Iterator[list[logging.LogRecord]]:
    """Return the records of every logger, as they come."""
    handler = Keeping()
    logging.getLogger().addHandler(handler)
    with caplog.at_level(logging.INFO):
        yield handler.records
    logging.getLogger().removeHandler(handler)


async def request(app: Any, given: str = ID) -> Answer:
    return await AsgiCall(app, headers=[(b"x-request-id", given.encode())]).run()


def ids(records: list[logging.LogRecord]) -> list[tuple[str, str]]:
    return [(record.name, record.correlation_id) for record in records]  # type: ignore[attr-defined] # the filter's


async def test_the_id_is_in_the_application_its_logs_and_the_answer(
    bridged: Bridged, records: list[logging.LogRecord]
) -> None:
    def app(environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        logger.info("in the call")
        start_response("200 OK", [("Content-Type", "text/plain")])
        yield str(correlation_id.get()).encode()
        logger.info("while it streams")

    answer = await request(CorrelationIdMiddleware(bridged(app)))
    assert answer.body == ID.encode()
    assert answer.header(b"x-request-id") == ID.encode()
    assert ids(records) == [("legacy.application", ID)] * 2


async def test_the_id_is_in_the_bridges_own_log_of_a_failure(
    bridged: Bridged, records: list[logging.LogRecord]
) -> None:
    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        raise ValueError("the application's own")

    answer = await request(CorrelationIdMiddleware(bridged(app)))
    assert (answer.status, answer.header(b"x-request-id")) == (500, ID.encode())
    assert ids(records) == [("bridge.http", ID)]


async def test_an_id_that_the_application_sets_is_the_one_that_is_sent(bridged: Bridged) -> None:
    """The middleware looks when the response starts; what the application has set until then has come back."""

    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        correlation_id.set("of the application")
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b"x"]

    answer = await request(CorrelationIdMiddleware(bridged(app)))
    assert answer.header(b"x-request-id") == b"of the application"


async def test_requests_at_the_same_time_keep_their_ids_apart(
    bridged: Bridged, records: list[logging.LogRecord]
) -> None:
    both = {number: Meeting() for number in "12"}

    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        mine = str(correlation_id.get())
        both[mine[0]].arrive()
        logger.info(mine)
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [str(correlation_id.get()).encode()]

    application = CorrelationIdMiddleware(bridged(app))
    given = [number * 32 for number in both]
    tasks = [asyncio.ensure_future(request(application, each)) for each in given]
    for meeting in both.values():
        await meeting.arrived()
    for meeting in both.values():
        meeting.let_go()
    answers = await asyncio.gather(*tasks)
    assert [answer.body.decode() for answer in answers] == given
    assert sorted(
        (record.getMessage(), each) for record, (_, each) in zip(records, ids(records), strict=True)
    ) == [(each, each) for each in given]
