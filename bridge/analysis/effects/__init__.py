"""What reaches what, by which chain.

graph.py    the solved state as a graph of functions, ending in sinks; where threads cut it
search.py   from one root: the shortest chain to every sink
reach.py    for all functions at once: which sinks they reach, what they call
effects.py  all of it for a set of roots

    from bridge.analysis.effects import effects_of
    effects = effects_of(state, knowledge, roots)
    effects.of(root).witnesses
"""

from __future__ import annotations

from bridge.analysis.effects.effects import Effects, Reached, effects_of
from bridge.analysis.effects.graph import Sinks

__all__ = ["Effects", "Reached", "Sinks", "effects_of"]
