"""Registers as nodes, values flowing along edges, one worklist.

A value that reaches a node once flows on once: along the node's edges, and to its watchers, which add edges and
nodes for it. Everything only grows, so the order of work does not change where it ends (but for the few choices
by first match, as in a class's order of resolution). A crowded node takes no more *minor* values (constants,
containers, external names) but `unknown`, which stands for all of them;
a junction takes no more values at all.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Set as AbstractSet

__all__ = ["Flow", "Watcher"]

CROWDED = 24  # values; a register with more is a junction, and another external name says nothing any more

JUNCTION = 150  # values; everything passes here, and following it would connect everything with everything

FEW_TARGETS = 16  # below, a list is smaller and as fast

# What most registers hold for long; a set of their own each would be much of the memory.
NOTHING: AbstractSet[int] = frozenset()

Watcher = Callable[[int], None]


class Flow:
    """The assignment graph and its worklist."""

    def __init__(self, kinds: list[int], minor: frozenset[int], *, unknown: int) -> None:
        self._kinds, self._minor, self.unknown = kinds, minor, unknown
        self.holds: list[AbstractSet[int]] = []
        self._singles: dict[
            int, frozenset[int]
        ] = {}  # value -> what every node holds that holds nothing else
        self._targets: list[list[int] | dict[int, None] | None] = []  # a dictionary where they are many
        self._watchers: list[list[Watcher] | None] = []
        self._fresh: dict[int, set[int]] = {}
        self._queue: deque[int] = deque()

    def nodes(self, count: int) -> int:
        """Return the first of `count` new nodes, which follow each other."""
        first = len(self.holds)
        self.holds.extend([NOTHING] * count)
        self._targets.extend([None] * count)
        self._watchers.extend([None] * count)
        return first

    def node(self) -> int:
        """Return a new node."""
        return self.nodes(1)

    def add(self, node: int, values: Iterable[int]) -> None:
        """Put `values` into `node`."""
        held = self.holds[node]
        new = set(values)
        new -= held
        if len(held) + len(new) > CROWDED:
            new = self._thinned(new, held)
        if new:
            if held.__class__ is set:
                held |= new
            elif held or len(new) > 1:
                self.holds[node] = new | held
            else:
                self.holds[node] = self._single(new)
            waiting = self._fresh.get(node)
            if waiting is None:
                self._fresh[node] = new
                self._queue.append(node)
            else:
                waiting |= new

    def _single(self, new: set[int]) -> frozenset[int]:
        """Return the one value of `new` as a set that all its nodes share: most registers hold one value for good."""
        (value,) = new
        shared = self._singles.get(value)
        if shared is None:
            shared = self._singles[value] = frozenset(new)
        return shared

    def _thinned(self, new: set[int], held: AbstractSet[int]) -> set[int]:
        """Keep what is the project's own, and one mark that says that more was here."""
        if len(held) > JUNCTION:
            return {self.unknown} - held
        kinds, minor = self._kinds, self._minor
        kept = {value for value in new if kinds[value] not in minor}
        if len(kept) < len(new) and self.unknown not in held:
            kept.add(self.unknown)
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
        elif isinstance(targets, dict):
            targets[target] = None
        elif len(targets) < FEW_TARGETS:
            targets.append(target)
        else:
            self._targets[source] = dict.fromkeys((*targets, target))
        if self.holds[source]:
            self.add(target, self.holds[source])

    def watch(self, node: int, watcher: Watcher) -> None:
        """Call `watcher` once with every value that reaches `node`, also with those that are there already."""
        watchers = self._watchers[node]
        if watchers is None:
            self._watchers[node] = [watcher]
        else:
            watchers.append(watcher)
        held = self.holds[node]
        if held:
            fresh = self._fresh.get(node, NOTHING)
            for value in held - fresh:
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
