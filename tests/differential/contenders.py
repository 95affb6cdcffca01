"""Three ways to serve one WSGI application: waitress, gunicorn's gthread, and uvicorn with the bridge."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

from tests.conformance.peers import Reply
from tests.differential.requests import Request
from tests.servers.catalogue import Place, Server
from tests.servers.wire import Address, Wire

__all__ = ["BRIDGE", "CONTENDERS", "REFERENCES", "Outcome", "ask"]

APPLICATION = "tests.differential.application:application"
BRIDGED = "tests.differential.bridged:application"


def _waitress(place: Place) -> list[str]:
    return ["waitress", "--host", "127.0.0.1", "--port", str(place.port), "--threads", "4", APPLICATION]


def _gunicorn(place: Place) -> list[str]:
    return [
        *("gunicorn", "--worker-class", "gthread", "--threads", "4", "--workers", "1", "--no-control-socket"),
        *("--bind", f"127.0.0.1:{place.port}", "--log-level", "critical", APPLICATION),
    ]


def _uvicorn(place: Place) -> list[str]:
    return [
        *("uvicorn", "--host", "127.0.0.1", "--port", str(place.port), "--http", "httptools"),
        *("--loop", "uvloop", "--no-proxy-headers", "--log-level", "critical", BRIDGED),
    ]


BRIDGE = "bridge"
_COMMANDS: dict[str, Callable[[Place], list[str]]] = {
    BRIDGE: _uvicorn,
    "waitress": _waitress,
    "gunicorn": _gunicorn,
}
CONTENDERS = {name: Server(name, command) for name, command in _COMMANDS.items()}
REFERENCES = [name for name in CONTENDERS if name != BRIDGE]

# Each server has its own, and they say nothing about the application.
IGNORED_HEADERS = {b"date", b"server", b"connection", b"transfer-encoding", b"keep-alive"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came back, split into aspects that can be compared: `status`, `header x`, `environ X`, `body`..."""

    aspects: dict[str, object]

    def differences(self, other: Outcome) -> set[str]:
        """Return the names of the aspects that are not the same; where the status isn't, nothing else counts."""
        if self.aspects["status"] != other.aspects["status"]:
            return {"status"}
        names = self.aspects.keys() | other.aspects.keys()
        return {name for name in names if self.aspects.get(name) != other.aspects.get(name)}


def ask(address: Address, request: Request) -> Outcome:
    """Send a request over a connection of its own."""
    with Wire(address, limit=request.patience) as wire:
        wire.send(request.data)
        try:
            reply = wire.reply(request.method)
        except TimeoutError:
            return Outcome({"status": "no answer"})
        except ValueError:
            return Outcome({"status": "not HTTP"})
    if request.answer:
        return _answer(reply)
    if reply.status != 200:  # an error page: each server writes its own
        return Outcome({"status": reply.status})
    if request.method == "HEAD":
        return Outcome({"status": reply.status, "body": reply.body})
    return Outcome({"status": reply.status, **_environ(json.loads(reply.body), address)})


def _answer(reply: Reply) -> Outcome:
    aspects: dict[str, object] = {"status": reply.status, "complete": reply.complete}
    if reply.status >= 500:
        return Outcome(aspects)
    aspects["body"] = reply.body
    for name, _ in reply.headers:
        if name not in IGNORED_HEADERS:
            aspects[f"header {name.decode('latin-1')}"] = reply.headers_named(name)
    return Outcome(aspects)


def _environ(told: dict[str, object], address: Address) -> dict[str, object]:
    """Return environ with what differs by nature made alike: ports of this run, names of the servers."""
    if told.get("SERVER_PORT") == str(address[1]):
        told["SERVER_PORT"] = "its port"
    if str(told.get("REMOTE_PORT")).isdigit():
        told["REMOTE_PORT"] = "a port"
    if isinstance(told.get("SERVER_SOFTWARE"), str):
        told["SERVER_SOFTWARE"] = "a name"
    return {f"environ {key}": value for key, value in told.items()}
