"""From a name as it was found to the name that has the row.

A name is walked part by part. At each part an alias, a known attribute, an inherited member and the result of a call
are replaced by what they are:

    flask_sqlalchemy.SQLAlchemy.session.query     as the solver has it
    sqlalchemy.orm.scoped_session.query           `session` is a known attribute
    sqlalchemy.orm.Session.query                  scoped_session has what Session has
"""

from __future__ import annotations

from bridge.analysis.knowledge.rows import Call
from bridge.analysis.knowledge.store import Store

__all__ = ["Names"]

DEEPEST = 12  # replacements at one part: more is a circle in the data


class Names:
    """Canonical names over a store; each name is walked once."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[str, str] = {}
        self._patterns: dict[str, Call | None] = {}

    def canonical(self, name: str) -> str:
        """Return the one name of what `name` is about; the name itself where nothing is known of it."""
        known = self._known.get(name)
        if known is None:
            known = self._known[name] = self._walked(name)
        return known

    def call(self, canonical: str) -> Call | None:
        """Return the row of a canonical name, None if it has none."""
        self._store.need(canonical.partition(".")[0])
        found = self._store.calls.get(canonical)
        if found is None:
            if canonical not in self._patterns:
                self._patterns[canonical] = self._by_pattern(canonical)
            return self._patterns[canonical]
        return found

    def _walked(self, name: str) -> str:
        first, *rest = name.split(".")
        self._store.need(first)
        owner = self._store.aliases.get(first, first)
        for part in rest:
            self._store.need(owner.partition(".")[0])
            owner = self._member(owner, part, 0)
        return owner

    def _member(self, owner: str, part: str, depth: int) -> str:
        found = self._found(owner, part, depth)
        if found is not None:
            return found
        result = self._store.attributes.get(owner) or self._store.types.get(owner)
        if result is not None and result != owner and depth < DEEPEST:
            self._store.need(result.partition(".")[0])
            return self._member(result, part, depth + 1)
        # A class with a type for __getattr__ gives that for every attribute of no other name: client.shop.orders
        return self._store.types.get(f"{owner}.__getattr__") or f"{owner}.{part}"

    def _found(self, owner: str, part: str, depth: int) -> str | None:
        """Return what the member is called where it has a row: in `owner` or in one of its bases."""
        store = self._store
        name = f"{owner}.{part}"
        if name in store.aliases:
            return self.canonical(store.aliases[name]) if depth < DEEPEST else name
        if name in store.calls or name in store.types or name in store.attributes or name in store.classes:
            return name
        for base in store.classes.get(owner, ()) if depth < DEEPEST else ():
            store.need(base.partition(".")[0])
            inherited = self._found(base, part, depth + 1)
            if inherited is not None:
                return inherited
        return name if self.call(name) is not None else None

    def _by_pattern(self, name: str) -> Call | None:
        parts = name.split(".")
        fitting = [call for call in self._store.patterns.get(parts[0], ()) if _fits(call, parts)]
        return max(fitting, key=lambda call: len(call.name.rstrip("*")), default=None)


def _fits(call: Call, parts: list[str]) -> bool:
    wanted = call.name.split(".")
    if wanted[-1] == "**":
        wanted.pop()
        if len(parts) <= len(wanted):
            return False
    elif len(parts) != len(wanted):
        return False
    same = all(want in {"*", part} for want, part in zip(wanted, parts, strict=False))
    return same and parts[-1] not in call.but and not (parts[-1].startswith("_"))
