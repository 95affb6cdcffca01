"""Which core serves and which one asks: without this the two fight and the figures wander."""

from __future__ import annotations

import os
from dataclasses import dataclass

__all__ = ["Pinning", "choose"]


@dataclass(frozen=True, slots=True)
class Pinning:
    """The core of the server and that of the load generator; None leaves both to the scheduler."""

    server: int | None
    generator: int | None

    def describe(self) -> str:
        """One sentence for the report's head."""
        if self.server is None:
            return "not pinned: server and load generator share all cores"
        return f"server pinned to core {self.server}, load generator to core {self.generator}"

    def pin_server(self, pid: int) -> None:
        """Holds a process that has just started, and the threads it will start, to the server's core."""
        if self.server is not None:
            os.sched_setaffinity(pid, {self.server})

    def pin_generator(self) -> None:
        """Holds this process, and the generators it will start, to the generator's core."""
        if self.generator is not None:
            os.sched_setaffinity(0, {self.generator})


def choose(cores: list[int], *, wanted: bool) -> Pinning:
    """The first core serves, the second asks; nothing is pinned on one core or when it is not wanted."""
    if not wanted or len(cores) < 2:
        return Pinning(server=None, generator=None)
    return Pinning(server=cores[0], generator=cores[1])
