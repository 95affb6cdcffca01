"""Name look-ups for greenlets: in a thread, unless there is nothing to look up."""

from __future__ import annotations

import _socket
import socket
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

from bridge.cooperative.offload import in_thread
from bridge.cooperative.patching import Patch, replacing

__all__ = ["patches", "resolved"]

_original = socket.getaddrinfo
_FAMILIES = (socket.AF_INET, socket.AF_INET6)


def patches() -> Iterator[Patch]:
    """Yield what makes name look-ups cooperative."""
    yield from replacing(socket, getaddrinfo=_getaddrinfo)
    for name in ("gethostbyname", "gethostbyname_ex", "gethostbyaddr", "getnameinfo", "getfqdn"):
        yield from replacing(socket, **{name: _offloaded(getattr(socket, name))})


def _offloaded(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *arguments, **options: in_thread(function, *arguments, **options)


def _getaddrinfo(host: Any, *arguments: Any, **options: Any) -> Any:
    if host is None or is_address(host):
        return _original(host, *arguments, **options)
    return in_thread(_original, host, *arguments, **options)


def is_address(host: Any) -> bool:
    """Tell whether `host` is an IP address already."""
    text = host.decode("ascii", "replace") if isinstance(host, (bytes, bytearray)) else str(host)
    return _is_address(text)


@lru_cache(1024)  # an application asks the same few hosts
def _is_address(text: str) -> bool:
    return any(_parses(family, text.partition("%")[0]) for family in _FAMILIES)


def _parses(family: int, text: str) -> bool:
    try:
        _socket.inet_pton(family, text)
    except (OSError, ValueError):  # ValueError: a NUL in it
        return False
    return True


def resolved(sock: socket.socket, address: Any) -> Any:
    """Return `address` with its host name looked up, so that `connect` need not do it in C."""
    if sock.family not in _FAMILIES or not isinstance(address, tuple) or len(address) < 2:
        return address
    host = address[0]
    if not host or is_address(host):
        return address
    found = _getaddrinfo(host, address[1], sock.family, sock.type, sock.proto)
    return (*found[0][4][:2], *address[2:]) if len(address) > 2 else found[0][4]
