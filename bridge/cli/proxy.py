"""ASGI middleware for what a reverse proxy in front of us knows: the client, the scheme, the mount point.

The servers differ here: uvicorn believes listed addresses, hypercorn counts hops, daphne believes everybody,
granian leaves it to a wrapper, and their root paths mean different things. `serve` uses none of that, so
one command line behaves alike on all of them.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

from bridge.protocol.asgi_types import AsgiApp, Receive, Scope, Send

__all__ = ["BehindProxy", "TrustedPeers"]

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
MAX_PORT_DIGITS = 5
SCHEMES = frozenset({"http", "https"})
WEBSOCKET_SCHEMES = {"http": "ws", "https": "wss"}


class TrustedPeers:
    """The addresses whose forwarding headers are believed: single ones, networks, or `*` for all.

    Raises ValueError for what is neither.
    """

    def __init__(self, allowed: Sequence[str]) -> None:
        self.everyone = "*" in allowed
        self.networks: list[Network] = [ipaddress.ip_network(peer) for peer in allowed if peer != "*"]

    def __contains__(self, host: str) -> bool:
        if self.everyone:
            return True
        try:
            address = ipaddress.ip_address(host)
        except ValueError:  # a name, or nonsense from a header
            return False
        # On a socket for both families (--host ::), peers of IPv4 are ::ffff:127.0.0.1 (RFC 4291 section 2.5.5.2).
        mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
        addresses = [address] if mapped is None else [address, mapped]
        return any(each in network for network in self.networks for each in addresses)


class BehindProxy:
    """Puts `root_path`, and what trusted peers say of client and scheme, into the scope.

    `trusted` None: forwarding headers are ignored. `local` says that we listen on a Unix socket, whose peers
    have no address and are trusted because the file system let them in.
    The scope is changed in place: the servers' access logs then show the client, not the proxy.
    """

    def __init__(self, app: AsgiApp, *, trusted: TrustedPeers | None, local: bool, root_path: str) -> None:
        self.app = app
        self.trusted = trusted
        self.local = local
        self.root_path = root_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection of any type."""
        if scope["type"] in {"http", "websocket"}:
            if self.root_path:
                scope["root_path"] = self.root_path
            if self.trusted is not None and (self.local or _peer(scope) in self.trusted):
                _apply(scope, self.trusted)
        await self.app(scope, receive, send)


def _peer(scope: Scope) -> str:
    client = scope.get("client")
    return str(client[0]) if client else ""


def _apply(scope: Scope, trusted: TrustedPeers) -> None:
    proto = b",".join(_values(scope, b"x-forwarded-proto")).decode("latin-1").strip().lower()
    if proto in SCHEMES:
        scope["scheme"] = WEBSOCKET_SCHEMES[proto] if scope["type"] == "websocket" else proto
    forwarded_for = b",".join(_values(scope, b"x-forwarded-for")).decode("latin-1")
    client = _client(forwarded_for, trusted)
    if client is not None:
        scope["client"] = client


def _values(scope: Scope, name: bytes) -> list[bytes]:
    return [value for key, value in scope["headers"] if key == name]


def _client(forwarded_for: str, trusted: TrustedPeers) -> tuple[str, int] | None:
    """Return the nearest address that is not a trusted proxy's own, read from the right, where each proxy adds.

    When all are trusted it is the leftmost. None: the header is absent or empty.
    """
    hosts = [_split_port(part.strip()) for part in forwarded_for.split(",") if part.strip()]
    if not hosts:
        return None
    return next((host for host in reversed(hosts) if host[0] not in trusted), hosts[0])


def _split_port(text: str) -> tuple[str, int]:
    """Split `1.2.3.4:80` and `[::1]:80`; port 0 where there is none, as the ASGI servers write it."""
    host, _, port = text.rpartition(":") if text.count(":") == 1 or "]:" in text else (text, "", "")
    # A port has five digits; `int` refuses thousands, and a client may have written any.
    return host.strip("[]"), int(port) if port.isascii() and port.isdigit() and len(
        port
    ) <= MAX_PORT_DIGITS else 0
