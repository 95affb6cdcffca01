"""How a sink is called in a sentence: as its user would say it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

__all__ = ["spoken"]

RELATION = "__get__"  # of Django's and SQLAlchemy's descriptors, which are behind attributes that load
SPECIAL = re.compile(r"^(?P<owner>.+)\.(?P<name>__\w+__)$")

# What a program writes where Python calls these; an owner stands for an object of its class.
WRITTEN: Mapping[str, str] = MappingProxyType(
    {
        "__iter__": "a loop over {}",
        "__next__": "a loop over {}",
        "__len__": "len() of {}",
        "__bool__": "a truth test of {}",
        "__contains__": "in {}",
        "__getitem__": "{}[...]",
        "__setitem__": "{}[...] = ...",
        "__delitem__": "del {}[...]",
        "__call__": "{}()",
        "__enter__": "with {}",
        "__exit__": "with {}",
        "__aiter__": "async for over {}",
        "__anext__": "async for over {}",
        "__aenter__": "async with {}",
        "__aexit__": "async with {}",
    }
)


@lru_cache(maxsize=4096)
def spoken(sink: str) -> str:
    """Return `open` for builtins.open, and words for what has no name in anybody's code."""
    found = SPECIAL.match(sink)
    if found and found["name"] == RELATION:
        return "the attribute of a related object"
    if found and found["name"] in WRITTEN:
        return WRITTEN[found["name"]].format(found["owner"].removeprefix("builtins."))
    return sink.removeprefix("builtins.")
