from __future__ import annotations

import dataclasses
from itertools import combinations

import pytest
from hypothesis import given, strategies as st

from bridge.analysis.model import Finding
from bridge.reports.layered import NODE_HEIGHT, NODE_WIDTH, Drawing, draw
from bridge.reports.picture import MOST_FUNCTIONS, MOST_LINES, MOST_ROUTES, picture_of
from tests.reports.samples import empty_report, hostile_report, large_report, sample_report

NAMES = st.sampled_from("abcdefghij")
GRAPHS = st.lists(st.tuples(NAMES, NAMES), max_size=25)


def nodes_of(drawing: Drawing) -> dict[str, tuple[float, float]]:
    return {node.name: (node.x, node.y) for node in drawing.nodes}


def overlapping(drawing: Drawing) -> list[tuple[str, str]]:
    return [
        (a.name, b.name)
        for a, b in combinations(drawing.nodes, 2)
        if abs(a.x - b.x) < NODE_WIDTH and abs(a.y - b.y) < NODE_HEIGHT
    ]


@given(edges=GRAPHS, last=st.sets(NAMES, max_size=3))
def test_any_graph_is_drawn_within_its_frame_without_overlap(
    edges: list[tuple[str, str]], last: set[str]
) -> None:
    edges = [edge for edge in edges if edge[0] not in last]  # what stands last leads nowhere
    names = sorted({name for edge in edges for name in edge} | last)
    drawing = draw(names, edges, last=last)
    assert set(nodes_of(drawing)) == set(names)
    assert overlapping(drawing) == []
    for node in drawing.nodes:
        assert 0 <= node.x <= drawing.width - NODE_WIDTH
        assert 0 <= node.y <= drawing.height - NODE_HEIGHT
    assert drawing == draw(names, edges, last=last)


@given(edges=GRAPHS)
def test_every_line_runs_to_the_right(edges: list[tuple[str, str]]) -> None:
    drawing = draw(sorted({name for edge in edges for name in edge}), edges)
    for line in drawing.lines:
        across = [x for x, _ in line.points]
        assert across == sorted(across)
        assert across[0] < across[-1]


@given(edges=GRAPHS)
def test_lines_are_left_out_only_where_they_close_a_cycle(edges: list[tuple[str, str]]) -> None:
    wanted = {edge for edge in edges if edge[0] != edge[1]}
    drawn = {(line.start, line.end) for line in draw(sorted({n for e in edges for n in e}), edges).lines}
    assert drawn <= wanted
    for start, end in wanted - drawn:
        assert reaches(drawn, end, start)


def reaches(edges: set[tuple[str, str]], start: str, end: str) -> bool:
    seen, pending = set(), [start]
    while pending:
        node = pending.pop()
        if node not in seen:
            seen.add(node)
            pending += [b for a, b in edges if a == node]
    return end in seen


def test_a_long_edge_bends_around_what_stands_between() -> None:
    drawing = draw("abc", [("a", "b"), ("b", "c"), ("a", "c")])
    (line,) = [each for each in drawing.lines if (each.start, each.end) == ("a", "c")]
    top = nodes_of(drawing)["b"][1]
    for x, y in line.points:
        if NODE_WIDTH < x < nodes_of(drawing)["c"][0]:
            assert not top <= y <= top + NODE_HEIGHT


def test_crossings_are_undone() -> None:
    places = nodes_of(draw(["a", "b", "x", "y"], [("a", "y"), ("b", "x")]))
    assert (places["a"][1] < places["b"][1]) == (places["y"][1] < places["x"][1])


def test_nothing_is_a_drawing_of_nothing() -> None:
    assert draw([], []) == Drawing((), (), 0, 0)


# ---------------------------------------------------------------- of a report


def obstacle() -> Finding:
    return dataclasses.replace(sample_report().findings[0], category=None)


