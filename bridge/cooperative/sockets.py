"""`socket` for greenlets: every call that would wait, waits for readiness and lets the event loop go on.

The socket keeps the timeout that the application sees. Each attempt is made with a timeout of 0, because a
socket with any other polls inside C and holds the loop; there is no switch between setting it and setting it
back. Blocking sockets, the most frequent, are spared that where a flag (MSG_DONTWAIT) says the same.
"""

from __future__ import annotations

import _socket  # the C methods, which the wrappers must reach past themselves
import errno
import os
import socket
import sys
from collections.abc import Callable, Iterator
from functools import partial
from time import monotonic
from typing import Any

from bridge.cooperative.names import resolved
from bridge.cooperative.patching import Patch, replacing
from bridge.cooperative.readiness import wait_until_ready, wake_closed

__all__ = ["attempt", "patches", "remaining"]

_Socket = _socket.socket
_settimeout = _Socket.settimeout
_connect_ex = _Socket.connect_ex
_DONTWAIT = getattr(socket, "MSG_DONTWAIT", 0)
_ASKS_AGAIN = sys.platform == "linux"  # elsewhere a second connect() may hide why the first has failed
_IN_PROGRESS = (errno.EINPROGRESS, errno.EWOULDBLOCK, errno.EALREADY)
_UNIX_BACKLOG_RETRY = 0.01  # seconds; a Unix socket has no event for "the backlog has room"


def patches() -> Iterator[Patch]:
    """Yield what makes sockets cooperative."""
    yield from replacing(
        socket.socket,
        recv=_recv,
        recv_into=_recv_into,
        send=_send,
        sendall=_sendall,
        sendfile=_sendfile,
        connect=_connect,
        connect_ex=_connect_or_errno,
        recvfrom=_plain(_Socket.recvfrom, writing=False),
        recvfrom_into=_plain(_Socket.recvfrom_into, writing=False),
        sendto=_plain(_Socket.sendto, writing=True),
        _accept=_plain(_Socket._accept, writing=False),  # type: ignore[attr-defined]  # noqa: SLF001 - what accept() is made of
    )
    for name, writing in (("recvmsg", False), ("recvmsg_into", False), ("sendmsg", True)):
        if hasattr(_Socket, name):  # not on Windows
            yield from replacing(socket.socket, **{name: _plain(getattr(_Socket, name), writing=writing)})
    yield Patch(socket.socket, "_real_close", _waking(socket.socket._real_close))  # type: ignore[attr-defined]  # noqa: SLF001 - of close() and makefile's
    yield Patch(socket.socket, "detach", _waking(socket.socket.detach))


def _waking(original: Callable[..., Any]) -> Callable[..., Any]:
    def close(self: socket.socket, *arguments: Any) -> Any:
        descriptor = self.fileno()
        if descriptor >= 0:
            wake_closed(descriptor)
        return original(self, *arguments)

    return close


def remaining(deadline: float | None) -> float | None:
    """Return the seconds until `deadline`, at least 0; None: no limit."""
    return None if deadline is None else max(0.0, deadline - monotonic())


def attempt(sock: socket.socket, call: Callable[[], Any], *, writing: bool) -> Any:
    """Return what `call()` returns once `sock` lets it; `call` must raise rather than wait at timeout 0.

    Raises `TimeoutError` when the socket's timeout is over.
    """
    timeout = sock.gettimeout()
    if timeout == 0.0:  # the application waits by itself
        return call()
    deadline = None if timeout is None else monotonic() + timeout
    while True:
        _settimeout(sock, 0.0)
        try:
            return call()
        except BlockingIOError:
            pass
        finally:
            if sock.fileno() >= 0:
                _settimeout(sock, timeout)
        wait_until_ready(sock.fileno(), writing=writing, timeout=remaining(deadline))


def _plain(operation: Callable[..., Any], *, writing: bool) -> Callable[..., Any]:
    """Return `operation` as a method that waits cooperatively."""

    def cooperative(self: socket.socket, *arguments: Any, **options: Any) -> Any:
        return attempt(self, partial(operation, self, *arguments, **options), writing=writing)

    return cooperative


