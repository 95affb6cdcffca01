"""`serve --record`: what is served is written down."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

from bridge.cli.serve import serve, settings_from
from bridge.cli.settings import ServeSettings
from bridge.cli.worker import build
from tests.asgi_driver import AsgiCall, AsgiLifespan


def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    start_response("201 Created", [])
    return [environ["wsgi.input"].read()]


def settings(*words: str) -> ServeSettings:
    with serve.make_context("serve", list(words)) as context:
        options = dict(context.params)
        return settings_from(options.pop("target"), "/srv", options)


def test_workers_share_the_file_and_what_hides_clients() -> None:
    asked = settings("shop", "--record", "traffic.jsonl")
    assert asked.record is not None
    assert asked.record.file == "/srv/traffic.jsonl"
    environment: dict[str, str] = {}
    asked.store(environment)
    assert ServeSettings.restore(environment) == asked
    assert asked.record.salt not in repr(asked)
    assert settings("shop").record is None


async def test_what_a_worker_serves_is_recorded(tmp_path: Path) -> None:
    file = tmp_path / "traffic.jsonl"
    # In a thread: click reads its translations from disk, which the suite forbids on the loop.
    asked = await asyncio.to_thread(settings, "shop", "--record", str(file))
    worker = build(application, asked)
    async with AsgiLifespan(worker):
        answered = await AsgiCall(worker, method="POST", path="/x", body=b"hello").run()
    assert (answered.status, answered.body) == (201, b"hello")
    line = json.loads(await asyncio.to_thread(file.read_text, "utf-8"))
    assert (line["method"], line["target"], line["body"], line["status"]) == ("POST", "/x", "hello", 201)
