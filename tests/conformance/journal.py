"""What the applications under test write down, and how a test, on the other side of a server, reads it.

    application                      test
    -----------                      ----
    journal.note(token, "closed")    peer.notes(token, until="closed") -> ["started", "closed"]
    journal.wait(token, "go") <----- peer.tell(token, "go")

A token belongs to one test, so that tests do not disturb each other on a server that they share.
"""

from __future__ import annotations

import threading
from collections import defaultdict

__all__ = ["WAIT_LIMIT", "Journal", "journal"]

WAIT_LIMIT = 10.0  # seconds that one side waits for the other; generous for two busy cores


class Journal:
    """Notes by token, in order; may be written and read in any thread."""

    def __init__(self) -> None:
        self._notes: defaultdict[str, list[str]] = defaultdict(list)
        self._changed = threading.Condition()

    def note(self, token: str, text: str) -> None:
        """Add a note, and wake those who wait for it."""
        with self._changed:
            self._notes[token].append(text)
            self._changed.notify_all()

    def wait(self, token: str, text: str, limit: float = WAIT_LIMIT) -> list[str]:
        """Return the notes once `text` is among them, or as they are after `limit` seconds."""
        with self._changed:
            self._changed.wait_for(lambda: text in self._notes[token], limit)
            return list(self._notes[token])

    def read(self, token: str) -> list[str]:
        """Return the notes as they are now."""
        with self._changed:
            return list(self._notes[token])


journal = Journal()
