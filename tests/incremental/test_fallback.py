"""Modern first, legacy where modern has nothing; nobody notices that two were asked."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bridge.incremental.spool import BodySpool
from tests.asgi_driver import AsgiCall
from tests.incremental.applications import answer, asked, counters, legacy, migrated, read, responder


def body_seen(answered: Any) -> bytes:
    import json

    return str(json.loads(answered.body)[4]).encode("latin-1")


async def test_what_modern_has_is_modern() -> None:
    async with migrated(default="fallback", modern=responder(200)) as migration:
        answered = await asked(migration)
        assert (answered.status, answered.body) == (200, b"modern")
        assert await counters(migration, "*") == {"modern.requests": 1}


@pytest.mark.parametrize("status", [404, 405])
@pytest.mark.parametrize("reads", [True, False], ids=["read", "unread"])
@pytest.mark.parametrize("size", [0, 1, 200_000, 3_000_000])
async def test_what_modern_has_not_legacy_gets_whole(status: int, reads: bool, size: int) -> None:
    body = bytes(number % 251 for number in range(size))
    pieces = [body[at : at + 64_000] for at in range(0, size, 64_000)] or [b""]
    async with migrated(default="fallback", modern=responder(status, reads=reads)) as migration:
        answered = await asked(migration, "POST", body=pieces, headers=[(b"content-length", b"%d" % size)])
        assert answered.status == 200
        assert body_seen(answered) == body
        assert await counters(migration, "*") == {
            "modern.requests": 1,
            "legacy.requests": 1,
            "fallback.fell": 1,
        }


async def test_half_a_body_that_modern_has_read_is_not_lost() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await answer(send, 404, b"no")

    async with migrated(default="fallback", modern=app) as migration:
        answered = await asked(
            migration, "POST", body=[b"one", b"two", b"three"], headers=[(b"content-length", b"11")]
        )
        assert body_seen(answered) == b"onetwothree"


@pytest.mark.parametrize("status", [200, 403, 410, 500])
async def test_any_other_answer_is_modern_s(status: int) -> None:
    async with migrated(default="fallback", modern=responder(status)) as migration:
        assert (await asked(migration)).status == status


async def test_what_modern_raises_is_its_answer() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        raise ZeroDivisionError

    async with migrated(default="fallback", modern=app) as migration:
        with pytest.raises(ZeroDivisionError):
            await asked(migration)


async def test_what_modern_raises_after_its_404_changes_nothing(caplog: pytest.LogCaptureFixture) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await answer(send, 404, b"no")
        raise ZeroDivisionError

    async with migrated(default="fallback", modern=app) as migration:
        assert (await asked(migration)).status == 200
    assert "modern failed after its 404" in caplog.text


async def test_modern_is_told_that_its_client_has_gone_after_its_404() -> None:
    told = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await answer(send, 404, b"no")
        told.append((await receive())["type"])

    async with migrated(default="fallback", modern=app) as migration:
        answered = await asked(migration, "POST", body=b"body", headers=[(b"content-length", b"4")])
    assert told == ["http.disconnect"]
    assert body_seen(answered) == b"body"


async def test_what_modern_writes_into_its_scope_does_not_reach_legacy() -> None:
    seen = {}

    async def app(scope: Any, receive: Any, send: Any) -> None:
        scope["path_params"] = scope["root_path"] = "modern's"
        await answer(send, 404, b"no")

    def application(environ: Any, start_response: Any) -> Any:
        seen.update(environ["asgi.scope"])
        return legacy(environ, start_response)

    async with migrated(default="fallback", modern=app, legacy=application) as migration:
        await asked(migration)
    assert (seen["root_path"], "path_params" in seen) == ("", False)


async def test_a_disk_that_fails_leaves_modern_s_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*args: Any, **options: Any) -> Any:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tempfile.TemporaryFile", full)
    pieces = [b"x" * 500_000] * 6
    async with migrated(default="fallback", modern=responder(404)) as migration:
        answered = await asked(migration, "POST", body=pieces, headers=[(b"content-length", b"3000000")])
    assert (answered.status, answered.body) == (404, b"modern")


async def test_a_client_that_leaves_during_its_upload_ends_both() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await read(receive)

    async with migrated(default="fallback", modern=app) as migration:
        call = AsgiCall(migration, method="POST", body=None, headers=[(b"content-length", b"10")])
        with pytest.raises(ConnectionError):
            async with call.running():
                call.feed(b"half", more_body=True)
                call.disconnect()
    assert call.events == []


async def test_a_streamed_answer_goes_through_piece_by_piece() -> None:
    go = asyncio.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"one", "more_body": True})
        await go.wait()
        await send({"type": "http.response.body", "body": b"two"})

    async with migrated(default="fallback", modern=app) as migration:
        call = AsgiCall(migration)
        async with call.running():
            assert (await call.event_sent(2))["body"] == b"one"
            go.set()
    assert call.answer().body == b"onetwo"


async def test_an_upload_beyond_the_limit_is_not_kept_and_leaves_modern_s_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Else one client could fill the disk."""
    monkeypatch.setattr("bridge.incremental.migration.SPOOL_LIMIT", 2_000_000)
    pieces = [b"x" * 500_000] * 6
    async with migrated(default="fallback", modern=responder(404)) as migration:
        answered = await asked(migration, "POST", body=pieces, headers=[(b"content-length", b"3000000")])
    assert (answered.status, answered.body) == (404, b"modern")


async def test_nothing_more_is_kept_once_modern_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[int] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        while (await receive())["more_body"]:
            pass
        await send({"type": "http.response.body", "body": b"modern"})

    close = BodySpool.close

    async def noting(spool: BodySpool) -> None:
        kept.append(spool.size)
        await close(spool)

    monkeypatch.setattr(BodySpool, "close", noting)
    async with migrated(default="fallback", modern=app) as migration:
        answered = await asked(migration, "POST", body=[b"x" * 1000] * 6)
    assert (answered.body, kept) == (b"modern", [1000])
