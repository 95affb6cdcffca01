"""`Migration`: legacy and modern behind one ASGI application, route by route.

scope -> local path -> rule -> legacy | modern | both
^
switchboard: replaced as a whole, by the ledger's thread, when the file or the
store says so; a request has the one it found
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import partial
from time import perf_counter
from typing import Any

from bridge.adapters.wsgi_to_asgi import WsgiToAsgi
from bridge.errors import BridgeError, InvalidOption, UnknownScopeType
from bridge.incremental.applications import Pair, pair_of
from bridge.incremental.calling import counted
from bridge.incremental.canary import is_in_canary
from bridge.incremental.configuration import Configuration, ConfigurationFile
from bridge.incremental.errors import InvalidConfiguration
from bridge.incremental.fallback import ask_modern_first
from bridge.incremental.guard import Guard
from bridge.incremental.ledger import Ledger, Tally
from bridge.incremental.legacy_context import enter_request
from bridge.incremental.lifespans import serve_lifespans
from bridge.incremental.paths import settle_path
from bridge.incremental.redaction import Redaction
from bridge.incremental.rules import Mode, Rule, Setting, parse_setting
from bridge.incremental.shadow import Comparer, Shadows, sides_of
from bridge.incremental.store import DEFAULT_STORE, Settings, Store, open_store
from bridge.incremental.switchboard import Switchboard, Way
from bridge.incremental.table import RuleTable
from bridge.protocol.asgi_types import AsgiApp, Event, Receive, Scope, Send

__all__ = ["Migration"]

logger = logging.getLogger("bridge.incremental")

# Of an upload that modern reads before it falls back.
SPOOL_MEMORY = 1024 * 1024  # bytes; as WsgiToAsgi's spool_memory
SPOOL_LIMIT = 1024**3  # bytes; as its spool_limit: else one client could fill the disk


class Migration:
    """An ASGI application that answers each route by the legacy or the modern application.

    `legacy`: a WSGI application, or a `WsgiToAsgi` with options of your own. `modern`: an ASGI application.

    `routes`: `{"GET /users/<int:id>": "shadow", "GET /x": "canary:30"}`, or instead of a setting a table of
    options: `{"mode": "canary", "percent": 5, "guard": True}`. `default`: the same for all other routes
    ("legacy"). `options`: options of every rule. `secrets`: names of fields that are never kept, beside the
    usual ones. `shadow`: limits of second calls, as `ShadowLimits` has them. Or `config`: the path of a TOML
    file that says all this, and is read again when it changes.

    `store`: where workers share settings and counters, a URL or a `Store`
    ("sqlite:///migration.sqlite3"). `legacy_context`: `(environ) -> context manager`, for `run_legacy`
    where legacy is neither Flask's nor Django's.

    A WebSocket goes by the rule for a GET of its path where legacy takes WebSockets (`WsgiToAsgi(application,
    websockets=True)`), else to modern; lifespans go to both. Raises `InvalidOption`, `InvalidPattern`,
    `InvalidSetting`, `DuplicateRoute` or `InvalidConfiguration`.
    """

    def __init__(
        self,
        legacy: Any,
        modern: AsgiApp,
        *,
        routes: Mapping[str, Any] | None = None,
        default: Any = None,
        options: Mapping[str, Any] | None = None,
        secrets: Sequence[str] | None = None,
        shadow: Mapping[str, int] | None = None,
        config: str | os.PathLike[str] | None = None,
        store: str | Store | None = None,
        legacy_context: Callable[[dict[str, Any]], AbstractContextManager[Any]] | None = None,
    ) -> None:
        self._file = None if config is None else ConfigurationFile(config)
        given = {
            "routes": routes,
            "default": default,
            "options": options,
            "secrets": secrets,
            "shadow": shadow,
        }
        self.configuration = self._configured(
            {name: said for name, said in given.items() if said is not None}
        )
        self.store = open_store(store or self.configuration.store or DEFAULT_STORE)
        self._store_is_the_file_s = store is None
        self.applications: Pair = pair_of(legacy, modern, self.configuration.shadow.concurrency)
        self.legacy_context = legacy_context
        self._sides = sides_of(self.applications)
        self._settings = Settings(0, {})
        self._guard = Guard(self.store, lambda: self.table)
        self.ledger = Ledger(self.store, self._on_settings, (self._look_at_file, self._guard.look))
        self._comparer = Comparer(self.ledger, Redaction(self.configuration.secrets))
        self._shadows = Shadows(self.ledger, lambda: self._comparer, self.configuration.shadow)
        self._board = Switchboard(self.configuration.table, self._way)

    def _configured(self, given: Mapping[str, Any]) -> Configuration:
        if self._file is None:
            configuration = Configuration.from_mapping(given)
            configuration.load_functions()
            return configuration
        for name, value in given.items():
            raise InvalidOption(name, value, f"no {name} beside config, which has it")
        return self._file.read(load_functions=True)

    @property
    def table(self) -> RuleTable:
        """Return the rules that are in force now."""
        return self._board.table

    @property
    def legacy(self) -> WsgiToAsgi:
        """Return the legacy application's adapter."""
        return self.applications.legacy

    @property
    def modern(self) -> AsgiApp:
        """Return the modern application."""
        return self.applications.modern

    # ------------------------------------------------------------ requests

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one scope; raises `UnknownScopeType` for one that ASGI does not name."""
        if scope["type"] != "http":
            await self._serve_other(scope, receive, send)
            return
        try:
            way = None if scope["root_path"] else self._board.seen[scope["method"]][scope["path"]]
        except KeyError:  # a new path; or a server that gives no root_path
            way = None
        if way is None:
            scope, way = self._settled(scope)
        if way.choose is not None:
            way = way.choose(scope)
        if way.enters:
            enter_request((self, scope))
        app, tally = way.app, way.tally
        if tally is None:
            await app(scope, receive, send)
            return
        # From here on it is counted(), written out: one coroutine fewer for every request. Keep the two the same.
        began, failed = 0.0, False

        def watch(event: Event) -> Awaitable[None]:
            nonlocal began, failed
            if not began and event["type"] == "http.response.start":
                began, failed = perf_counter(), event["status"] >= 500
            return send(event)

        start = perf_counter()
        try:
            await app(scope, receive, watch)
        except OSError:  # in all likelihood the client has gone (ASGI, "Disconnected Client")
            failed = failed or not began
            raise
        except Exception:
            failed = True
            raise
        finally:
            tally.latencies.append((began or perf_counter()) - start)
            if failed:
                tally.failures.append(None)

    def _settled(self, scope: Scope) -> tuple[Scope, Way]:
        """Return the scope with its local path, and its way: the long way round, for what `seen` has not.

        A new switchboard has seen nothing, so the first request of all starts the ledger here.
        """
        self.ledger.start()
        scope, path = settle_path(scope)
        return scope, self._board.way(scope["method"], path)

    async def _serve_other(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            scope, app = self._partner(scope)
            await app(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._serve_lifespans(scope, receive, send)
        else:
            raise UnknownScopeType(scope["type"])

    def _partner(self, scope: Scope) -> tuple[Scope, AsgiApp]:
        """Return who talks to a WebSocket: one of the two, as a conversation can't be had with both."""
        legacy, modern = self.applications.legacy, self.applications.modern
        if legacy.websockets:
            self.ledger.start()
            scope, path = settle_path(scope)
            rule = self.table.find("GET", path)  # RFC 6455 section 4.1
            if not _talks_to_modern(rule, scope):
                return scope, legacy
        enter_request((self, scope))
        return scope, modern

    def _way(self, rule: Rule) -> Way:
        """Return what a rule comes down to."""
        mode, name = rule.setting.mode, rule.name
        legacy = Way(self.applications.legacy, self.ledger.tally(name, "legacy", mode), enters=False)
        modern = Way(self.applications.modern, self.ledger.tally(name, "modern", mode))
        if mode is Mode.LEGACY:
            return legacy
        if mode is Mode.MODERN:
            return modern
        if mode is Mode.FALLBACK:
            return Way(partial(self._fall_back, rule))
        if mode is Mode.CANARY:
            sticky, percent = rule.sticky, rule.setting.percent
            return Way(
                modern.app, choose=lambda scope: modern if is_in_canary(scope, sticky, percent) else legacy
            )
        first = "legacy" if mode is Mode.SHADOW else "modern"
        return Way(partial(self._shadowed, rule, first), self.ledger.tally(name, first, mode))

    async def _shadowed(self, rule: Rule, first: str, scope: Scope, receive: Receive, send: Send) -> None:
        await self._shadows.run(rule, self._sides[first], scope, receive, send)

    async def _fall_back(self, rule: Rule, scope: Scope, receive: Receive, send: Send) -> None:
        def tally(side: str) -> Tally:
            return self.ledger.tally(rule.name, side, rule.setting.mode)

        async def legacy(scope: Scope, receive: Receive, send: Send) -> None:
            self.ledger.count(rule.name, "fallback.fell")
            await counted(tally("legacy"), self.applications.legacy, scope, receive, send)

        async def modern(scope: Scope, receive: Receive, send: Send) -> None:
            await counted(tally("modern"), self.applications.modern, scope, receive, send)

        await ask_modern_first(modern, legacy, scope, receive, send, memory=SPOOL_MEMORY, limit=SPOOL_LIMIT)

    # ------------------------------------------------------------ lifespan

    async def _serve_lifespans(self, scope: Scope, receive: Receive, send: Send) -> None:
        apps: dict[str, AsgiApp] = {"legacy": self.applications.legacy, "modern": self.applications.modern}
        await serve_lifespans(apps, scope, receive, send, before=self._open, after=self.close)

    async def _open(self) -> None:
        """Begin with the settings that the store has, not with those of the file."""
        await asyncio.to_thread(self.ledger.turn)
        self.ledger.start()

    async def close(self) -> None:
        """End second calls, write what has been counted; a lifespan's shutdown does this by itself."""
        await self._shadows.close()
        await self.applications.close()
        await asyncio.to_thread(self.ledger.stop)
        self._put_in_force()  # a request that comes nevertheless starts the ledger again

    # ------------------------------------------------------------ rules, in the ledger's thread

    def _look_at_file(self) -> None:
        if self._file is None or not self._file.has_changed():
            return
        try:
            configuration = self._file.read(load_functions=True)
        except InvalidConfiguration as error:
            logger.error("%s; the rules before stay in force", error)  # noqa: TRY400 - the message says all
            return
        before, self.configuration = self.configuration, configuration
        self._limit_shadows(before, configuration)
        self._comparer = Comparer(self.ledger, Redaction(configuration.secrets))
        self._put_in_force()
        logger.info("%s: %d rules are in force", self._file.path, len(configuration.table.rules))
        if self._store_is_the_file_s and configuration.store != before.store:
            logger.warning(
                "%s: another store needs a restart; until then the rules and counts of these workers stay in "
                "%s, and changes reach them by: wsgi-bridge migrate --store %s",
                self._file.path,
                *(self.store.url, self.store.url),
            )

    def _limit_shadows(self, before: Configuration, after: Configuration) -> None:
        """Let the next second calls have the new limits; those that run keep theirs."""
        if after.shadow.concurrency != before.shadow.concurrency:
            self.applications = self.applications.with_concurrency(after.shadow.concurrency)
            self._sides = sides_of(self.applications)
        self._shadows.limits = after.shadow

    def _on_settings(self, settings: Settings) -> None:
        self._settings = settings
        self._comparer.forget()
        self._put_in_force()

    def _put_in_force(self) -> None:
        """Replace the table by one of the file's rules with the store's settings: one assignment, no lock."""
        self._board = Switchboard(with_stored(self.configuration.table, self._settings), self._way)


def _talks_to_modern(rule: Rule, scope: Scope) -> bool:
    mode = rule.setting.mode
    if mode is Mode.CANARY:
        return is_in_canary(scope, rule.sticky, rule.setting.percent)
    return mode in {Mode.MODERN, Mode.DARK, Mode.FALLBACK}


def with_stored(table: RuleTable, stored: Settings) -> RuleTable:
    """Return the table with the settings from a store; one that cannot be read is logged and passed over."""
    settings: dict[str, Setting] = {}
    ignored: dict[str, tuple[str, ...]] = {}
    for route in {**stored.routes, **stored.ignored}:
        try:
            # Whoever set it without the rules at hand may have spelled it in another way.
            name = table.rule_or_error(route).name
            if route in stored.routes:
                settings[name] = parse_setting(stored.routes[route], route=route)
            ignored[name] = (*ignored.get(name, ()), *stored.ignored.get(route, ()))
        except BridgeError as error:
            logger.warning("the store has a setting that is passed over: %s", error)
    return table.with_settings(settings, ignored)
