"""A percentage of the clients, and always the same ones."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from bridge.incremental.canary import is_in_canary, known_by
from bridge.incremental.rules import Sticky
from tests.asgi_driver import http_scope

CLIENT = Sticky()


@given(st.text(min_size=1), st.floats(0, 100), st.floats(0, 100))
def test_who_is_in_at_a_lower_percentage_is_in_at_a_higher_one(
    address: str, one: float, other: float
) -> None:
    scope = http_scope(client=(address, 1))
    if is_in_canary(scope, CLIENT, min(one, other)):
        assert is_in_canary(scope, CLIENT, max(one, other))


@pytest.mark.parametrize("percent", [0, 0.5, 5, 30, 100])
def test_the_percentage_is_kept(percent: float) -> None:
    count = 20_000
    inside = sum(
        is_in_canary(http_scope(client=(f"10.0.{n >> 8}.{n & 255}", 1)), CLIENT, percent)
        for n in range(count)
    )
    assert inside / count * 100 == pytest.approx(percent, abs=1)


@pytest.mark.parametrize(
    ("sticky", "headers", "expected"),
    [
        ("client", [(b"cookie", b"s=1")], b"127.0.0.1"),
        ("cookie:s", [(b"cookie", b"a=1; s=two; b=3")], b"two"),
        ("cookie:s", [(b"cookie", b"a=1"), (b"cookie", b"s=2")], b"2"),
        ("cookie:s", [(b"cookie", b"ss=1; xs=2")], b"127.0.0.1"),
        ("cookie:s", [(b"cookie", b"s=")], b"127.0.0.1"),
        ("header:X-User", [(b"x-user", b"ann")], b"ann"),
        ("header:X-User", [], b"127.0.0.1"),
    ],
)
def test_a_client_is_known_by_what_the_rule_says_or_by_its_address(
    sticky: str, headers: list[tuple[bytes, bytes]], expected: bytes
) -> None:
    assert known_by(http_scope(headers=headers), Sticky.parse(sticky)) == expected


def test_an_unknown_client_is_in_by_chance() -> None:
    scope = http_scope(client=None)
    assert known_by(scope, CLIENT) is None
    assert len({is_in_canary(scope, CLIENT, 50) for _ in range(200)}) == 2
