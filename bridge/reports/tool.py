"""What the tool is called in the formats that name it."""

from __future__ import annotations

from bridge.version import __version__ as VERSION  # noqa: N812 - a constant of this module, too

__all__ = ["NAME", "VERSION"]

NAME = "wsgi-bridge"
