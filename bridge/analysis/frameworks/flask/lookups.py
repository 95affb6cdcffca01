"""What a Jinja template looks up: chains of attributes of what it was given, and the loops that bind further names.

    {% for post in user.posts %}      for    post   user.posts
      {{ post.author.name }}          read          post.author.name

Read from the text, without the template's own scopes: a name means all that the template ever binds to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from bridge.analysis.solving.containers import iterate
from bridge.analysis.solving.members import load
from bridge.analysis.solving.state import NO_ARGUMENTS, Site, State

__all__ = ["Lookup", "follow_lookups", "lookups_in"]

TEXTS = re.compile(r"""'[^']*'|"[^"]*\"""")
LOOP = re.compile(r"^[-+\s]*for\s+([\w\s,()]+?)\s+in\s+(.*)$", re.DOTALL)
ASSIGNMENT = re.compile(r"^[-+\s]*set\s+([A-Za-z_]\w*)\s*=\s*(.*)$", re.DOTALL)
NAME = re.compile(r"[A-Za-z_]\w*")
CHAIN = re.compile(r"(?<![\w.|])([A-Za-z_]\w*)((?:\s*\.\s*[A-Za-z_]\w*(?:\s*\()?)+)?")
PART = re.compile(r"\.\s*([A-Za-z_]\w*)(\s*\()?")
LONGEST = 6  # arbitrary: attributes of one chain that are followed


class Part(NamedTuple):
    """An attribute, and whether it is called."""

    name: str
    is_called: bool


class Lookup(NamedTuple):
    """A chain that a template reads. `bound` is what it is bound to, "" for nothing; `each`: element by element."""

    root: str
    parts: tuple[Part, ...]
    bound: str = ""
    each: bool = False


def lookups_in(code: Iterable[str]) -> Iterator[Lookup]:
    """Yield what the code of a template looks up, in order."""
    for raw in code:
        text = TEXTS.sub("''", raw)
        loop, assignment = LOOP.match(text), ASSIGNMENT.match(text)
        if loop is not None:
            first, *others = _chains(loop[2]) or [Lookup("", ())]
            for name in NAME.findall(loop[1]):
                yield first._replace(bound=name, each=True)
            yield from others
        elif assignment is not None:
            for chain in _chains(assignment[2]):
                yield chain._replace(bound=assignment[1])
        else:
            yield from (chain for chain in _chains(text) if chain.parts)


def _chains(text: str) -> list[Lookup]:
    return [
        Lookup(root, tuple(Part(name, bool(called)) for name, called in PART.findall(rest))[:LONGEST])
        for root, rest in CHAIN.findall(text)
    ]


def follow_lookups(
    state: State, site: Site, lookups: Mapping[Lookup, str], given: Mapping[str, Iterable[int]]
) -> None:
    """Read at `site` what a template reads of the values that it is `given`; `lookups` says which template does."""
    known: dict[str, int] = {}
    for name, values in given.items():
        known[name] = state.flow.node()
        state.flow.add(known[name], tuple(values))
    for lookup, template in lookups.items():
        if lookup.root not in known:
            continue
        node = known[lookup.root]
        chain = lookup.root
        for part in lookup.parts:
            chain = f"{chain}.{part.name}"
            node = _read(state, site, node, part, text=(template, chain))
        if lookup.bound:
            target = known.setdefault(lookup.bound, state.flow.node())
            if lookup.each:
                iterate(state, site, node, target)
            elif target != node:
                state.flow.edge(node, target)


def _read(state: State, site: Site, source: int, part: Part, *, text: tuple[str, str]) -> int:
    read = state.flow.node()
    load(state, site._replace(text=text), source, part.name, read)
    if not part.is_called:
        return read
    result = state.flow.node()
    state.flow.watch(read, lambda value: state.apply(state, site, value, NO_ARGUMENTS, result))
    return result
