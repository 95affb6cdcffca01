from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, repeat
from typing import cast

from scripts.compare_servers.exchange import Answer, Client, Request
from scripts.compare_servers.trio import Clients, Trio

GET, POST = Request("GET", "/x"), Request("POST", "/x", (), b"")


class FakeClient:
    """Gives these bodies in turn, the last one for ever, and keeps what it was asked."""

    def __init__(self, order: list[FakeClient], *bodies: str) -> None:
        self._bodies: Iterator[str] = chain(bodies, repeat(bodies[-1]))
        self._order = order
        self.asked: list[Request] = []

    def ask(self, request: Request) -> Answer:
        self._order.append(self)
        self.asked.append(request)
        return Answer(200, (), next(self._bodies).encode())


def trio(
    waitress: tuple[str, ...], bridge: tuple[str, ...], again: tuple[str, ...]
) -> tuple[Trio, list[FakeClient]]:
    order: list[FakeClient] = []
    fakes = [FakeClient(order, *bodies) for bodies in (waitress, bridge, again)]
    made = Trio(Clients(*(cast("Client", fake) for fake in fakes)))
    made.phase = "test"
    assert [made.ask(GET).waitress.status, order[:3]] == [200, fakes]
    return made, fakes


def test_the_bridge_is_asked_between_the_two_waitresses_and_equal_answers_are_counted() -> None:
    made, fakes = trio(("a",), ("a",), ("a",))
    assert [len(fake.asked) for fake in fakes] == [1, 1, 1]
    assert (made.findings.compared, made.findings.statuses, made.findings.found) == (
        {"test": 1},
        {200: 1},
        [],
    )


def test_a_difference_that_stays_is_found_after_asking_again() -> None:
    made, fakes = trio(("a",), ("b",), ("a",))
    assert [len(fake.asked) for fake in fakes] == [3, 3, 3]
    assert [(found.phase, found.request, found.difference.what) for found in made.findings.found] == [
        ("test", "GET /x", "body at 0")
    ]


def test_a_difference_that_passes_is_counted_only() -> None:
    made, _ = trio(("a",), ("b", "a"), ("a",))
    assert (made.findings.passing, made.findings.found) == (1, [])


def test_what_may_change_something_is_asked_once() -> None:
    made, fakes = trio(("a", "b"), ("a", "c"), ("a", "b"))
    made.ask(POST)
    assert [fake.asked for fake in fakes] == [[GET, POST]] * 3
    assert [found.request for found in made.findings.found] == ["POST /x (0 bytes)"]


def test_each_server_gets_its_own_request() -> None:
    made, fakes = trio(("a",), ("a",), ("a",))
    own = [Request("GET", f"/{name}") for name in ("first", "other", "again")]
    made.ask_each(own)
    assert [fake.asked[-1] for fake in fakes] == own
