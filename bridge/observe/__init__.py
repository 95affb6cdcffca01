"""What happened at run time: metrics; `trace/` runs inside the processes of `wsgi-bridge trace`."""

from __future__ import annotations

__all__: list[str] = []
