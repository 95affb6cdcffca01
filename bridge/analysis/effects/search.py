"""From one root: the shortest chain to every sink, first without threads, then through them."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator

from bridge.analysis.effects.graph import Call, Graph
from bridge.analysis.model import Confidence, Context, Step, Witness

__all__ = ["reachable", "witnesses_of"]

Came = dict[int, tuple[int, Call] | None]  # instance -> how the search came to it


def witnesses_of(graph: Graph, start: int, relevant: set[int], role: str) -> tuple[Witness, ...]:
    """Return a witness for each (sink, place) that the instance `start` reaches, the shortest chain first.

    `relevant` are the instances that reach a sink at all; `role` is what the start is for. A sink is `OFFLOADED` where every way to it goes
    through a thread; else its chain is the shortest that does not.
    """
    here: Came = {start: None}
    handed: list[tuple[int, Call]] = []
    found: dict[tuple[str, str, int], Witness] = {}
    for instance in _spread(graph, here, [start], relevant, handed):
        _collect(graph, instance, here, Context.REQUEST, found, role=role)
    elsewhere = _behind(here, handed)
    targets = [call.target for _, call in handed if call.target not in here]
    for instance in _spread(graph, elsewhere, targets, relevant, None):
        _collect(graph, instance, elsewhere, Context.OFFLOADED, found, role=role)
    return tuple(found.values())


def _behind(here: Came, handed: list[tuple[int, Call]]) -> Came:
    """Return where the search in other threads starts: from the way that led to the hand-over."""
    came: Came = dict(here)
    for caller, call in handed:
        if call.target not in here:
            came.setdefault(call.target, (caller, call))
    return came


def _spread(
    graph: Graph, came: Came, start: Iterable[int], relevant: set[int], handed: list[tuple[int, Call]] | None
) -> Iterator[int]:
    """Yield instances, the nearest first. `handed` takes the hand-overs to threads; None: they are passed."""
    queue = deque(dict.fromkeys(start))
    seen = set(queue)
    while queue:
        instance = queue.popleft()
        yield instance
        for call in graph.calls.get(instance, ()):
            if call.target not in relevant:
                continue
            if call.offloads and handed is not None:
                handed.append((instance, call))
            elif call.target not in came:
                came[call.target] = (instance, call)
                if call.target not in seen:
                    seen.add(call.target)
                    queue.append(call.target)


def _collect(
    graph: Graph,
    instance: int,
    came: Came,
    context: Context,
    found: dict[tuple[str, str, int], Witness],
    *,
    role: str,
) -> None:
    for call in graph.sinks.get(instance, ()):
        where = Context.OFFLOADED if call.offloads else context
        key = (call.sink, graph.symbol(instance), call.site.line)
        known = found.get(key)
        if known is None or (known.context is Context.OFFLOADED and where is not Context.OFFLOADED):
            found[key] = _witness(graph, instance, call, came, where, role=role)


def _witness(graph: Graph, instance: int, call: Call, came: Came, context: Context, *, role: str) -> Witness:
    way = _way(came, instance)
    return Witness(
        sink=call.sink,
        written=call.written,
        symbol=graph.symbol(instance),
        file=graph.file(instance),
        line=call.site.line,
        column=graph.state.column(call.site),
        chain=(*_steps(graph, way), graph.step(instance, call)),
        in_loop=call.in_loop or any(each.in_loop for _, each in way),
        context=context,
        confidence=_confidence(way, call),
        role=role,
        attributes=call.attributes,
        templates=call.templates,
    )


def _confidence(way: list[tuple[int, Call]], call: Call) -> Confidence:
    if call.is_open or any(each.is_wide for _, each in way):
        return Confidence.LOW
    return Confidence.HIGH if all(each.is_sure for _, each in way) else Confidence.MEDIUM


def _way(came: Came, instance: int) -> list[tuple[int, Call]]:
    way: list[tuple[int, Call]] = []
    arrival = came[instance]
    while arrival is not None:
        way.append(arrival)
        arrival = came[arrival[0]]
    return way[::-1]


def _steps(graph: Graph, way: list[tuple[int, Call]]) -> Iterator[Step]:
    for caller, call in way:
        yield graph.step(caller, call)


def reachable(graph: Graph, start: int) -> set[int]:
    """Return the instances that `start` leads to, itself among them, threads included."""
    seen = {start}
    pending = [start]
    while pending:
        for call in graph.calls.get(pending.pop(), ()):
            if call.target not in seen:
                seen.add(call.target)
                pending.append(call.target)
    return seen
