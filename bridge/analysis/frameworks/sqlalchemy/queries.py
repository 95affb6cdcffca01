"""Query classes of the project's own: Flask-SQLAlchemy's `Model.query` is an object of the model's `query_class`."""

from __future__ import annotations

from collections.abc import Callable

from bridge.analysis.frameworks.sqlalchemy.types import QUERY
from bridge.analysis.solving.binding import bind
from bridge.analysis.solving.resolution import find
from bridge.analysis.solving.state import Site, State
from bridge.analysis.solving.values import CLASS

__all__ = ["load_from_query"]

Load = Callable[[int, str, int], None]  # value, name, target


def load_from_query(state: State, site: Site, query: int, name: str, *, target: int, otherwise: Load) -> None:
    """Let `target` hold a method of the model's query class, bound to the query; else what `otherwise` puts there."""
    queries = _own_classes(state, query) if name in state.program.defined_names else []
    if not queries:
        otherwise(query, name, target)

    def load(cls: int) -> None:
        nodes, external = find(state, cls, name) if state.values.kinds[cls] == CLASS else ([], None)
        if not nodes or external is not None:
            otherwise(query, name, target)
            return
        for node in nodes:
            state.flow.watch(node, lambda each: bind(state, site, each, query, target))

    for node in queries:
        state.flow.watch(node, load)


def _own_classes(state: State, query: int) -> list[int]:
    """Return the nodes that hold the `query_class` of the model that a query is about; none where it has none."""
    base, inside, *_ = state.values.parts[query]
    if base != QUERY or state.values.kinds[inside] != CLASS:
        return []
    nodes, external = find(state, inside, "query_class")
    return nodes if external is None else []
