"""Finds the rule of a request: a tree over the segments of paths, whose cost does not grow with its rules.

    /users            a dictionary of whole paths, for routes without parameters
    users -- me       text first,
          |- <int>    then text with parameters, then kinds from narrow to wide,
          `- <path>   the rest last

The first that fits, in that order, is the most specific one, compared segment by segment from the left. A
route whose methods don't fit is passed over for a wider one that has them.

The tree holds places in the list of rules, not rules: a change of settings makes a new list beside the same
tree, in microseconds, however many rules there are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from bridge.incremental.errors import DuplicateRoute, InvalidPattern, UnknownRoute
from bridge.incremental.patterns import LITERAL, MIXED, MIXED_LIMIT, TAIL, Segment, parse_pattern
from bridge.incremental.rules import DEFAULT_ROUTE, Rule, Setting
from bridge.incremental.suggestions import nearest_routes, shape

__all__ = ["RuleTable"]

_NO_KIND = re.compile(r"^[^:]*[<{][^<>{}:]+[>}][^:]*$")
_NUMBER_LIMIT = 4000  # digits; int() refuses more than 4300
_SLASHES = re.compile(r"/{2,}")


class _End(dict["str | None", int]):
    """The rules of one path, by method, as their places in the table; None: every method."""

    def add(self, place: int, rules: Sequence[Rule]) -> None:
        rule = rules[place]
        assert rule.route is not None
        for method in rule.route.methods or (None,):
            if method in self:
                raise DuplicateRoute(rules[self[method]].name, rule.name)
            self[method] = place

    def with_head(self) -> None:
        """Let GET answer HEAD, as every framework has it, where nobody else does."""
        if "GET" in self and "HEAD" not in self:
            self["HEAD"] = self["GET"]

    def place(self, method: str) -> int | None:
        place = self.get(method)
        return self.get(None) if place is None else place


class _Node:
    """What can come after the segments so far."""

    __slots__ = ("compiled", "end", "literals", "parameters", "tails")

    def __init__(self) -> None:
        self.end: _End = _End()
        self.compiled: list[tuple[Callable[[str], object], _Node]] = []  # of parameters, once all are there
        self.literals: dict[str, _Node] = {}
        self.parameters: list[tuple[_Matcher, _Node]] = []
        self.tails: list[tuple[_Matcher, _End]] = []

    def child(self, segment: Segment) -> _Node:
        if segment.rank == LITERAL:
            return self.literals.setdefault(segment.text, _Node())
        for matcher, node in self.parameters:
            if matcher.same(segment):
                return node
        node = _Node()
        self.parameters.append((_Matcher(segment), node))
        return node

    def tail(self, segment: Segment) -> _End:
        for matcher, end in self.tails:
            if matcher.same(segment):
                return end
        end = _End()
        self.tails.append((_Matcher(segment), end))
        return end

    def settle(self) -> None:
        """Put the most specific first, all the way down."""
        self.end.with_head()
        self.parameters.sort(key=lambda entry: entry[0].segment.order)
        self.compiled = [(matcher.test, node) for matcher, node in self.parameters]
        self.tails.sort(key=lambda entry: entry[0].segment.order)
        for _, end in self.tails:
            end.with_head()
        for node in [*self.literals.values(), *(node for _, node in self.parameters)]:
            node.settle()

    def find(self, parts: list[str], index: int, method: str) -> int | None:
        """Return the place of the most specific rule for `parts` from `index` on; None where there is none."""
        if index == len(parts):
            return self.end.place(method)
        part = parts[index]
        node = self.literals.get(part)
        place = None if node is None else node.find(parts, index + 1, method)
        if place is not None:
            return place
        for fits, node in self.compiled:
            if fits(part):
                place = node.find(parts, index + 1, method)
                if place is not None:
                    return place
        return self._find_tail("/".join(parts[index:]), method) if self.tails else None

    def _find_tail(self, rest: str, method: str) -> int | None:
        for matcher, end in self.tails:
            if matcher.fits(rest):
                place = end.place(method)
                if place is not None:
                    return place
        return None


class _Matcher:
    """A segment with its regular expression compiled."""

    __slots__ = ("_bounded", "_fits", "_limit", "segment", "test")

    def __init__(self, segment: Segment) -> None:
        assert segment.regex is not None
        self.segment = segment
        self._fits = re.compile(segment.regex, re.DOTALL).fullmatch
        self._bounded = segment.minimum is not None or segment.maximum is not None
        self._limit = MIXED_LIMIT if segment.rank == MIXED else None
        plain = not self._bounded and self._limit is None
        # Most kinds are their regular expression and nothing else: no call in between.
        self.test: Callable[[str], object] = self._fits if plain else self.fits

    def same(self, segment: Segment) -> bool:
        return segment.same(self.segment)

    def fits(self, part: str) -> bool:
        if self._limit is not None and len(part) > self._limit:
            return False
        if self._fits(part) is None:
            return False
        return not self._bounded or self._within(part)

    def _within(self, part: str) -> bool:
        if len(part) > _NUMBER_LIMIT:
            return False
        number, segment = int(part), self.segment
        return (segment.minimum is None or number >= segment.minimum) and (
            segment.maximum is None or number <= segment.maximum
        )


class RuleTable:
    """All rules of a migration, immutable: a change makes a new one, and a request sees one or the other.

    Raises `DuplicateRoute` when two rules are for the same requests.
    """

    __slots__ = ("_has_parameters", "_places", "_root", "_static", "default", "rules")

    def __init__(self, rules: Iterable[Rule], default: Rule) -> None:
        self.default = default
        self._places: tuple[Rule, ...] = tuple(rules)
        self._static: dict[str, _End] = {}
        self._root = _Node()
        self._has_parameters = False
        for place in range(len(self._places)):
            self._add(place)
        self.rules: dict[str, Rule] = {rule.name: rule for rule in self._places}
        for end in self._static.values():
            end.with_head()
        self._root.settle()

    def _add(self, place: int) -> None:
        route = self._places[place].route
        assert route is not None
        if route.is_static:
            self._static.setdefault(route.path, _End()).add(place, self._places)
            return
        self._has_parameters = True
        node = self._root
        for segment in route.segments:
            if segment.rank == TAIL:
                node.tail(segment).add(place, self._places)
                return
            node = node.child(segment)
        node.end.add(place, self._places)

    def find(self, method: str, path: str) -> Rule:
        """Return the rule for a request; `path` is decoded and has no mount prefix (PATH_INFO).

        Repeated slashes are looked up as one, for frameworks differ in what they make of them (Werkzeug
        drops them): `//admin` goes where `/admin` goes; and so does `admin`, a request target that some servers let
        through and Werkzeug and Bottle put a slash before. The path that the application sees is not touched.
        """
        if "//" in path:
            path = _SLASHES.sub("/", path)
        if path[:1] not in {"/", ""} and path != "*":
            path = f"/{path}"
        end = self._static.get(path)
        if end is not None:
            place = end.place(method)
            if place is not None:
                return self._places[place]
        if self._has_parameters:
            place = self._root.find(path[1:].split("/"), 0, method)
            if place is not None:
                return self._places[place]
        return self.default

    def with_settings(
        self, settings: Mapping[str, Setting], ignored: Mapping[str, Sequence[str]] | None = None
    ) -> RuleTable:
        """Return a table in which these routes have these settings; names that no rule has are left out.

        `ignored`: fields that these routes ignore, beside those that they ignore anyway.
        """
        changed = object.__new__(RuleTable)  # this one's tree, which the settings say nothing of
        changed._static, changed._root = self._static, self._root
        changed._has_parameters = self._has_parameters
        changed._places = tuple(self._changed(rule, settings, ignored or {}) for rule in self._places)
        changed.rules = {rule.name: rule for rule in changed._places}
        changed.default = self._changed(self.default, settings, ignored or {})
        return changed

    @staticmethod
    def _changed(rule: Rule, settings: Mapping[str, Setting], ignored: Mapping[str, Sequence[str]]) -> Rule:
        setting, fields = settings.get(rule.name, rule.setting), ignored.get(rule.name, ())
        if setting == rule.setting and not fields:
            return rule
        return replace(rule, setting=setting, ignore_fields=(*rule.ignore_fields, *fields))

    def rule_or_error(self, name: str) -> Rule:
        """Return the rule called `name`, by its id or in another spelling; raises `UnknownRoute`."""
        if name in {DEFAULT_ROUTE, "default"}:
            return self.default
        rule = self.rules.get(name) or self._spelled_otherwise(name)
        if rule is None:
            raise UnknownRoute(name, nearest_routes(name, self.rules))
        return rule

    def _spelled_otherwise(self, name: str) -> Rule | None:
        try:
            wanted = parse_pattern(name)
        except InvalidPattern:
            return None
        same = [rule for rule in self.rules.values() if rule.route and rule.route.same(wanted)]
        if not same and _NO_KIND.search(name):
            # `<id>` says nothing of the kind: it will do for `<int:id>`, where no other route looks like it.
            same = [rule for rule in self.rules.values() if shape(rule.name) == shape(str(wanted))]
        return same[0] if len(same) == 1 else None
