"""What runs before and after every request of an application or a blueprint."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from bridge.analysis.frameworks.calls import Call, calls_on
from bridge.analysis.frameworks.flask.mounting import Mount, Mounting
from bridge.analysis.model import Middleware
from bridge.analysis.solving.state import State

__all__ = ["Hooks", "hooks_of"]

# Method -> (role, whether a blueprint's counts for the whole application).
KINDS = {
    "url_value_preprocessor": ("url_value_preprocessor", False),
    "app_url_value_preprocessor": ("url_value_preprocessor", True),
    "before_request": ("before_request", False),
    "before_app_request": ("before_request", True),
    "before_first_request": ("before_first_request", True),
    "before_app_first_request": ("before_first_request", True),
    "after_request": ("after_request", False),
    "after_app_request": ("after_request", True),
    "teardown_request": ("teardown_request", False),
    "teardown_app_request": ("teardown_request", True),
    "teardown_appcontext": ("teardown_appcontext", True),
    "context_processor": ("context_processor", False),
    "app_context_processor": ("context_processor", True),
    "errorhandler": ("errorhandler", False),
    "app_errorhandler": ("errorhandler", True),
    "register_error_handler": ("errorhandler", False),
}

BEFORE = ("middleware", "signal", "url_value_preprocessor", "before_request")
AFTER = ("after_request", "teardown_request", "teardown_appcontext")

Found = tuple[int, str]  # (function value, role)


@dataclass(slots=True)
class Hooks:
    """Hooks by role: of whole applications, and of single blueprints."""

    of_app: dict[tuple[int, str], list[int]] = field(default_factory=lambda: defaultdict(list))
    of_blueprint: dict[tuple[int, str], list[int]] = field(default_factory=lambda: defaultdict(list))

    def add_around(
        self,
        apps: list[int],
        middleware: Iterable[Middleware],
        before: Iterable[Found],
        after: Iterable[Found],
    ) -> None:
        """Add what runs around every request: WSGI middleware, receivers of Flask's own signals."""
        for app in apps:
            self.of_app[app, "middleware"] += [root.function for each in middleware for root in each.roots]
            self.of_app[app, "signal"] += [each for each, _ in before]
            self.of_app[app, "signal after"] += [each for each, _ in after]

    def before(self, mount: Mount) -> Iterator[Found]:
        """Yield what runs before a view under `mount`, in order: the application's first."""
        for role in BEFORE:
            yield from ((each, role) for each in self.of_app[mount.app, role])
            for blueprint in mount.chain:
                yield from ((each, role) for each in self.of_blueprint[blueprint, role])

    def after(self, mount: Mount) -> Iterator[Found]:
        """Yield what runs after a view under `mount`, in order: the last registered first."""
        for role in AFTER:
            for blueprint in reversed(mount.chain):
                yield from ((each, role) for each in reversed(self.of_blueprint[blueprint, role]))
            yield from ((each, role) for each in reversed(self.of_app[mount.app, role]))
        yield from ((each, "signal") for each in self.of_app[mount.app, "signal after"])

    def all(self, role: str) -> list[int]:
        """Return every hook of a role, each once."""
        tables = (self.of_app, self.of_blueprint)
        return list(
            dict.fromkeys(each for table in tables for key in table if key[1] == role for each in table[key])
        )


def hooks_of(state: State, mounting: Mounting) -> Hooks:
    """Return the hooks of everything that is mounted."""
    hooks = Hooks()
    for scaffold, mounts in mounting.mounts.items():
        apps = list(dict.fromkeys(mount.app for mount in mounts))
        for call in calls_on(state, scaffold, *KINDS):
            if call.call.callee != scaffold:
                _note(state, hooks, call, scaffold, apps)
    return hooks


def _note(state: State, hooks: Hooks, call: Call, scaffold: int, apps: Iterable[int]) -> None:
    role, is_global = KINDS[call.method]
    found = sorted(_functions(state, call))
    if is_global or scaffold in apps:
        for app in apps:
            hooks.of_app[app, role] += [each for each in found if each not in hooks.of_app[app, role]]
    else:
        known = hooks.of_blueprint[scaffold, role]
        known += [each for each in found if each not in known]


def _functions(state: State, call: Call) -> frozenset[int]:
    if call.method == "register_error_handler":
        return call.values(1, "f")
    if not call.method.endswith("errorhandler"):
        return call.values(0, "f")
    return frozenset().union(*(each.values(0) for each in calls_on(state, call.result)))
