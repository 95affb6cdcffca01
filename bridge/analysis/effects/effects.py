"""The effects of a set of roots: what each reaches by which chain, and how much of its code was understood."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from bridge.analysis.callgraph import calls_by_scope
from bridge.analysis.collecting import no_collection
from bridge.analysis.effects.graph import Graph, Sinks, graph_of
from bridge.analysis.effects.kept import KEPT, SESSION, USER, Key
from bridge.analysis.effects.reach import calls_by_symbol, relevant_instances, sinks_by_symbol
from bridge.analysis.effects.rereads import doubted
from bridge.analysis.effects.saved_sessions import is_session_write
from bridge.analysis.effects.search import Search
from bridge.analysis.effects.switches import add_variants
from bridge.analysis.model import Context, Root, Witness
from bridge.analysis.solving.state import State

__all__ = ["Effects", "Reached", "effects_of"]


@dataclass(frozen=True, slots=True)
class Reached:
    """What a root, or several, reach. `scopes` are the scopes of the program that may run, `doubtful` those of them that
    only a call leads to which nobody can tell apart.
    """

    witnesses: tuple[Witness, ...]
    scopes: frozenset[int]
    calls: int
    resolved: int
    doubtful: frozenset[int] = frozenset()
    session_write: Witness | None = None  # the first line that changes the session, on the request itself

    @property
    def resolved_share(self) -> float:
        """Return the share of calls with a known callee, 1.0 where there are no calls."""
        return self.resolved / self.calls if self.calls else 1.0


Found = tuple[tuple[Key, Witness], ...]


class Effects:
    """Asked by root; each instance is searched once, however many routes share it."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._search = Search(graph, relevant_instances(graph))
        self._counts = calls_by_scope(graph.state)
        self._known: dict[tuple[int, str], tuple[Found, frozenset[int], frozenset[int]]] = {}

    def of(self, *roots: Root) -> Reached:
        """Return what `roots` reach together, in their order.

        A sink at a place is told once: by the first root that reaches it on the request itself, else by the first.
        Its `role` is that root's.
        """
        found: dict[Key, Witness] = {}
        scopes: set[int] = set()
        sure: set[int] = set()
        write: Witness | None = None
        read_in: dict[Key, int] = {}  # the place of the first root that reads the user, or the session
        for place, root in enumerate(roots):
            witnesses, reached, doubtful = self._searched(root.instance, root.role)
            scopes |= reached
            sure |= reached - doubtful
            for key, witness in witnesses:
                if write is None and is_session_write(witness):
                    write = witness
                kept = KEPT.get(witness.sink, key)
                read_in.setdefault(kept, place)
                _keep(found, kept, witness)
        if USER in found and read_in.get(SESSION, 0) >= read_in[USER]:
            found.pop(SESSION, None)  # who the user is stands in the session; what reads that first loads it
        counts = [self._counts[scope] for scope in scopes if scope in self._counts]
        return Reached(
            doubted(tuple(found.values())),
            frozenset(scopes),
            sum([calls for calls, _ in counts]),
            sum([resolved for _, resolved in counts]),
            frozenset(scopes - sure),
            write,
        )

    def calls(self) -> Mapping[str, frozenset[str]]:
        """Return function -> functions of the project that it calls, by qualified names; not what threads run."""
        return calls_by_symbol(self._graph)

    def sinks(self) -> Mapping[str, frozenset[str]]:
        """Return function -> names of the sinks that it reaches; functions that reach none are not in it."""
        return sinks_by_symbol(self._graph)

    def _searched(self, instance: int, role: str) -> tuple[Found, frozenset[int], frozenset[int]]:
        known = self._known.get((instance, role))
        if known is None:
            scopes = self._search.scopes(instance)
            witnesses = self._search.witnesses(instance, role)
            found = tuple(((each.sink, each.symbol, each.file, each.line), each) for each in witnesses)
            known = self._known[instance, role] = found, *scopes
        return known


def _keep(found: dict[Key, Witness], key: Key, witness: Witness) -> None:
    known = found.get(key)
    if known is None or (known.context is Context.OFFLOADED and witness.context is not Context.OFFLOADED):
        found[key] = witness


def effects_of(
    state: State, knowledge: Sinks, roots: Iterable[Root] = (), *, offloaders: Collection[str] = ()
) -> Effects:
    """Return the effects of everything in a solved `state`.

    `knowledge` tells what is a sink. `roots` are searched at once, others when they are asked for. `offloaders`: qualified names of the project's own functions
    that run what they call in a thread.
    """
    with no_collection():
        graph = graph_of(state, knowledge, offloaders)
        add_variants(graph)
        effects = Effects(graph)
        for root in roots:
            effects.of(root)
    return effects
