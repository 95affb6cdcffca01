from __future__ import annotations

import pytest

from scripts.compare_servers.crawl import Frontier, shape_of


def names(frontier: Frontier) -> list[str]:
    found = []
    while (following := frontier.maybe_next()) is not None:
        found.append(following[0][0])
    return found


def add(frontier: Frontier, *targets: str, depth: int = 0) -> None:
    for target in targets:
        frontier.add((target, target, target), depth)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("/user/7", "/user/12"),
        ("/x?page=1", "/x?page=2"),
        ("/x?a=1&b=2", "/x?b=&a="),
        ("/c/00000000-0000-0000-0000-000000000001/", "/c/1f9d5c61-9a04-4e66-8b52-0a6d13a5d3b7/"),
    ],
)
def test_numbers_and_values_do_not_make_another_shape(one: str, other: str) -> None:
    assert shape_of(one) == shape_of(other)


def test_names_and_query_keys_make_another_shape() -> None:
    assert (
        len({shape_of(target) for target in ("/user", "/users", "/users?a=1", "/users?b=1", "/users/")}) == 5
    )


def test_pages_come_in_the_order_of_finding_each_once() -> None:
    frontier = Frontier(depth=3, limit=10, per_shape=3)
    add(frontier, "/a", "/b", "/a")
    assert names(frontier) == ["/a", "/b"]
    add(frontier, "/b", "/c")
    assert names(frontier) == ["/c"]


def test_depth_number_kind_and_skips_are_limits() -> None:
    frontier = Frontier(depth=1, limit=4, per_shape=2, skips=lambda target: "logout" in target)
    add(frontier, "/deep", depth=2)
    add(frontier, "/p/1", "/p/2", "/p/3", "/logout", "/x", "/y", "/z")
    assert names(frontier) == ["/p/1", "/p/2", "/x", "/y"]
