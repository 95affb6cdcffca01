"""The three servers, started once and asked by every test here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.differential.contenders import CONTENDERS, Outcome, ask
from tests.differential.requests import Request
from tests.servers.processes import ServerProcess


@pytest.fixture(scope="session")
def ask_all() -> Iterator[Callable[[Request], dict[str, Outcome]]]:
    """Return what asks all three the same."""
    with ExitStack() as stack:
        running = {
            name: stack.enter_context(ServerProcess(server, "thread")) for name, server in CONTENDERS.items()
        }

        def ask_all(request: Request) -> dict[str, Outcome]:
            return {name: ask(process.address, request) for name, process in running.items()}

        yield ask_all
