"""Which page to visit next: breadth first, and not the same page with a thousand different numbers."""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Callable
from urllib.parse import parse_qsl, urlsplit

__all__ = ["Frontier", "Targets", "shape_of"]

Targets = tuple[str, str, str]  # one for each server: an application may make up names at random
_VARYING = re.compile(
    r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{12,}|\d+"
)  # UUID, digest, number


def shape_of(target: str) -> str:
    """What makes two targets the same kind of page: numbers and query values don't count."""
    parts = urlsplit(target)
    keys = sorted({key for key, _ in parse_qsl(parts.query, keep_blank_values=True)})
    return _VARYING.sub("#", parts.path) + ("?" + "&".join(keys) if keys else "")


class Frontier:
    """What is still to be visited. A target is known by its first server's spelling."""

    def __init__(
        self, *, depth: int, limit: int, per_shape: int, skips: Callable[[str], bool] = lambda _: False
    ) -> None:
        self._depth, self._limit, self._per_shape, self._skips = depth, limit, per_shape, skips
        self._waiting: deque[tuple[Targets, int]] = deque()
        self._seen: set[str] = set()
        self._shapes: Counter[str] = Counter()

    def add(self, targets: Targets, depth: int) -> None:
        """Queue a page, unless it was, or is too deep, too far down the list, or one too many of its kind."""
        name = targets[0]
        if name in self._seen or depth > self._depth or len(self._seen) >= self._limit or self._skips(name):
            return
        shape = shape_of(name)
        if self._shapes[shape] < self._per_shape:
            self._shapes[shape] += 1
            self._seen.add(name)
            self._waiting.append((targets, depth))

    def maybe_next(self) -> tuple[Targets, int] | None:
        """The next page and its depth; None when all are done."""
        return self._waiting.popleft() if self._waiting else None
