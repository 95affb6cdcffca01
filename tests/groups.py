"""What runs beside one pytest-xdist worker (`--dist loadgroup`), so that what is dear is made once."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

__all__ = ["made_once"]


def made_once(what: str, values: Iterable[str]) -> list[object]:
    """Return the params of a fixture of module scope; the tests of one value stay with one worker.

    `what` names the group; fixtures with the same name and value share a worker.
    """
    return [pytest.param(value, marks=pytest.mark.xdist_group(f"{what}: {value}")) for value in values]
