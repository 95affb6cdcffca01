"""CPU time and memory of a process and all its descendants, from Linux's /proc and per-process CPU clocks."""

from __future__ import annotations

import re
import sys
import time
from pathlib import Path

__all__ = [
    "AVAILABLE",
    "cpu_seconds",
    "descendants",
    "field_kib",
    "parent_of",
    "peak_bytes",
    "reset_peak",
    "resident_bytes",
]

AVAILABLE = sys.platform == "linux"  # elsewhere CPU and memory columns stay empty
_PROC = Path("/proc")
_CLOCK_OF_PROCESS = 2  # CPUCLOCK_SCHED in the kernel's posix-timers.h: nanoseconds of user and system time


def cpu_seconds(pids: list[int]) -> float:
    """User and system time of the given processes so far, ended threads included, to the nanosecond.

    /proc/PID/stat counts in ticks of 10 ms, too coarse for a 100 ms stream; the clock id of a process is
    `(~pid << 3) | 2` (clock_getcpuclockid(3) computes just this). Raises OSError when a process is gone.
    """
    return sum(time.clock_gettime((~pid << 3) | _CLOCK_OF_PROCESS) for pid in pids)


def reset_peak(pids: list[int]) -> None:
    """Sets VmHWM back to the memory held now (proc(5), /proc/PID/clear_refs, value 5)."""
    for pid in pids:
        (_PROC / str(pid) / "clear_refs").write_text("5", encoding="ascii")


def peak_bytes(pids: list[int]) -> int:
    """Sum of the peaks of resident memory since `reset_peak`; an upper bound of the peak of the sum."""
    return _memory(pids, "VmHWM")


def resident_bytes(pids: list[int]) -> int:
    """Resident memory now; pages shared between the processes count once for each."""
    return _memory(pids, "VmRSS")


def descendants(root: int) -> list[int]:
    """`root` and every process below it."""
    parents = _parents()
    found = [root]
    for pid in found:  # grows while it is walked: breadth first
        found.extend(child for child, parent in parents.items() if parent == pid)
    return found


def parent_of(stat: str) -> int:
    """The parent's id in a line of /proc/PID/stat; the name in front may hold spaces and brackets."""
    return int(stat.rpartition(")")[2].split()[1])


def field_kib(status: str, field: str) -> int:
    """A `kB` field of /proc/PID/status, in KiB. Raises ValueError when it is missing, as for a zombie."""
    match = re.search(rf"^{field}:\s+(\d+) kB$", status, re.MULTILINE)
    if match is None:
        raise ValueError(f"no {field} in /proc/PID/status: the process has ended")
    return int(match[1])


def _memory(pids: list[int], field: str) -> int:
    return 1024 * sum(field_kib((_PROC / str(pid) / "status").read_text(), field) for pid in pids)


def _parents() -> dict[int, int]:
    parents = {}
    for path in _PROC.glob("[0-9]*/stat"):
        try:
            parents[int(path.parent.name)] = parent_of(path.read_text(errors="replace"))
        except (FileNotFoundError, ProcessLookupError):  # it ended while we looked
            continue
    return parents
