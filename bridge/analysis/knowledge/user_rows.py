"""A user's own rows, from `[tool.wsgi-bridge]` of pyproject.toml.

[tool.wsgi-bridge]
sinks = ["ourlib.fetch", { name = "ourlib.Client.*", category = "database", cooperative = "no" }]
offloaders = ["ourlib.in_thread"]
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bridge.analysis.knowledge.checking import Key, is_dotted, read_row
from bridge.analysis.knowledge.errors import InvalidRow
from bridge.analysis.knowledge.reading import CALLS, Family, read_calls
from bridge.analysis.knowledge.rows import Call, Offloader

__all__ = ["SOURCE", "user_family"]

SOURCE = "[tool.wsgi-bridge]"

SINK = {
    "name": Key(str, required=True),
    **{key: Key(CALLS[key].kind) for key in CALLS if key not in {"of", "names"}},
}


def user_family(settings: Mapping[str, Any]) -> Family:
    """Return the user's rows as a family; `InvalidRow` where one cannot be read."""
    sinks, offloaders = _list(settings, "sinks"), _list(settings, "offloaders")
    calls = tuple(call for number, sink in enumerate(sinks, start=1) for call in _sink(sink, number))
    tops = dict.fromkeys(call.name.partition(".")[0] for call in calls)
    return Family(SOURCE, tuple(tops), calls=calls, offloaders=tuple(_offloaders(offloaders)))


def _list(settings: Mapping[str, Any], key: str) -> list[Any]:
    found = settings.get(key, [])
    if not isinstance(found, list):
        raise InvalidRow(SOURCE, f"{key} is {found!r}", f'expected a list, as {key} = ["package.function"]')
    return found


def _sink(entry: Any, number: int) -> Iterator[Call]:
    where = f"{SOURCE}, sinks {number}"
    row = read_row({"name": entry} if isinstance(entry, str) else entry, SINK, where)
    owner, _, last = row.text("name").rpartition(".")
    if not owner or not is_dotted(row.text("name")):
        row.refuse(f"{row.text('name')!r} is no dotted name", 'write it with its module, as "ourlib.fetch"')
    given = {key: value for key, value in row.values.items() if key != "name"}
    table = {"of": owner, "names": [last], "category": "network", "cooperative": "yes", "evidence": SOURCE}
    yield from read_calls([{**table, **given}], where)


def _offloaders(names: list[Any]) -> Iterator[Offloader]:
    for number, name in enumerate(names, start=1):
        if not (isinstance(name, str) and is_dotted(name)):
            raise InvalidRow(
                f"{SOURCE}, offloaders {number}", f"it is {name!r}", 'expected a name, as "ourlib.in_thread"'
            )
        yield Offloader(name, 0, "", SOURCE)
