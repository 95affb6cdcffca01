"""The important part of a report as a graph: routes, the functions that most of them share, what these wait for."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from bridge.analysis.model import Finding, Report, RouteReport
from bridge.reports.layered import Drawing, draw
from bridge.reports.wording import counted

__all__ = ["Box", "Curve", "Picture", "picture_of"]

MOST_ROUTES = 12  # boxes in a column; what is more is put together
MOST_FUNCTIONS = 12
MOST_SINKS = 10
MOST_LINES = 40  # more than that nobody can follow with a finger
LONGEST_LABEL = 26  # characters that fit into a box
METHOD = 6  # characters: "POST /"
MARGIN = 4  # SVG units


Edge = tuple[str, str]  # of names with their kind before them: "route:GET /", "function:shop.db.connect"


@dataclass(frozen=True, slots=True)
class Box:
    """A node with what is written in it; `title` in full. `kind` is "route", "function" or "sink"."""

    kind: str
    label: str
    title: str
    x: float
    y: float
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Curve:
    """An edge as an SVG path; `stroke` is how thick it is: from 1, few routes, to 5, the most that any edge has."""

    path: str
    stroke: float
    title: str


@dataclass(frozen=True, slots=True)
class Picture:
    """Boxes and curves for a viewport of `width` by `height`. `left_out` says in words what is not in it."""

    boxes: tuple[Box, ...]
    curves: tuple[Curve, ...]
    width: float
    height: float
    left_out: str


def picture_of(report: Report) -> Picture | None:
    """Return the picture; None where no route reaches a blocking call. Other obstacles are not in it."""
    routes = {each.id: each for each in report.routes}
    findings = [
        each
        for each in report.findings
        if each.category and each.chain and not routes.keys().isdisjoint(each.routes)
    ]
    if not findings:
        return None
    group_of = _groups([route for route in report.routes if route.findings])
    functions = _most_shared(findings, {each.handler for each in report.routes})
    sink_of = _sinks(findings)
    takers: defaultdict[Edge, set[str]] = defaultdict(set)
    for finding in findings:
        for route in filter(group_of.__contains__, finding.routes):
            way = _way(finding, routes[route], functions, sink_of)
            for edge in pairwise([f"route:{group_of[route]}", *way]):
                takers[edge].add(route)
    weights = Counter({edge: len(taken) for edge, taken in takers.items()})
    drawn = _thinned(weights)
    return _picture(drawn, _titles(sink_of), _left_out(findings, weights, drawn))


def _thinned(weights: Counter[Edge]) -> Counter[Edge]:
    """Return the heaviest edges, without functions that these do not lead to or not on from."""
    kept = dict(sorted(weights.items(), key=lambda item: (-item[1], item[0]))[:MOST_LINES])
    while True:
        starts, ends = {start for start, _ in kept}, {end for _, end in kept}
        loose = {node for node in starts ^ ends if node.startswith("function:")}
        if not loose:
            return Counter(kept)
        kept = {edge: weight for edge, weight in kept.items() if loose.isdisjoint(edge)}


def _groups(routes: Sequence[RouteReport]) -> dict[str, str]:
    """Return a label for each route: its own, or that of all routes of a package where there are too many."""
    if len(routes) <= MOST_ROUTES:
        return {route.id: route.id for route in routes}
    package_of = _packages([route.handler.split(".") for route in routes])
    counts = Counter(package_of)
    shown = {name for name, _ in counts.most_common(MOST_ROUTES - (len(counts) > MOST_ROUTES))}
    others = counted(sum(count for name, count in counts.items() if name not in shown), "other route")
    labels = {name: f"{name}: {counted(counts[name], 'route')}" for name in shown}
    return {route.id: labels.get(name, others) for route, name in zip(routes, package_of, strict=True)}


def _packages(handlers: Sequence[Sequence[str]]) -> list[str]:
    """Return for each handler its module, or the package above it that leaves no more groups than boxes."""
    depth = max(map(len, handlers)) - 1
    while True:
        names = [".".join(parts[: max(1, min(depth, len(parts) - 1))]) for parts in handlers]
        if depth <= 1 or len(set(names)) <= MOST_ROUTES:
            return names
        depth -= 1


def _counts(findings: Sequence[Finding], names: Callable[[Finding], Iterable[str]]) -> Counter[str]:
    seen: defaultdict[str, set[str]] = defaultdict(set)
    for finding in findings:
        for name in names(finding):
            seen[name].update(finding.routes)
    return Counter({name: len(routes) for name, routes in seen.items()})


def _most_shared(findings: Sequence[Finding], handlers: set[str]) -> list[str]:
    counts = _counts(findings, lambda each: [step.symbol for step in each.chain])
    return [name for name, _ in counts.most_common() if name not in handlers][:MOST_FUNCTIONS]


def _sinks(findings: Sequence[Finding]) -> dict[str, str]:
    """Return for each sink that is shown what it is called: its package, or itself where it is the only one."""
    packages = _counts(findings, lambda each: [each.sink.partition(".")[0]])
    shown = {name for name, _ in packages.most_common(MOST_SINKS)}
    members: defaultdict[str, set[str]] = defaultdict(set)
    for finding in findings:
        members[finding.sink.partition(".")[0]].add(finding.sink)
    return {
        sink: package if len(sinks) > 1 else sink
        for package, sinks in members.items()
        if package in shown
        for sink in sinks
    }


def _titles(sink_of: Mapping[str, str]) -> dict[str, str]:
    """Return for each name of sinks the sinks."""
    names = sorted(set(sink_of.values()))
    return {name: ", ".join(sorted(sink for sink in sink_of if sink_of[sink] == name)) for name in names}


def _way(
    finding: Finding, route: RouteReport, functions: Sequence[str], sink_of: Mapping[str, str]
) -> Iterator[str]:
    """Yield the boxes on a route's way to a finding.

    The chain is that of one route. Of another one only the end is known: the function that holds the call.
    """
    symbols = [step.symbol for step in finding.chain]
    known = symbols if symbols[0] == route.handler else symbols[-1:]
    yield from (f"function:{name}" for name in dict.fromkeys(known) if name in functions)
    if finding.sink in sink_of:
        yield f"sink:{sink_of[finding.sink]}"


def _left_out(findings: Sequence[Finding], weights: Counter[Edge], drawn: Counter[Edge]) -> str:
    boxes = {node for edge in drawn for node in edge}
    routes = {node.partition(":")[2] for node in boxes if node.startswith("route:")}
    steps = {step.symbol for each in findings for step in each.chain[1:]}
    functions = {name for name in steps - routes if f"function:{name}" not in boxes}
    parts = [counted(len(functions), "function")] if functions else []
    lines = len(weights) - len(drawn)
    parts += [counted(lines, "line that fewer routes take", "lines that fewer routes take")] if lines else []
    return " and ".join(parts)


def _picture(weights: Counter[Edge], titles: Mapping[str, str], left_out: str) -> Picture:
    nodes = list(dict.fromkeys(node for edge in sorted(weights) for node in edge))
    nodes.sort(key=lambda node: (node.split(":")[0] != "route", node))
    drawing = draw(nodes, weights, last=[node for node in nodes if node.startswith("sink:")])
    return Picture(
        boxes=tuple(_boxes(drawing, titles)),
        curves=tuple(_curves(drawing, weights)),
        width=drawing.width + 2 * MARGIN,
        height=drawing.height + 2 * MARGIN,
        left_out=left_out,
    )


def _boxes(drawing: Drawing, titles: Mapping[str, str]) -> Iterator[Box]:
    for node in drawing.nodes:
        kind, _, name = node.name.partition(":")
        title = titles[name] if kind == "sink" else name
        yield Box(kind, _label(kind, name), title, node.x + MARGIN, node.y + MARGIN, node.width, node.height)


def _label(kind: str, name: str) -> str:
    """Return what fits into a box: of a dotted name its end, of a route its method and its end."""
    if len(name) <= LONGEST_LABEL:
        return name
    head = name[:METHOD] if kind == "route" else ""
    return f"{head}…{name[len(head) + 1 - LONGEST_LABEL :]}"


def _curves(drawing: Drawing, weights: Counter[Edge]) -> Iterator[Curve]:
    most = max(weights.values(), default=1)
    for line in drawing.lines:
        weight = weights[line.start, line.end]
        names = " leads to ".join(each.partition(":")[2] for each in (line.start, line.end))
        yield Curve(
            _path(line.points), round(1 + 4 * weight / most, 2), f"{names} ({counted(weight, 'route')})"
        )


def _path(points: tuple[tuple[float, float], ...]) -> str:
    (x, y), *rest = [(a + MARGIN, b + MARGIN) for a, b in points]
    path = f"M{x:.0f} {y:.1f}"
    for a, b in rest:
        middle = (x + a) / 2
        path += f"C{middle:.0f} {y:.1f} {middle:.0f} {b:.1f} {a:.0f} {b:.1f}"
        x, y = a, b
    return path
