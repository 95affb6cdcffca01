"""What happened at run time: metrics."""

from __future__ import annotations

__all__: list[str] = []
