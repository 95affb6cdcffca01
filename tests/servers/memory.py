"""How much memory a process holds; Linux only, where CI runs."""

from __future__ import annotations

import re
from pathlib import Path

__all__ = ["resident_bytes"]


def resident_bytes(pid: int) -> int:
    """Return the resident set in bytes, 0 where the system does not tell."""
    status = Path(f"/proc/{pid}/status")
    if not status.exists():
        return 0
    found = re.search(r"^VmRSS:\s+(\d+) kB$", status.read_text("ascii"), re.MULTILINE)
    assert found is not None
    return int(found[1]) * 1024
