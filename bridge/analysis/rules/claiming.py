"""Which rule a blocking call belongs to: first by name, then by category, then by the place that it stands in.

sqlalchemy.orm.Session.execute  --name-->  WB211  --in a loop-->  WB215  --in a template-->  WB610
requests.get                    --name-->  WB201  --on an event loop-->  WB710
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from bridge.analysis.model import Category
from bridge.analysis.rules.base import Place, Rule

__all__ = ["Claims"]

# A database call in a loop of a template is reported as the template's; on an event loop nothing else counts.
ORDER_OF_PLACES = (Place.LOOP, Place.SIGNAL, Place.SERIALIZER, Place.TEMPLATE, Place.EVENT_LOOP)


class Claims:
    """Answers for a set of rules."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        known = list(rules)
        self._by_name = {name: rule for rule in known for name in rule.sinks}
        self._by_category = {category: rule for rule in known for category in rule.categories}
        self._by_place: Mapping[str, dict[str, Rule]] = {
            place: {prefix: rule for rule in known if rule.place == place for prefix in rule.takes_over}
            for place in ORDER_OF_PLACES
        }
        self._known: dict[tuple[str, Category, frozenset[str]], Rule | None] = {}

    def rule(self, sink: str, category: Category, places: Iterable[str]) -> Rule | None:
        """Return the rule for a call of `sink` that stands in `places`; None if no rule is there to take it."""
        key = sink, category, frozenset(places)
        if key not in self._known:
            self._known[key] = self._rule(*key)
        return self._known[key]

    def _rule(self, sink: str, category: Category, standing: Collection[str]) -> Rule | None:
        rule = self._by_sink(sink, category)
        for place in ORDER_OF_PLACES:
            if rule is not None and place in standing:
                rule = self._taken_over(rule, place)
        return rule

    def _by_sink(self, sink: str, category: Category) -> Rule | None:
        if category is Category.ORM_LAZY:
            return self._by_category.get(category)
        named = (self._by_name[name] for name in _prefixes(sink) if name in self._by_name)
        return next(named, None) or self._by_category.get(category)

    def _taken_over(self, rule: Rule, place: str) -> Rule:
        takers = self._by_place[place]
        prefixes = (rule.code[:length] for length in range(len(rule.code), 2, -1))
        return next((takers[prefix] for prefix in prefixes if prefix in takers), rule)


def _prefixes(name: str) -> Iterator[str]:
    """Yield a dotted name, then what stands above it, up to its first part."""
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        yield ".".join(parts[:length])
