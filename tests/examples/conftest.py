"""One server process for each example and server, shared by the tests of a module."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from tests.examples import live
from tests.groups import made_once

Filled = Callable[[str], Path]


@pytest.fixture(scope="session")
def filled_instance(tmp_path_factory: pytest.TempPathFactory) -> Filled:
    """Return a function that gives an example's filled instance folder, made once; copy it, don't use it."""
    made: dict[str, Path] = {}

    def fill(name: str) -> Path:
        if name not in made:
            made[name] = tmp_path_factory.mktemp(f"{name}-filled")
            live.fill_instance(live.EXAMPLES[name], made[name])
        return made[name]

    return fill


@pytest.fixture(scope="module", params=made_once("server of examples", live.SERVERS))
def site(
    request: pytest.FixtureRequest, filled_instance: Filled, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[live.Running]:
    """The example that the test module names in EXAMPLE, running under each server in turn."""
    example = live.EXAMPLES[request.module.EXAMPLE]
    folder = tmp_path_factory.mktemp(f"{example.name}-{request.param}")
    with live.running(example, request.param, filled_instance(example.name), folder) as site:
        yield site


@pytest.fixture
def browser(site: live.Running) -> Iterator[httpx.Client]:
    """A visitor without cookies."""
    with site.client() as client:
        yield client


@pytest.fixture(scope="module")
def member(request: pytest.FixtureRequest, site: live.Running) -> Iterator[httpx.Client]:
    """Somebody who may do everything, logged in once for each server: hashing passwords is slow on purpose."""
    with site.client() as client:
        request.module.log_in(client)
        yield client