def _recv(self: socket.socket, bufsize: int, flags: int = 0) -> Any:
    if self.gettimeout() is not None or not _DONTWAIT:
        return attempt(self, partial(_Socket.recv, self, bufsize, flags), writing=False)
    while True:
        try:
            return _Socket.recv(self, bufsize, flags | _DONTWAIT)
        except BlockingIOError:
            pass  # and wait below: the error would be kept in memory until then, with its traceback
        wait_until_ready(self.fileno(), writing=False)


def _recv_into(self: socket.socket, buffer: Any, nbytes: int = 0, flags: int = 0) -> Any:
    if self.gettimeout() is not None or not _DONTWAIT:
        return attempt(self, partial(_Socket.recv_into, self, buffer, nbytes, flags), writing=False)
    while True:
        try:
            return _Socket.recv_into(self, buffer, nbytes, flags | _DONTWAIT)
        except BlockingIOError:
            pass  # and wait below: the error would be kept in memory until then, with its traceback
        wait_until_ready(self.fileno(), writing=False)


def _send(self: socket.socket, data: Any, flags: int = 0) -> Any:
    if self.gettimeout() is not None or not _DONTWAIT:
        return attempt(self, partial(_Socket.send, self, data, flags), writing=True)
    while True:
        try:
            return _Socket.send(self, data, flags | _DONTWAIT)
        except BlockingIOError:
            pass  # and wait below: the error would be kept in memory until then, with its traceback
        wait_until_ready(self.fileno(), writing=True)


def _sendall(self: socket.socket, data: Any, flags: int = 0) -> None:
    """Send all of it; the timeout is for the whole, as in the original."""
    timeout = self.gettimeout()
    if timeout == 0.0:
        _Socket.sendall(self, data, flags)
        return
    deadline = None if timeout is None else monotonic() + timeout
    if type(data) is bytes:  # as a rule, and small enough to leave in one go
        sent = _send(self, data, flags)
        if sent == len(data):
            return
        data = memoryview(data)[sent:]
    with memoryview(data) as view, view.cast("B") as left:
        sent = 0
        while sent < len(left):
            sent += _send(self, left[sent:], flags)
            if deadline is not None and sent < len(left) and monotonic() > deadline:
                raise TimeoutError("timed out")


def _sendfile(self: socket.socket, file: Any, offset: int = 0, count: int | None = None) -> Any:
    """Send a file by reading it: `os.sendfile` on a blocking socket would wait in C."""
    return self._sendfile_use_send(file, offset, count)  # type: ignore[attr-defined]  # the standard library's own second way


# ---------------------------------------------------------------- connecting


def _connect(self: socket.socket, address: Any) -> None:
    code = _connect_or_errno(self, address)
    if code:
        raise OSError(code, os.strerror(code))


def _connect_or_errno(self: socket.socket, address: Any) -> int:
    timeout = self.gettimeout()
    if timeout == 0.0:
        return _connect_ex(self, address)
    deadline = None if timeout is None else monotonic() + timeout
    target = resolved(self, address)
    while True:
        _settimeout(self, 0.0)
        try:
            code = _connect_ex(self, target)
            if code in _IN_PROGRESS and _ASKS_AGAIN:  # to this very machine it is connected by now (EISCONN)
                code = _connect_ex(self, target)
        finally:
            _settimeout(self, timeout)
        if code == errno.EAGAIN and self.family == getattr(socket, "AF_UNIX", None):
            _wait_for_backlog(deadline)
            continue
        if code not in _IN_PROGRESS:
            return 0 if code == errno.EISCONN else code
        wait_until_ready(self.fileno(), writing=True, timeout=remaining(deadline))
        return self.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)


def _wait_for_backlog(deadline: float | None) -> None:
    from bridge.cooperative.clocks import sleep

    if deadline is not None and monotonic() > deadline:
        raise TimeoutError("timed out")
    sleep(_UNIX_BACKLOG_RETRY)
