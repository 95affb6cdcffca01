"""`ssl` for greenlets: TLS may have to read in order to write, and the other way round."""

from __future__ import annotations

import _socket
import ssl
from collections.abc import Callable, Iterator
from functools import partial
from time import monotonic
from typing import Any

from bridge.cooperative.patching import Patch, replacing
from bridge.cooperative.readiness import wait_until_ready
from bridge.cooperative.sockets import remaining

__all__ = ["patches"]

_settimeout = _socket.socket.settimeout
_handshake = ssl.SSLSocket.do_handshake


def patches() -> Iterator[Patch]:
    """Yield what makes TLS connections cooperative; their recv, recv_into and sendall are made of these."""
    yield from replacing(
        ssl.SSLSocket,
        read=_waiting(ssl.SSLSocket.read, writing=False),
        write=_waiting(ssl.SSLSocket.write, writing=True),
        send=_waiting(ssl.SSLSocket.send, writing=True),
        unwrap=_waiting(ssl.SSLSocket.unwrap, writing=False),
        do_handshake=_do_handshake,
    )


def _waiting(operation: Callable[..., Any], *, writing: bool) -> Callable[..., Any]:
    """Return the method, repeated until TLS needs neither to read nor to write first."""

    def cooperative(self: ssl.SSLSocket, *arguments: Any, **options: Any) -> Any:
        timeout = self.gettimeout()
        if timeout == 0.0:  # the application waits by itself
            return operation(self, *arguments, **options)
        return _repeat(self, timeout, partial(operation, self, *arguments, **options), writing=writing)

    return cooperative


def _repeat(sock: ssl.SSLSocket, timeout: float | None, call: Callable[[], Any], *, writing: bool) -> Any:
    deadline = None if timeout is None else monotonic() + timeout
    while True:
        _settimeout(sock, 0.0)
        try:
            return call()
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError, BlockingIOError) as wish:
            if not isinstance(wish, BlockingIOError):  # which comes where there is no TLS (any more)
                writing = isinstance(wish, ssl.SSLWantWriteError)
        finally:
            if sock.fileno() >= 0:
                _settimeout(sock, timeout)
        wait_until_ready(sock.fileno(), writing=writing, timeout=remaining(deadline))


def _do_handshake(self: ssl.SSLSocket, block: bool = False) -> None:  # noqa: FBT001, FBT002 - the original's signature
    timeout = self.gettimeout()
    if timeout == 0.0 and not block:
        _handshake(self)
        return
    # `block` asks for a wait although the socket has none.
    _repeat(self, timeout or None, partial(_handshake, self), writing=False)
    if timeout == 0.0:
        _settimeout(self, 0.0)
