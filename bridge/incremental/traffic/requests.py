"""One request as it was made once, and what can be wrong with a file of them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from bridge.errors import BridgeError

__all__ = ["RecordedRequest", "Traffic", "TrafficUnreadable"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedRequest:
    """`target` is path and query as they were sent, still quoted. `session` tells clients apart; requests of one
    are replayed in order, and share their cookies. `status`: what it was answered with, None if not known.
    """

    method: str
    target: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    session: str = ""
    status: int | None = None

    @property
    def path(self) -> str:
        """Return the path alone, still quoted."""
        return self.target.partition("?")[0]


@dataclass(slots=True)
class Traffic:
    """The requests of a file, and how many entries of it were left out, by reason."""

    requests: list[RecordedRequest] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)


class TrafficUnreadable(BridgeError, ValueError):
    """A file of traffic cannot be read."""

    def __init__(self, file: str, problem: str) -> None:
        super().__init__(f"{file}: {problem}")
        self.file = file
        self.problem = problem
