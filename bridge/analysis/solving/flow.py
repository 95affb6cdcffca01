"""Registers as nodes, values flowing along edges, one worklist.

A value that reaches a node once flows on once: along the node's edges, and to its watchers, which add edges and
nodes for it. Everything only grows, so the order of work does not change where it ends (but for the few choices
by first match, as in a class's order of resolution). A crowded node takes no more *minor* values (constants,
containers, external names) but `unknown`, which stands for all of them;
a junction takes no more values at all.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable

__all__ = ["Flow", "Watcher"]

CROWDED = 24  # values; a register with more is a junction, and another external name says nothing any more

JUNCTION = 150  # values; everything passes here, and following it would connect everything with everything

Watcher = Callable[[int], None]


class Flow:
    """The assignment graph and its worklist."""

    def __init__(self, kinds: list[int], minor: frozenset[int], *, unknown: int) -> None:
        self._kinds, self._minor, self._unknown = kinds, minor, unknown
        self.holds: list[set[int]] = []
        self._targets: list[list[int] | None] = []
        self._watchers: list[list[Watcher] | None] = []
        self._fresh: dict[int, set[int]] = {}
        self._queue: deque[int] = deque()

    def nodes(self, count: int) -> int:
        """Return the first of `count` new nodes, which follow each other."""
        first = len(self.holds)
        self.holds.extend(set() for _ in range(count))
        self._targets.extend([None] * count)
        self._watchers.extend([None] * count)
        return first

    def node(self) -> int:
        """Return a new node."""
        return self.nodes(1)

    def add(self, node: int, values: Iterable[int]) -> None:
        """Put `values` into `node`."""
        held = self.holds[node]
        new = {value for value in values if value not in held}
        if len(held) + len(new) > CROWDED:
            new = self._thinned(new, held)
        if new:
            held |= new
            waiting = self._fresh.get(node)
            if waiting is None:
                self._fresh[node] = new
                self._queue.append(node)
            else:
                waiting |= new

    def _thinned(self, new: set[int], held: set[int]) -> set[int]:
        """Keep what is the project's own, and one mark that says that more was here."""
        if len(held) > JUNCTION:
            return {self._unknown} - held
        kinds, minor = self._kinds, self._minor
        kept = {value for value in new if kinds[value] not in minor}
        if len(kept) < len(new) and self._unknown not in held:
            kept.add(self._unknown)
        return kept

    def edge(self, source: int, target: int) -> None:
        """Let everything that reaches `source` reach `target`."""
        if source == target:
            return
        targets = self._targets[source]
        if targets is None:
            self._targets[source] = [target]
        elif target in targets:
            return
        else:
            targets.append(target)
        if self.holds[source]:
            self.add(target, self.holds[source])

    def watch(self, node: int, watcher: Watcher) -> None:
        """Call `watcher` once with every value that reaches `node`, also with those that are there already."""
        watchers = self._watchers[node]
        if watchers is None:
            self._watchers[node] = [watcher]
        else:
            watchers.append(watcher)
        fresh = self._fresh.get(node, ())
        for value in [value for value in self.holds[node] if value not in fresh]:
            watcher(value)

    def solve(self) -> None:
        """Work until nothing moves."""
        while self._queue:
            node = self._queue.popleft()
            values = self._fresh.pop(node)
            for target in self._targets[node] or ():
                self.add(target, values)
            for watcher in self._watchers[node] or ():
                for value in sorted(values):
                    watcher(value)
