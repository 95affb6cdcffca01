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

MOST_SHARED = 40  # values; sets up to here are kept once for all nodes that hold the same

FEW_TARGETS = 16  # below, a list is smaller and as fast

# What most registers hold for long; a set of their own each would be much of the memory.
NOTHING: AbstractSet[int] = frozenset()

Watcher = Callable[[int], None]


class Flow:
    """The assignment graph and its worklist."""

    def __init__(self, kinds: list[int], minor: frozenset[int], *, unknown: int) -> None:
        self._kinds, self._minor, self.unknown = kinds, minor, unknown
        self.holds: list[AbstractSet[int]] = []
        self._sets: dict[frozenset[int], frozenset[int]] = {}  # one set for all nodes that hold these values
        # Most nodes have one target or watcher, which stands here without a list; many targets are a dictionary.
        self._targets: list[int | list[int] | dict[int, None] | None] = []
        self._watchers: list[Watcher | list[Watcher] | None] = []
        self._fresh: dict[int, frozenset[int]] = {}
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
        fresh = values if isinstance(values, frozenset) else self._shared(frozenset(values))
        held = self.holds[node]
        if held is fresh:
            return
        if held or len(fresh) > CROWDED:
            self._join(node, held, fresh)
        elif fresh:  # most registers get what they hold at once
            self.holds[node] = self._fresh[node] = fresh
            self._queue.append(node)

    def _join(self, node: int, held: AbstractSet[int], values: frozenset[int]) -> None:
        """Put `values` beside what `node` holds, or many into one that holds nothing."""
        new = values - held
        if len(held) + len(new) > CROWDED:
            new = self._thinned(new, held)
        if not new:
            return
        if isinstance(held, set):
            held |= new
        else:
            both = new | held
            self.holds[node] = self._shared(both) if len(both) <= MOST_SHARED else set(both)
        waiting = self._fresh.get(node)
        if waiting is None:
            self._fresh[node] = self._shared(new)
            self._queue.append(node)
        else:
            self._fresh[node] = self._shared(waiting | new)

    def _shared(self, values: frozenset[int]) -> frozenset[int]:
        """Return these values as the set that all nodes share that hold them, or get them at once."""
        return self._sets.setdefault(values, values)

    def _thinned(self, new: frozenset[int], held: AbstractSet[int]) -> frozenset[int]:
        """Keep what is the project's own, and one mark that says that more was here."""
        if len(held) > JUNCTION:
            return frozenset({self.unknown}) - held
        kinds, minor = self._kinds, self._minor
        kept = frozenset(value for value in new if kinds[value] not in minor)
        return kept | ({self.unknown} - held) if len(kept) < len(new) else kept

    def edge(self, source: int, target: int) -> None:
        """Let everything that reaches `source` reach `target`."""
        if source == target:
            return
        targets = self._targets[source]
        if targets is None:
            self._targets[source] = target
        elif isinstance(targets, int):
            if targets == target:
                return
            self._targets[source] = [targets, target]
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
            self._watchers[node] = watcher
        elif isinstance(watchers, list):
            watchers.append(watcher)
        else:
            self._watchers[node] = [watchers, watcher]
        held = self.holds[node]
        fresh = self._fresh.get(node, NOTHING)
        if held is not fresh:
            for value in sorted(held - fresh):
                watcher(value)

    def solve(self) -> None:
        """Work until nothing moves."""
        queue, fresh, add = self._queue, self._fresh, self.add
        while queue:
            node = queue.popleft()
            values = fresh.pop(node)
            targets = self._targets[node]
            if isinstance(targets, int):
                add(targets, values)
            elif targets is not None:
                for target in targets:
                    add(target, values)
            watchers = self._watchers[node]
            if watchers is not None:
                in_order = values if len(values) == 1 else sorted(values)
                # Those that join meanwhile are told by `watch`.
                for watcher in tuple(watchers) if isinstance(watchers, list) else (watchers,):
                    for value in in_order:
                        watcher(value)
