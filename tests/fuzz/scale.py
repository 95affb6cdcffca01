"""How much is tried: `WSGI_BRIDGE_FUZZ=20 scripts/test tests/fuzz` tries twenty times as much."""

from __future__ import annotations

import os

__all__ = ["FACTOR"]

FACTOR = int(os.environ.get("WSGI_BRIDGE_FUZZ", "1"))
