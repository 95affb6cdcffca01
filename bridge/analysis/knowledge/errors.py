"""What can be wrong with a knowledge file or with a user's own rows."""

from __future__ import annotations

from bridge.errors import BridgeError

__all__ = ["DuplicateRow", "InvalidRow"]


class InvalidRow(BridgeError, ValueError):
    """A row says something that no row can say. `where` is "requests.toml, calls 3 (of = 'requests.Session')"."""

    def __init__(self, where: str, problem: str, instead: str) -> None:
        super().__init__(f"{where}: {problem}; {instead}")
        self.where = where
        self.problem = problem
        self.instead = instead


class DuplicateRow(BridgeError, ValueError):
    """Two rows are about the same name."""

    def __init__(self, name: str, first: str, second: str) -> None:
        super().__init__(
            f"{name!r} has a row in {first} and another in {second}: keep one of them (other spellings of a name go "
            "into [aliases])"
        )
        self.name = name
        self.first = first
        self.second = second
