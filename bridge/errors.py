"""The errors that wsgi-bridge raises, all below `BridgeError`.

Every class builds its message from its arguments and keeps them as attributes, so a caller can
match on facts instead of text. A message says what was got, what was expected and what to write
instead.
"""

from __future__ import annotations

__all__ = ["BridgeError"]


class BridgeError(Exception):
    """The base of every error that wsgi-bridge raises on purpose."""
