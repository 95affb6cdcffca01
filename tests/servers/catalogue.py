"""The servers of the matrix: how a user starts each, and what it offers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["PEERS", "SERVERS", "Place", "Server", "server_of"]

ENTRY = "tests.servers.entry:application"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a server listens: a port on 127.0.0.1, or a unix socket; with TLS where `cert` and `key` name files."""

    port: int = 0
    unix_socket: str = ""
    root_path: str = ""
    cert: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class Server:
    """One server of the matrix. `command(place)` is what follows `python -m` on the command line."""

    name: str
    command: Callable[[Place], list[str]]
    http2: bool = False  # in clear text, with prior knowledge
    adds_root_path: bool = False  # requests come without it


def _uvicorn(parser: str, loop: str) -> Callable[[Place], list[str]]:
    def command(place: Place) -> list[str]:
        listen = (
            ["--uds", place.unix_socket]
            if place.unix_socket
            else ["--host", "127.0.0.1", "--port", str(place.port)]
        )
        tls = ["--ssl-certfile", place.cert, "--ssl-keyfile", place.key] if place.cert else []
        return [
            *("uvicorn", ENTRY, "--http", parser, "--loop", loop, *listen, *tls),
            *("--root-path", place.root_path, "--log-level", "warning"),
        ]

    return command


def _hypercorn(place: Place) -> list[str]:
    bind = f"unix:{place.unix_socket}" if place.unix_socket else f"127.0.0.1:{place.port}"
    tls = ["--certfile", place.cert, "--keyfile", place.key] if place.cert else []
    # HTTP/2: a stream whose application failed stays open until the connection's keep-alive is over; 5 s are many.
    return ["hypercorn", "--keep-alive", "1", "--bind", bind, *tls, "--root-path", place.root_path, ENTRY]


def _granian(place: Place) -> list[str]:
    listen = ["--uds", place.unix_socket] if place.unix_socket else ["--port", str(place.port)]
    prefix = ["--url-path-prefix", place.root_path] if place.root_path else []
    tls = ["--ssl-certificate", place.cert, "--ssl-keyfile", place.key] if place.cert else []
    return ["granian", "--interface", "asgi", "--workers", "1", *listen, *prefix, *tls, ENTRY]


def _daphne(place: Place) -> list[str]:
    listen = ["-u", place.unix_socket] if place.unix_socket else ["-b", "127.0.0.1", "-p", str(place.port)]
    if place.cert:
        files = f"privateKey={place.key}:certKey={place.cert}"
        listen = ["-e", f"ssl:port={place.port}:interface=127.0.0.1:{files}"]
    return ["daphne", "--verbosity", "0", *listen, "--root-path", place.root_path, ENTRY]


def _gunicorn(place: Place) -> list[str]:
    bind = f"unix:{place.unix_socket}" if place.unix_socket else f"127.0.0.1:{place.port}"
    tls = ["--certfile", place.cert, "--keyfile", place.key] if place.cert else []
    return [
        *("gunicorn", "--worker-class", "asgi", "--workers", "1", "--preload", "--bind", bind, *tls),
        *("--no-control-socket", "--root-path", place.root_path, "--log-level", "warning", ENTRY),
    ]


SERVERS = {
    server.name: server
    for server in (
        *(
            Server(f"uvicorn-{parser}-{loop}", _uvicorn(parser, loop), adds_root_path=True)
            for parser in ("h11", "httptools")
            for loop in ("asyncio", "uvloop")
        ),
        Server("hypercorn", _hypercorn, http2=True),
        Server("granian", _granian, http2=True),
        Server("daphne", _daphne),
        Server("gunicorn", _gunicorn),
    )
}

HTTP2_SUFFIX = "-http2"
# A server is asked once for each protocol that it speaks.
PEERS = [*SERVERS, *(server.name + HTTP2_SUFFIX for server in SERVERS.values() if server.http2)]


def server_of(peer: str) -> Server:
    """Return the server that is behind a peer's name."""
    return SERVERS[peer.removesuffix(HTTP2_SUFFIX)]
