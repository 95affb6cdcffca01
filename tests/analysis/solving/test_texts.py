from __future__ import annotations

from pathlib import Path

import pytest

from bridge.analysis.project import read_project
from bridge.analysis.solving.engine import solve
from bridge.analysis.solving.program import Program
from bridge.analysis.solving.values import CONSTANT


def constants_of_x(tmp_path: Path, source: str) -> list[object]:
    """Return the texts that the variable x of main.py may hold."""
    (tmp_path / "main.py").write_text(source)
    state = solve(Program(read_project(tmp_path).modules))
    scope = state.program.scopes[0]
    held = state.flow.holds[state.node(0, scope.shared["x"])]
    return sorted(state.values.parts[each][1] for each in held if state.values.kinds[each] == CONSTANT)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("p = '/api'\nx = p + '/users'", ["/api/users"]),
        ("p = '/api'\nx = f'{p}/users'", ["/api/users"]),
        (
            "def f(p): return f'{p}/{1}'\nx = f('/a') + f('/b')",
            ["/a/1/b/1"],
        ),
        ("p = '/api'\nx = '%s/users' % p", ["/api/users"]),
        ("x = '%s/%s' % ('a', 'b')", ["a/b"]),
        ("p = '/api'\nx = '{}/users'.format(p)", ["/api/users"]),
        ("x = '/{1}/{0}'.format('a', 'b')", ["/b/a"]),
        ("x = '/<int(min=1, max={0}):n>'.format(3)", ["/<int(min=1, max=3):n>"]),
        ("x = '{a}/{b}'.format(b=2, a='one')", ["one/2"]),
        ("x = '/api/'.rstrip('/') + '/x'", ["/api/x"]),
    ],
)
def test_texts_are_put_together(tmp_path: Path, source: str, expected: list[str]) -> None:
    assert constants_of_x(tmp_path, source) == expected


@pytest.mark.parametrize(
    "source",
    [
        "import os\nx = os.environ['P'] + '/x'",  # not known
        "p = 'a'\nx = f'hello {p}'",  # a message
        "p = 'a'\nx = '%d/%s' % (1, p)",
        "p = 'a'\nx = '{} and {}'.format(p, p)",
    ],
)
def test_what_is_not_known_or_no_path_is_not_put_together(tmp_path: Path, source: str) -> None:
    assert constants_of_x(tmp_path, source) == []


def test_a_text_that_grows_in_a_loop_comes_to_an_end(tmp_path: Path) -> None:
    found = constants_of_x(tmp_path, "x = 'a'\nfor i in range(9):\n    x = x + 'a'\n")
    assert "aa" in found
    assert len(found) < 50
