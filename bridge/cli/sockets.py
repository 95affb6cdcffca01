"""The listening socket, opened before any server starts, so that what is wrong with it can be said well.

uvicorn, hypercorn, daphne   get this socket; it listens from here on, and clients wait in its backlog
granian                      opens sockets of its own, one a worker, with SO_REUSEPORT: it gets the
                             address, which this socket holds for it without listening
"""

from __future__ import annotations

import errno
import socket
import stat
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from bridge.cli.errors import CommandError
from bridge.cli.settings import Listen

__all__ = ["AddressUnusable", "hold_address", "open_socket", "remove_socket_file"]

BACKLOG = 2048  # connections; uvicorn's, the largest default among the servers
NEIGHBOURS = 20  # ports after the wanted one that are tried for a suggestion


class AddressUnusable(CommandError):
    """The socket could not be opened."""

    exit_code = 1

    def __init__(self, place: str, problem: str, *advice: str) -> None:
        super().__init__(f"cannot listen on {place}: {problem}.", advice=advice)
        self.place = place
        self.problem = problem


def open_socket(listen: Listen) -> socket.socket:
    """Return a socket that listens at `listen`. Raises `AddressUnusable`."""
    if listen.fd is not None:
        return socket.socket(fileno=listen.fd)
    sock = _bind_unix(listen.uds) if listen.uds is not None else _bind_tcp(listen)
    try:
        sock.listen(BACKLOG)
    except OSError as error:  # somebody bound the same port a moment ago
        sock.close()
        raise _tcp_error(listen, error) from None
    return sock


def hold_address(listen: Listen) -> tuple[socket.socket | None, Listen]:
    """Return a socket that holds the address for a server that binds it again, and the address in numbers.

    The socket does not listen, so the kernel gives it no connections. A Unix socket needs no holding and
    only its path is checked. Raises `AddressUnusable`.
    """
    if listen.uds is not None:
        _bind_unix(listen.uds).close()
        Path(listen.uds).unlink()
        return None, listen
    # First without SO_REUSEPORT: with it, another server that uses it would go unnoticed.
    with _bind_tcp(listen) as sock:
        host, port = sock.getsockname()[:2]
    listen = replace(listen, host=host, port=port)
    holder = socket.socket(sock.family)
    # SO_REUSEADDR, too: connections that a server closed a minute ago still have the port (TIME_WAIT).
    for setting in (socket.SO_REUSEADDR, socket.SO_REUSEPORT):
        holder.setsockopt(socket.SOL_SOCKET, setting, 1)
    try:
        holder.bind((host, port))
    except OSError as error:  # somebody took it just now
        holder.close()
        raise _tcp_error(listen, error) from None
    return holder, listen


def remove_socket_file(listen: Listen) -> None:
    """Remove the file of a Unix socket that nobody listens on any more."""
    if listen.uds is not None:
        with suppress(FileNotFoundError):  # some servers remove it themselves
            Path(listen.uds).unlink()


# ---------------------------------------------------------------- TCP


def _bind_tcp(listen: Listen) -> socket.socket:
    family, address = _resolve(listen)
    sock = socket.socket(family)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind(address)
    except OSError as error:
        sock.close()
        raise _tcp_error(listen, error) from None
    return sock


def _resolve(listen: Listen) -> tuple[socket.AddressFamily, tuple[str, int]]:
    host = listen.host.strip("[]") or "0.0.0.0"  # noqa: S104 - an empty host means every interface, as in socket
    try:
        found = socket.getaddrinfo(host, listen.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except socket.gaierror:
        raise AddressUnusable(
            f"{listen.host}:{listen.port}",
            f"the name {listen.host!r} has no address",
            "Give an address of this machine: --host 127.0.0.1, or --host 0.0.0.0 for all of them.",
        ) from None
    # IPv4 first: of the two addresses of `localhost` it is the one that every client tries.
    family, _, _, _, address = min(found, key=lambda entry: entry[0] != socket.AF_INET)
    return family, (str(address[0]), int(address[1]))


def _tcp_error(listen: Listen, error: OSError) -> AddressUnusable:
    place = f"{listen.host}:{listen.port}"
    if error.errno == errno.EADDRINUSE:
        free = _free_neighbour(listen)
        other = (
            f"Stop it, or take another port: --port {free} is free."
            if free
            else "Stop it, or take another port."
        )
        return AddressUnusable(
            place, "another program listens there", other, "--port 0 lets the system choose one."
        )
    if error.errno == errno.EACCES:
        return AddressUnusable(
            place,
            "ports below 1024 need a privilege that this user does not have",
            "Take a higher port, such as --port 8000, and let a reverse proxy have the low one.",
        )
    if error.errno == errno.EADDRNOTAVAIL:
        return AddressUnusable(
            place,
            "no interface of this machine has that address",
            "Use --host 127.0.0.1 for this machine only, or --host 0.0.0.0 for every interface.",
        )
    return AddressUnusable(place, (error.strerror or str(error)).lower())


def _free_neighbour(listen: Listen) -> int | None:
    for port in range(listen.port + 1, min(listen.port + 1 + NEIGHBOURS, 65536)):
        family, address = _resolve(replace(listen, port=port))
        with socket.socket(family) as sock, suppress(OSError):
            sock.bind(address)
            return port
    return None


# ---------------------------------------------------------------- Unix sockets


def _bind_unix(path: str) -> socket.socket:
    _clear_unix(path)
    sock = socket.socket(socket.AF_UNIX)
    try:
        sock.bind(path)
        # As uvicorn does: the folder decides who gets at the socket, its own mode would shut a proxy out.
        Path(path).chmod(0o666)
    except OSError as error:
        sock.close()
        raise _unix_error(path, error) from None
    return sock


def _clear_unix(path: str) -> None:
    """Remove what a server that crashed has left at `path`; raise if it is anything else."""
    try:
        mode = Path(path).stat().st_mode
    except OSError:  # not there; or not to be seen, which bind will say
        return
    if not stat.S_ISSOCK(mode):
        raise AddressUnusable(f"the Unix socket {path}", "there is a file of that name, which is no socket")
    if _answers(path):
        raise AddressUnusable(
            f"the Unix socket {path}", "another program listens there", "Stop it, or take another path."
        )
    Path(path).unlink()


def _answers(path: str) -> bool:
    with socket.socket(socket.AF_UNIX) as sock:
        try:
            sock.connect(path)
        except OSError:
            return False
        return True


def _unix_error(path: str, error: OSError) -> AddressUnusable:
    folder = Path(path).absolute().parent
    if not folder.is_dir():
        return AddressUnusable(
            f"the Unix socket {path}", f"there is no folder {folder}", "Make it:", f"  mkdir -p {folder}"
        )
    if error.errno == errno.EACCES:
        problem = f"this user may not write to the folder {folder}"
        return AddressUnusable(
            f"the Unix socket {path}", problem, "Take a folder that this user may write to."
        )
    if "too long" in str(error):
        problem = "the path is longer than the system allows for a socket, about 100 bytes"
        return AddressUnusable(
            f"the Unix socket {path}", problem, "Take a shorter one, such as /tmp/app.sock."
        )
    return AddressUnusable(f"the Unix socket {path}", (error.strerror or str(error)).lower())
