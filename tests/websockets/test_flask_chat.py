"""examples/flask_chat: two visitors talk, in threads and in greenlets."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import flask
import pytest

from bridge import WsgiToAsgi
from tests.websockets.driver import WebSocketCall

Bridged = Callable[..., WsgiToAsgi]
FOLDER = Path(__file__).resolve().parents[2] / "examples" / "flask_chat"


@pytest.fixture
def chat(monkeypatch: pytest.MonkeyPatch) -> Iterator[flask.Flask]:
    monkeypatch.syspath_prepend(str(FOLDER))
    app: flask.Flask = importlib.import_module("chat").create_app()
    yield app
    for name in ("chat", "chat.rooms"):
        del sys.modules[name]


def visit(
    app: Any, chat: flask.Flask, name: str, room: str = "pier", *, origin: bytes = b"http://chat.test"
) -> WebSocketCall:
    """Enter by the lobby, with a name, and open the room's WebSocket."""
    headers = [(b"host", b"chat.test"), (b"origin", origin)]
    if name:
        entered = chat.test_client().post("/", data={"name": name, "room": room})
        assert entered.headers["Location"] == f"/rooms/{room}"
        headers.append((b"cookie", entered.headers["Set-Cookie"].partition(";")[0].encode()))
    return WebSocketCall(app, f"/rooms/{room}/talk", headers=headers)


async def heard(client: WebSocketCall) -> dict[str, Any]:
    """Return the next message, without its time."""
    message: dict[str, Any] = json.loads((await client.sent())["text"])
    message.pop("at", None)
    return message


async def test_visitors_hear_each_other_come_speak_and_go(bridged: Bridged, chat: flask.Flask) -> None:
    app = bridged(chat)
    async with visit(app, chat, "ann").running() as ann:
        await ann.sent()
        assert await heard(ann) == {"kind": "came", "who": "ann", "visitors": ["ann"]}
        ann.say(" <b>hello</b> ")
        said = {"kind": "said", "who": "ann", "text": "<b>hello</b>"}
        assert await heard(ann) == said
        ann.say("   ")  # is nothing
        async with visit(app, chat, "ben").running() as ben:
            await ben.sent()
            assert await heard(ben) == said  # before ben came
            both = {"kind": "came", "who": "ben", "visitors": ["ann", "ben"]}
            assert await heard(ben) == await heard(ann) == both
            ben.say("x" * 1000)
            assert len((await heard(ann))["text"]) == len((await heard(ben))["text"]) == 500
            ben.leave()
        assert await heard(ann) == {"kind": "went", "who": "ben", "visitors": ["ann"]}
        async with visit(app, chat, "eve", "workshop").running() as eve:
            await eve.sent()
            assert (await heard(eve))["visitors"] == ["eve"]  # another room, another story
            eve.leave()
        ann.leave()
    assert ann.nothing_sent()


@pytest.mark.parametrize(("name", "origin"), [("", b"http://chat.test"), ("eve", b"http://evil.test")])
async def test_who_does_not_come_by_the_lobby_is_sent_away(
    bridged: Bridged, chat: flask.Flask, name: str, origin: bytes
) -> None:
    async with visit(bridged(chat), chat, name, origin=origin).running() as client:
        await client.sent()
        assert await client.sent() == {"type": "websocket.close", "code": 1008, "reason": "not from here"}


def test_the_pages_show_the_rooms_and_escape_names(chat: flask.Flask) -> None:
    with chat.test_client() as visitor:
        assert visitor.get("/rooms/pier").headers["Location"] == "/"
        visitor.post("/", data={"name": '"><b>eve', "room": "pier"})
        assert 'data-me="&#34;&gt;&lt;b&gt;eve"' in visitor.get("/rooms/pier").text
        assert visitor.get("/").text.count("0 in it") == 3
        assert visitor.get("/rooms/moon").status_code == 404