def test_the_shop_has_its_routes_left_and_its_sinks_right() -> None:
    picture = picture_of(sample_report())
    assert picture is not None
    kinds = {box.kind: {each.x for each in picture.boxes if each.kind == box.kind} for box in picture.boxes}
    assert max(kinds["route"]) < min(kinds["function"])
    assert max(kinds["function"]) < min(kinds["sink"])
    assert len(kinds["sink"]) == 1
    titles = {box.title for box in picture.boxes}
    assert {
        "GET /users/<id>",
        "shop.db.fetch",
        "psycopg2.connect, psycopg2.extensions.cursor.execute",
    } <= titles
    assert "GET /health" not in titles  # nothing blocks there
    assert "shop.db.connect leads to psycopg2 (3 routes)" in {curve.title for curve in picture.curves}


def test_of_other_routes_than_the_chains_own_only_the_end_is_drawn() -> None:
    picture = picture_of(sample_report())
    assert picture is not None
    titles = {curve.title for curve in picture.curves}
    assert "GET /users/<id> leads to shop.db.fetch (1 route)" in titles
    assert "POST /orders leads to shop.db.connect (1 route)" in titles


@pytest.mark.parametrize("routes", [20, 500])
def test_a_large_report_has_a_picture_that_can_be_read(routes: int) -> None:
    picture = picture_of(large_report(routes))
    assert picture is not None
    counts = {kind: sum(box.kind == kind for box in picture.boxes) for kind in ("route", "function", "sink")}
    assert counts["route"] <= MOST_ROUTES
    assert counts["function"] <= MOST_FUNCTIONS
    assert len(picture.boxes) < 40
    assert len(picture.curves) <= MOST_LINES


def test_of_too_many_lines_the_heaviest_are_kept_and_no_function_stands_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = picture_of(sample_report())
    monkeypatch.setattr("bridge.reports.picture.MOST_LINES", 9)
    picture = picture_of(sample_report())
    assert whole is not None
    assert picture is not None
    assert picture.left_out.endswith("lines that fewer routes take")
    titles = " ".join(curve.title for curve in picture.curves)
    assert "shop.db.connect leads to psycopg2 (3 routes)" in titles
    for box in picture.boxes:
        if box.kind == "function":
            assert f"leads to {box.title} " in titles
            assert f"{box.title} leads to" in titles


def test_labels_are_cut_and_titles_are_whole() -> None:
    picture = picture_of(hostile_report())
    assert picture is not None
    assert all(len(box.label) <= 26 for box in picture.boxes)
    assert any(len(box.title) > 60 for box in picture.boxes)


def test_a_label_keeps_the_method_and_the_ends() -> None:
    long = dataclasses.replace(sample_report().routes[0], id="GET /account/orders/<int:number>/invoice.pdf")
    finding = dataclasses.replace(
        sample_report().findings[0], routes=(long.id,), sink="sqlalchemy.ext.asyncio.AsyncSession.execute"
    )
    picture = picture_of(dataclasses.replace(sample_report(), routes=(long,), findings=(finding,)))
    assert picture is not None
    labels = {box.label for box in picture.boxes}
    assert {"GET /a…number>/invoice.pdf", f"…{finding.sink[-25:]}"} <= labels
    assert all(len(label) <= 26 for label in labels)


def test_where_nothing_blocks_there_is_no_picture() -> None:
    assert picture_of(dataclasses.replace(sample_report(), findings=(obstacle(),))) is None
    assert picture_of(empty_report()) is None
    assert picture_of(dataclasses.replace(sample_report(), findings=())) is None


def test_many_routes_are_put_together_by_the_package_that_leaves_few_boxes() -> None:
    report = large_report(500)  # in twenty modules shop.area0 to shop.area19
    routes = tuple(
        dataclasses.replace(each, handler=f"shop.part{number % 3}.area{number}.view")
        for number, each in enumerate(report.routes)
    )
    picture = picture_of(dataclasses.replace(report, routes=routes))
    assert picture is not None
    titles = {box.title for box in picture.boxes if box.kind == "route"}
    assert titles == {f"shop.part{number}: 143 routes" for number in range(3)}
