"""`Migration`: legacy and modern behind one ASGI application, route by route.

scope -> local path -> rule -> legacy | modern | both
^
table: replaced as a whole, by the ledger's thread, when the file or the
store says so; a request has the one it found
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractContextManager
from functools import partial
from time import perf_counter
from typing import Any

from bridge.adapters.wsgi_to_asgi import WsgiToAsgi
from bridge.errors import BridgeError, InvalidOption, UnknownScopeType
from bridge.incremental.applications import Pair, pair_of
from bridge.incremental.canary import is_in_canary
from bridge.incremental.configuration import Configuration, ConfigurationFile
from bridge.incremental.errors import InvalidConfiguration
from bridge.incremental.fallback import ask_modern_first
from bridge.incremental.guard import Guard
from bridge.incremental.ledger import Ledger
from bridge.incremental.legacy_context import enter_migration
from bridge.incremental.lifespans import serve_lifespans
from bridge.incremental.paths import settle_path
from bridge.incremental.redaction import Redaction
from bridge.incremental.rules import Mode, Rule, Setting, parse_setting
from bridge.incremental.shadow import Comparer, Shadows, sides_of
from bridge.incremental.store import DEFAULT_STORE, Settings, Store, open_store
from bridge.incremental.table import RuleTable
from bridge.protocol.asgi_types import AsgiApp, Event, Receive, Scope, Send

__all__ = ["Migration"]

logger = logging.getLogger("bridge.incremental")

# Local names: in Python 3.11 an enumeration's member costs a quarter of a microsecond to look up.
_LEGACY, _MODERN, _CANARY = Mode.LEGACY, Mode.MODERN, Mode.CANARY
_SHADOW, _FALLBACK = Mode.SHADOW, Mode.FALLBACK
SPOOL_MEMORY = 1024 * 1024  # bytes; as WsgiToAsgi's


class Migration:
    """An ASGI application that answers each route by the legacy or the modern application.

    `legacy`: a WSGI application, or a `WsgiToAsgi` with options of your own. `modern`: an ASGI application.

    `routes`: `{"GET /users/<int:id>": "shadow", "GET /x": "canary:30"}`, or instead of a setting a table of
    options: `{"mode": "canary", "percent": 5, "guard": True}`. `default`: the same for all other routes
    ("legacy"). `options`: options of every rule. Or `config`: the path of a TOML file that says all this, and
    is read again when it changes.

    `store`: where workers share settings and counters, a URL or a `Store`
    ("sqlite:///migration.sqlite3"). `legacy_context`: `(environ) -> context manager`, for `run_legacy`
    where legacy is neither Flask's nor Django's.

    WebSocket scopes go to modern; lifespans to both. Raises `InvalidOption`, `InvalidPattern`,
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
        config: str | os.PathLike[str] | None = None,
        store: str | Store | None = None,
        legacy_context: Callable[[dict[str, Any]], AbstractContextManager[Any]] | None = None,
    ) -> None:
        self._file = None if config is None else ConfigurationFile(config)
        self.configuration = self._configured(routes, default, options)
        self.table = self.configuration.table
        self.store = open_store(store or self.configuration.store or DEFAULT_STORE)
        self.applications: Pair = pair_of(legacy, modern, self.configuration.shadow.concurrency)
        self.legacy_context = legacy_context
        self._sides = sides_of(self.applications)
        self._settings: Mapping[str, str] = {}
        self._guard = Guard(self.store, lambda: self.table)
        self.ledger = Ledger(self.store, self._on_settings, (self._look_at_file, self._guard.look))
        self._comparer = Comparer(self.ledger, Redaction(self.configuration.secrets))
        self._shadows = Shadows(self.ledger, lambda: self._comparer, self.configuration.shadow)

    def _configured(
        self, routes: Mapping[str, Any] | None, default: Any, options: Mapping[str, Any] | None
    ) -> Configuration:
        if self._file is None:
            given = {"routes": routes or {}, "default": default or "legacy", "options": options or {}}
            return Configuration.from_mapping(given)
        if routes is not None or default is not None or options is not None:
            raise InvalidOption(
                "routes", routes, "no routes, default or options beside config, which has them"
            )
        return self._file.read()

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
        if not self.ledger.running:
            self.ledger.start()
        path = scope["path"]
        if scope.get("root_path") or path[:1] != "/":
            scope, path = settle_path(scope)
        rule = self.table.find(scope["method"], path)
        side, app = self._side(rule, scope)
        if side is None:
            await app(scope, receive, send)
        else:
            await self._call(rule, side, app, scope, receive, send)

    async def _serve_other(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            enter_migration(self, scope)
            await self.applications.modern(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._serve_lifespans(scope, receive, send)
        else:
            raise UnknownScopeType(scope["type"])

    def _side(self, rule: Rule, scope: Scope) -> tuple[str | None, AsgiApp]:
        """Return who answers, for the counters, and how; None: it is known, and counted, later."""
        mode = rule.setting.mode
        if mode is _CANARY:
            mode = _MODERN if is_in_canary(scope, rule.sticky, rule.setting.percent) else _LEGACY
        if mode is _LEGACY:
            return "legacy", self.applications.legacy
        enter_migration(self, scope)  # a second call inherits it
        if mode is _MODERN:
            return "modern", self.applications.modern
        if mode is _FALLBACK:
            return None, partial(self._fall_back, rule)
        first = "legacy" if mode is _SHADOW else "modern"
        return first, partial(self._shadows.run, rule, self._sides[first])

    async def _call(  # noqa: PLR0917 - scope, receive and send are one thing
        self, rule: Rule, side: str, app: AsgiApp, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Have one application answer, and count it."""
        status, began, raised = 0, 0.0, False

        def watch(event: Event) -> Awaitable[None]:  # an object with a method takes a third longer
            nonlocal status, began
            if event["type"] == "http.response.start":
                status, began = event["status"], perf_counter()
            return send(event)

        start = perf_counter()
        try:
            await app(scope, receive, watch)
        except OSError:  # in all likelihood the client has gone (ASGI, "Disconnected Client")
            raised = not status
            raise
        except Exception:
            raised = True
            raise
        finally:
            seconds = (began or perf_counter()) - start
            self.ledger.note(rule.name, side, raised or status >= 500, seconds)

    async def _fall_back(self, rule: Rule, scope: Scope, receive: Receive, send: Send) -> None:
        async def legacy(scope: Scope, receive: Receive, send: Send) -> None:
            self.ledger.count(rule.name, "fallback.fell")
            await self._call(rule, "legacy", self.applications.legacy, scope, receive, send)

        async def modern(scope: Scope, receive: Receive, send: Send) -> None:
            await self._call(rule, "modern", self.applications.modern, scope, receive, send)

        await ask_modern_first(modern, legacy, scope, receive, send, memory=SPOOL_MEMORY)

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

    # ------------------------------------------------------------ rules, in the ledger's thread

    def _look_at_file(self) -> None:
        if self._file is None or not self._file.has_changed():
            return
        try:
            configuration = self._file.read()
        except InvalidConfiguration as error:
            logger.error("%s; the rules before stay in force", error)  # noqa: TRY400 - the message says all
            return
        self.configuration = configuration
        self._comparer = Comparer(self.ledger, Redaction(configuration.secrets))
        self._put_in_force()
        logger.info("%s: %d rules are in force", self._file.path, len(configuration.table.rules))

    def _on_settings(self, settings: Settings) -> None:
        self._settings = settings.routes
        self._comparer.forget()
        self._put_in_force()

    def _put_in_force(self) -> None:
        """Replace the table by one of the file's rules with the store's settings: one assignment, no lock."""
        self.table = with_stored(self.configuration.table, self._settings)


def with_stored(table: RuleTable, stored: Mapping[str, str]) -> RuleTable:
    """Return the table with the settings from a store; one that cannot be read is logged and passed over."""
    settings: dict[str, Setting] = {}
    for route, text in stored.items():
        try:
            settings[route] = parse_setting(text, route=route)
        except BridgeError as error:
            logger.error("the store has a setting that is passed over: %s", error)  # noqa: TRY400 - as above
    return table.with_settings(settings)
