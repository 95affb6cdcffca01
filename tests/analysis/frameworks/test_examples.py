"""The bundled examples: the routes that are read are those of the running applications, all of them."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from scripts.route_recall_score import compare, pairs_of, running_routes
from tests.analysis.frameworks.conftest import discovered

EXAMPLES = Path(__file__).parents[3] / "examples"


@pytest.mark.parametrize(
    ("name", "target", "routes"),
    [
        ("flask_shop", "wsgi:app", 31),
        ("pyramid_notes", "notes:main({})", 19),
        ("django_library", "django:library_site.settings", 114),
    ],
)
def test_the_routes_of_an_example_are_read_exactly(name: str, target: str, routes: int) -> None:
    found = discovered(EXAMPLES / name)
    running = running_routes(EXAMPLES / name, target, sys.executable)
    compared = compare(pairs_of(found), running, frozenset())
    assert (compared.missing, compared.extra, compared.foreign) == (frozenset(), frozenset(), frozenset())
    assert len(compared.both) == routes
    assert found.unread == ()
