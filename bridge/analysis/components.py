"""Cycles of a graph put together (Tarjan), without recursion: a project's calls nest deeper than Python's stack."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

__all__ = ["components"]

Graph = Mapping[str, Collection[str]]


def components(graph: Graph) -> tuple[tuple[str, ...], ...]:
    """Return the strongly connected components, what is called before what calls it; each sorted."""
    search = _Search(graph)
    for start in graph:
        if start not in search.order:
            search.run(start)
    return tuple(search.found)


class _Search:
    """Tarjan's algorithm: `order` is when a node was met, `lowest` the first on the path that it leads back to."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self.order: dict[str, int] = {}
        self.found: list[tuple[str, ...]] = []
        self._lowest: dict[str, int] = {}
        self._path: list[str] = []
        self._on_path: set[str] = set()
        self._work: list[tuple[str, Iterator[str]]] = []

    def run(self, start: str) -> None:
        """Find the components that `start` leads to."""
        self._open(start)
        while self._work:
            name, callees = self._work[-1]
            callee = next(callees, None)
            if callee is None:
                self._leave(name)
            elif callee not in self.order:
                self._open(callee)
            elif callee in self._on_path:
                self._lowest[name] = min(self._lowest[name], self.order[callee])

    def _open(self, name: str) -> None:
        self.order[name] = self._lowest[name] = len(self.order)
        self._path.append(name)
        self._on_path.add(name)
        self._work.append((name, iter(sorted(self._graph.get(name, ())))))

    def _leave(self, name: str) -> None:
        self._work.pop()
        if self._work:
            caller = self._work[-1][0]
            self._lowest[caller] = min(self._lowest[caller], self._lowest[name])
        if self._lowest[name] == self.order[name]:
            members = [self._path.pop()]
            while members[-1] != name:
                members.append(self._path.pop())
            self._on_path.difference_update(members)
            self.found.append(tuple(sorted(members)))
