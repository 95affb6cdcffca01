"""A layered drawing of a directed graph (Sugiyama's method): who leads to whom, from left to right.

    1. an edge that closes a cycle is left out of the layering
    2. a node stands one layer right of the furthest of those that lead to it; sinks stand in the last one
    3. an edge over several layers gets a bend in each, so that it passes between nodes and not under them
    4. the order within a layer follows the average place of the neighbours, swept back and forth
    5. places: layers side by side, every layer centred

Deterministic: the same graph gives the same drawing.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

__all__ = ["Drawing", "Line", "Node", "draw"]

SWEEPS = 8  # back and forth; more changes nothing in graphs that a person can read
NODE_WIDTH, NODE_HEIGHT = 190, 26  # SVG units, pixels at scale 1
GAP_X, GAP_Y = 70, 12
BEND_HEIGHT = 6  # the room that a passing edge takes


@dataclass(frozen=True, slots=True)
class Node:
    """A box; x and y are its upper left corner."""

    name: str
    x: float
    y: float
    width: int = NODE_WIDTH
    height: int = NODE_HEIGHT


@dataclass(frozen=True, slots=True)
class Line:
    """An edge as the points that its curve goes through, from the right side of a box to the left side of another."""

    start: str
    end: str
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Drawing:
    """Nodes and lines within `width` and `height`."""

    nodes: tuple[Node, ...]
    lines: tuple[Line, ...]
    width: float
    height: float


Edge = tuple[str, str]
Slot = tuple[str, ...]  # a node: (name,); a bend of an edge: (start, end, layer)


def draw(nodes: Sequence[str], edges: Iterable[Edge], *, last: Iterable[str] = ()) -> Drawing:
    """Return the drawing of `nodes` and the edges between them; those in `last` stand in the last layer."""
    known = set(nodes)
    forward = _without_cycles(nodes, sorted({e for e in edges if e[0] != e[1] and known.issuperset(e)}))
    layer_of = _layers(nodes, forward, set(last))
    layers, chains = _slots(nodes, forward, layer_of)
    _order(layers, chains)
    return _placed(layers, chains)


def _without_cycles(nodes: Sequence[str], edges: list[Edge]) -> list[Edge]:
    """Return the edges without those that lead back to a node on the way to them."""
    following = defaultdict(list)
    for start, end in edges:
        following[start].append(end)
    kept: list[Edge] = []
    done: set[str] = set()
    for root in nodes:
        way: dict[str, Iterable[str]] = {}
        stack = [] if root in done else [root]
        while stack:
            node = stack[-1]
            rest = way.setdefault(node, iter(following[node]))
            for end in rest:
                if end not in way:
                    kept.append((node, end))
                    if end not in done:
                        stack.append(end)
                        break
            else:
                stack.pop()
                del way[node]
                done.add(node)
    return kept


def _layers(nodes: Sequence[str], edges: list[Edge], last: set[str]) -> dict[str, int]:
    leading = defaultdict(list)
    for start, end in edges:
        leading[end].append(start)
    layer_of: dict[str, int] = {}
    pending = list(nodes)
    while pending:  # every round settles at least one node, as there is no cycle
        settled = [node for node in pending if all(each in layer_of for each in leading[node])]
        for node in settled:
            layer_of[node] = max((layer_of[each] + 1 for each in leading[node]), default=0)
        pending = [node for node in pending if node not in layer_of]
    right = max((layer for node, layer in layer_of.items()), default=0)
    right += any(layer_of[node] == right for node in layer_of if node not in last and last)
    return {node: right if node in last else layer for node, layer in layer_of.items()}


def _slots(
    nodes: Sequence[str], edges: list[Edge], layer_of: Mapping[str, int]
) -> tuple[list[list[Slot]], list[list[Slot]]]:
    """Return the slots of each layer, and for each edge its slots from start to end."""
    layers: list[list[Slot]] = [[] for _ in range(max(layer_of.values(), default=-1) + 1)]
    for node in nodes:
        layers[layer_of[node]].append((node,))
    chains = []
    for start, end in edges:
        bends = [(start, end, str(layer)) for layer in range(layer_of[start] + 1, layer_of[end])]
        for number, bend in enumerate(bends, start=layer_of[start] + 1):
            layers[number].append(bend)
        chains.append([(start,), *bends, (end,)])
    return layers, chains


def _order(layers: list[list[Slot]], chains: list[list[Slot]]) -> None:
    left, right = defaultdict(list), defaultdict(list)
    for chain in chains:
        for a, b in itertools.pairwise(chain):
            right[a].append(b)
            left[b].append(a)
    for _ in range(SWEEPS):
        _sweep(layers[1:], layers, left)
        _sweep(layers[-2::-1], layers, right)


def _sweep(order: list[list[Slot]], layers: list[list[Slot]], neighbours: Mapping[Slot, list[Slot]]) -> None:
    for layer in order:
        # As a share of the layer's length: layers with many slots must not push the others down.
        place = {slot: (i + 0.5) / len(each) for each in layers for i, slot in enumerate(each)}
        weights = {slot: _mean([place[n] for n in neighbours[slot]], place[slot]) for slot in layer}
        layer.sort(key=lambda slot: weights[slot])


def _mean(values: list[float], default: float) -> float:
    return sum(values) / len(values) if values else default


def _placed(layers: list[list[Slot]], chains: list[list[Slot]]) -> Drawing:
    heights = [sum(_height(slot) for slot in layer) + GAP_Y * (len(layer) - 1) for layer in layers]
    height = max(heights, default=0)
    middle: dict[Slot, tuple[float, float]] = {}
    nodes = []
    for number, layer in enumerate(layers):
        x, y = number * (NODE_WIDTH + GAP_X), (height - heights[number]) / 2
        for slot in layer:
            middle[slot] = (x, y + _height(slot) / 2)
            if len(slot) == 1:
                nodes.append(Node(slot[0], x, y))
            y += _height(slot) + GAP_Y
    lines = tuple(Line(chain[0][0], chain[-1][0], _points(chain, middle)) for chain in chains)
    width = len(layers) * (NODE_WIDTH + GAP_X) - GAP_X if layers else 0
    return Drawing(tuple(nodes), lines, width, height)


def _height(slot: Slot) -> int:
    return NODE_HEIGHT if len(slot) == 1 else BEND_HEIGHT


def _points(chain: list[Slot], middle: Mapping[Slot, tuple[float, float]]) -> tuple[tuple[float, float], ...]:
    points = []
    for slot in chain:
        x, y = middle[slot]
        if slot is not chain[0]:
            points.append((x, y))
        if slot is not chain[-1]:
            points.append((x + NODE_WIDTH, y))
    return tuple(points)
