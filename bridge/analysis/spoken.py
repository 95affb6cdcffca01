"""How a sink is called in a sentence: as its user would say it."""

from __future__ import annotations

__all__ = ["spoken"]

RELATION = "Descriptor.__get__"  # Django's and SQLAlchemy's descriptors behind attributes that load


def spoken(sink: str) -> str:
    """Return `open` for builtins.open, and words for what has no name in anybody's code."""
    if sink.endswith(RELATION):
        return "the attribute of a related object"
    return sink.removeprefix("builtins.")
