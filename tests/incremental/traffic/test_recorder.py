"""What is written down of requests, and that nobody's request suffers from it."""

from __future__ import annotations

import asyncio
import json
import os
import stat
import threading
from pathlib import Path
from typing import Any

import pytest

from bridge.incremental.redaction import Redaction
from bridge.incremental.traffic import recorder as module
from bridge.incremental.traffic.reading import read_traffic
from bridge.incremental.traffic.recorder import LineWriter, Recorder
from tests.asgi_driver import AsgiCall, AsgiLifespan
from tests.incremental.applications import responder


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "traffic.jsonl"


async def record(file: Path, *calls: dict[str, Any], app: Any = None) -> list[dict[str, Any]]:
    """Return the lines that these requests leave."""
    recorder = Recorder(app or responder(200), file, salt="salt")
    async with AsgiLifespan(recorder):
        for call in calls:
            await AsgiCall(recorder, **call).run()
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


async def test_a_request_is_written_with_its_body_and_read_again(file: Path) -> None:
    body = [b"a" * 10, "é".encode()]
    (line,) = await record(file, {"method": "POST", "path": "/a b", "query": b"q=1", "body": body})
    assert (line["method"], line["target"], line["body"], line["status"]) == (
        "POST",
        "/a%20b?q=1",
        "a" * 10 + "é",
        200,
    )
    (request,) = (await asyncio.to_thread(read_traffic, file)).requests
    assert (request.target, request.body) == ("/a%20b?q=1", b"".join(body))


async def test_no_secret_is_written(file: Path) -> None:
    headers = [
        (b"cookie", b"session=SECRET"),
        (b"authorization", b"Bearer SECRETSECRET"),
        (b"content-type", b"application/x-www-form-urlencoded"),
        (b"x-note", b"kept"),
    ]
    body = b"user=ann&password=SECRET"
    (line,) = await record(
        file, {"method": "POST", "query": b"api_key=SECRET", "headers": headers, "body": body}
    )
    assert "SECRET" not in file.read_text("utf-8")
    assert line["removed"] == ["authorization", "cookie"]
    assert ["x-note", "kept"] in line["headers"]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


async def test_clients_are_told_apart_and_not_known(file: Path) -> None:
    ann, bob = [(b"cookie", b"session=ann")], [(b"cookie", b"session=bob")]
    lines = await record(file, {"headers": ann}, {"headers": bob}, {"headers": ann}, {}, {})
    sessions = [line["session"] for line in lines]
    assert (sessions[0], sessions[3]) == (sessions[2], sessions[4])
    assert len(set(sessions)) == 3
    assert "127.0.0.1" not in file.read_text("utf-8")


async def test_a_body_that_is_too_large_is_not_kept(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BODY_LIMIT", 10)
    (line,) = await record(file, {"method": "PUT", "body": [b"12345678", b"12345678", b"1"]})
    assert (line["body"], line["truncated"]) == (None, True)


async def test_an_application_that_fails_is_recorded_and_fails(file: Path) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await responder(200)(scope, receive, send)
            return
        raise ZeroDivisionError

    recorder = Recorder(app, file, salt="salt")
    async with AsgiLifespan(recorder):
        with pytest.raises(ZeroDivisionError):
            await AsgiCall(recorder).run()
    assert json.loads(file.read_text("utf-8"))["status"] is None


async def test_a_disk_that_fails_loses_lines_and_no_request(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    recorder = Recorder(responder(200), tmp_path / "none" / "x.jsonl", salt="salt")
    async with AsgiLifespan(recorder):
        assert (await AsgiCall(recorder).run()).status == 200
    assert "1 requests could not be recorded" in caplog.text


def test_a_disk_that_is_slow_loses_lines_and_no_memory(
    file: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "WAITING_LIMIT", 3)
    monkeypatch.setattr(module, "INTERVAL", 60.0)
    writer = LineWriter(file)
    for number in range(5):
        writer.put(str(number).__str__, 1)
    writer.close()
    assert (file.read_text(), writer.lost) == ("0\n1\n2\n", 2)
    assert "2 requests are not recorded" in caplog.text


def test_large_requests_that_wait_for_the_disk_are_bounded_in_bytes(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten thousand lines of a MiB each would be ten GiB."""
    monkeypatch.setattr(module, "INTERVAL", 60.0)
    writer = LineWriter(file)
    for _ in range(200):
        writer.put("line".__str__, 1024 * 1024)
    writer.close()
    assert (len(file.read_text().split()), writer.lost) == (64, 136)
    writer.put("later".__str__, 1024 * 1024)
    writer.close()
    assert file.read_text().endswith("later\n")


def test_a_disk_that_takes_a_part_is_asked_to_take_the_rest(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: write(descriptor, data[:3]))
    writer = LineWriter(file)
    writer.put("0123456789".__str__, 10)
    writer.close()
    assert file.read_text() == "0123456789\n"


async def test_what_takes_time_is_not_done_on_the_event_loop(file: Path) -> None:
    threads: list[threading.Thread] = []

    class Noting(Redaction):
        def body(self, content_type: str, body: bytes) -> bytes:
            threads.append(threading.current_thread())
            return super().body(content_type, body)

    recorder = Recorder(responder(200), file, salt="salt", redaction=Noting())
    async with AsgiLifespan(recorder):
        await AsgiCall(recorder, method="POST", body=[b"x"]).run()
    assert threads
    assert threading.current_thread() not in threads


async def test_all_is_written_before_the_server_knows_of_the_end(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """uvicorn cancels the lifespan once shutdown is complete."""
    monkeypatch.setattr(module, "INTERVAL", 60.0)
    recorder = Recorder(responder(200), file, salt="salt")
    written: list[bool] = []
    events = iter([{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}])

    async def receive() -> Any:
        return next(events)

    async def send(event: Any) -> None:
        if event["type"] == "lifespan.startup.complete":
            await AsgiCall(recorder).run()
        written.append(await asyncio.to_thread(file.exists))

    await recorder({"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}, receive, send)
    assert written == [False, True]
