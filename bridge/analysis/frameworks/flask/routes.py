"""Rules, mounts, views and hooks -> routes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bridge.analysis.frameworks.calls import file_of
from bridge.analysis.frameworks.conditions import condition_at
from bridge.analysis.frameworks.flask.admin import admin_rules
from bridge.analysis.frameworks.flask.appbuilder import appbuilder_rules
from bridge.analysis.frameworks.flask.classful import classful_rules
from bridge.analysis.frameworks.flask.construction import Constructed
from bridge.analysis.frameworks.flask.hooks import Hooks
from bridge.analysis.frameworks.flask.mounting import Mount, Mounting, join_paths
from bridge.analysis.frameworks.flask.overrides import overrides_rules
from bridge.analysis.frameworks.flask.restful import resource_rules
from bridge.analysis.frameworks.flask.rules import Rule, rules_of, static_rule
from bridge.analysis.frameworks.flask.views import Handler, handlers
from bridge.analysis.frameworks.roots import enter_roots
from bridge.analysis.model import Root, Route
from bridge.analysis.solving.state import State

__all__ = ["Builder", "shown_methods"]

MOST_VIEWS = 16  # of one rule; where more may be meant, which of them is not known

STATIC = "flask.Flask.send_static_file"


def shown_methods(methods: tuple[str, ...]) -> tuple[str, ...]:
    """Return methods as a route shows them: sorted, without HEAD and OPTIONS unless they are all there is."""
    plain = sorted({each.upper() for each in methods})
    return tuple([each for each in plain if each not in {"HEAD", "OPTIONS"}] or plain)


@dataclass(slots=True)
class Builder:
    """Makes the routes of one project."""

    state: State
    framework: str
    hooks: Hooks
    unread: list[str]
    constructed: Constructed
    root: Path
    read: set[str] = field(default_factory=set)  # places of rules that were read, in any context

    def remarks(self) -> tuple[str, ...]:
        """Return what could not be read anywhere, each once."""
        return tuple(
            each for each in dict.fromkeys(self.unread) if each.rpartition(" at ")[2] not in self.read
        )

    def all(self, mounting: Mounting) -> Iterator[Route]:
        """Yield the routes of everything that is mounted, each id once, the first that is registered."""
        known: set[tuple[str, str]] = set()
        for route in self._all(mounting):
            pairs = {(method, route.path) for method in route.methods or ("ANY",)}
            if not pairs <= known:
                known |= pairs
                yield route

    def _all(self, mounting: Mounting) -> Iterator[Route]:
        yield from self._of_scaffolds(mounting)
        for find in (resource_rules, admin_rules, appbuilder_rules):
            for rule, mount in find(self.state, mounting, self.unread):
                yield from self.of_rule(rule, mount)
        for rule, mount in classful_rules(self.state, mounting, self.unread, self.root):
            yield from self.of_rule(rule, mount)

    def _of_scaffolds(self, mounting: Mounting) -> Iterator[Route]:
        for scaffold, mounts in mounting.mounts.items():
            for mount in mounts:
                yield from self.static(scaffold, mount)
            for rule in self._rules(scaffold) if mounts else ():
                for mount in mounts:
                    yield from self.of_rule(rule, mount)

    def _rules(self, scaffold: int) -> Iterable[Rule]:
        if scaffold in self.constructed.rules:
            return self.constructed.rules[scaffold]
        decorators = not overrides_rules(self.state, scaffold)
        return rules_of(self.state, scaffold, self.unread, decorators=decorators)

    def of_rule(self, rule: Rule, mount: Mount) -> Iterator[Route]:
        """Yield the routes of a rule: one, or one for each method of a class-based view."""
        views = rule.views if len(rule.views) <= MOST_VIEWS else frozenset()
        found = list(rule.handlers or handlers(self.state, rule.site, views))
        self.read.add(f"{rule.file}:{rule.line}" if found else "")
        if not found:
            self.unread.append(f"the view of {rule.path!r} at {rule.file}:{rule.line}")
            found = [Handler(None, "", rule.file, rule.line, ())]
        for handler in found:
            methods = self._methods(rule, handler)
            if methods is not None:
                yield self._route(rule, mount, handler, methods)

    def _methods(self, rule: Rule, handler: Handler) -> tuple[str, ...] | None:
        """Return the methods of the route, None if the rule doesn't let the handler's through."""
        if rule.methods is None:
            return handler.methods or ("GET",)
        if handler.methods is None or handler.methods == rule.methods:
            return rule.methods
        return tuple(each for each in handler.methods if each in rule.methods) or None

    def _route(self, rule: Rule, mount: Mount, handler: Handler, methods: tuple[str, ...]) -> Route:
        return Route(
            framework=self.framework,
            methods=shown_methods(methods),
            path=join_paths(mount.prefix, rule.path),
            handler=handler.symbol,
            file=handler.file or rule.file,
            line=handler.line or rule.line,
            roots=self.roots(mount, handler.values),
            is_async=handler.is_async,
            condition=rule.condition or self._condition(rule) or mount.condition,
        )

    def _condition(self, rule: Rule) -> str:
        """Return the setting around what is decorated, or around the call that adds it: `admin.add_view(...)`."""
        added = file_of(self.state, rule.site), rule.site.line
        return condition_at(self.root, rule.file, rule.line) or condition_at(self.root, *added)

    def roots(self, mount: Mount, values: tuple[tuple[int, str], ...]) -> tuple[Root, ...]:
        """Return the roots of a route: hooks before it, its own, hooks after it."""
        found: dict[tuple[int, str], Root] = {}
        for value, role in (*self.hooks.before(mount), *values, *self.hooks.after(mount)):
            for root in enter_roots(self.state, (value,), role):
                found.setdefault((root.instance, ""), root)
        return tuple(found.values())

    def static(self, scaffold: int, mount: Mount) -> Iterator[Route]:
        """Yield the route of the files that a scaffold serves itself."""
        path = static_rule(self.state, scaffold)
        made = self.state.makings.get(scaffold)
        if path is None or made is None:
            return
        rule = Rule(path, ("GET",), frozenset(), "static", made.site, *self._made_at(scaffold))
        yield self._route(rule, mount, Handler(None, STATIC, "", 0, ()), ("GET",))

    def _made_at(self, scaffold: int) -> tuple[str, int]:
        site = self.state.makings[scaffold].site
        program = self.state.program
        module = program.modules[program.module_of[self.state.instances[site.instance].scope]]
        return module.file, site.line
