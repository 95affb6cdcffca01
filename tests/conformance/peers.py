"""Whom the rows are asked through: one contract for the strict driver in process and for every server.

    reply = peer.ask(empty_list)                            a request and its whole response
    with peer.open(echo, length=4) as conversation: ...     in steps: a slow or a vanishing client

Contract and values are here; `tests.conformance.strict_peer` and `tests.servers.socket_peer` implement them.
"""

from __future__ import annotations

import abc
import itertools
import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

if TYPE_CHECKING:
    from typing_extensions import Self  # typing has it from 3.11 on

from tests.conformance.journal import WAIT_LIMIT
from tests.conformance.rows import Row

__all__ = ["Conversation", "Headers", "Peer", "Reply", "Request", "new_token", "pieces_of"]

Headers = list[tuple[bytes, bytes]]

_numbers = itertools.count(1)


def new_token() -> str:
    """Return a token that no other test has, in whatever process it runs."""
    return f"t{os.getpid()}-{next(_numbers)}"


@dataclass(frozen=True, slots=True)
class Reply:
    """A response as its client got it.

    `status` is 0 where the connection was closed instead of answered; header names are in lower case;
    `complete` is False where the client can tell that something is missing.
    """

    status: int
    headers: Headers
    body: bytes
    complete: bool
    interim: list[tuple[int, Headers]] = field(default_factory=list)
    trailers: Headers = field(default_factory=list)
    error: BaseException | None = None  # what the application raised, where there is no server between

    def header(self, name: bytes) -> bytes | None:
        """Return the first value of that name; None where there is none."""
        return next((value for key, value in self.headers if key == name), None)

    def headers_named(self, name: bytes) -> list[bytes]:
        """Return every value of that name, in order."""
        return [value for key, value in self.headers if key == name]

    def json(self) -> Any:
        """Return the value in a body of JSON; the response must be a good one."""
        assert (self.status, self.complete) == (200, True), self
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Request:
    """One request. `body`: bytes come with a Content-Length, a list of pieces without (chunked)."""

    row: Row
    method: str = "GET"
    target: bytes = b"/"
    headers: Sequence[tuple[bytes, bytes]] = ()
    body: bytes | Sequence[bytes] | None = None
    token: str = ""
    length: int | None = 0  # for `Peer.open`: bytes that will be sent; None: of unknown length

    def all_headers(self) -> Headers:
        """Return the headers, those that name row and token first; without framing and Host."""
        named = [(b"x-row", self.row.__name__.encode())]
        if self.token:
            named.append((b"x-token", self.token.encode()))
        return [*named, *self.headers]


class Conversation(abc.ABC):
    """One request and its response, step by step. Leaving the block ends what is left of both."""

    @abc.abstractmethod
    def send(self, block: bytes) -> None:
        """Send a part of the request body."""

    @abc.abstractmethod
    def end(self) -> None:
        """End the request body."""

    @abc.abstractmethod
    def await_body(self, size: int) -> None:
        """Wait until at least `size` bytes of response body have come. Raises where it ends before."""

    @abc.abstractmethod
    def reply(self) -> Reply:
        """Wait for the end of the response."""

    @abc.abstractmethod
    def leave(self) -> None:
        """Go away without a word: the connection is closed, or the stream reset."""

    def __enter__(self) -> Self:
        return self

    @abc.abstractmethod
    def __exit__(self, *exc_info: object) -> None: ...


class Peer(abc.ABC):
    """Answers requests with the rows behind the bridge."""

    name: str
    http2 = False
    patience = WAIT_LIMIT  # seconds to wait for a note; less where it is known not to come

    @abc.abstractmethod
    def exchange(self, request: Request) -> Reply:
        """Send a request and return its response."""

    @abc.abstractmethod
    def begin(self, request: Request) -> Conversation:
        """Send a request's head; it has a body if `length` is not 0."""

    def ask(
        self,
        row: Row,
        target: bytes = b"/",
        *,
        method: str = "GET",
        headers: Sequence[tuple[bytes, bytes]] = (),
        body: bytes | Sequence[bytes] | None = None,
        token: str = "",
    ) -> Reply:
        """Send a request and return its response."""
        return self.exchange(Request(row, method, target, headers, body, token))

    def open(
        self,
        row: Row,
        target: bytes = b"/",
        *,
        method: str = "POST",
        headers: Sequence[tuple[bytes, bytes]] = (),
        length: int | None = 0,
        token: str = "",
    ) -> Conversation:
        """Begin a conversation; `length` of its body in bytes, None for one of unknown length."""
        return self.begin(Request(row, method, target, headers, None, token, length))

    # ------------------------------------------------------------ beside the request under test

    def notes(self, token: str, *, until: str = "") -> list[str]:
        """Return what the application noted; `until` waits for a note, for a while."""
        from tests.conformance.apps.control import notes

        asked = {"token": token, "until": until, "limit": self.patience}
        found: list[str] = self.ask(notes, _target(asked)).json()
        return found

    def tell(self, token: str, text: str) -> None:
        """Write a note for an application that waits for it."""
        from tests.conformance.apps.control import tell

        self.ask(tell, _target({"token": token, "text": text})).json()

    def logged(self, about: str) -> list[dict[str, str]]:
        """Return the records that the bridge has logged about something: name, level, message, error."""
        from tests.conformance.apps.control import log

        found: list[dict[str, str]] = self.ask(log, _target({"about": about})).json()
        return found

    def active(self) -> int:
        """Return how many requests the executor is running, beside the one that asks."""
        from tests.conformance.apps.control import statistics

        active: int = self.ask(statistics).json()["active"]
        return active - 1


def _target(query: dict[str, object]) -> bytes:
    return b"/control?" + urlencode(query).encode()


def pieces_of(body: bytes | Iterable[bytes] | None) -> list[bytes]:
    """Return a request's body in the pieces it is sent in."""
    if body is None:
        return []
    return [body] if isinstance(body, bytes) else list(body)
