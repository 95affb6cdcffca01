"""Synchronous legacy code, called from modern code, inside the legacy application's own request context.

    event loop (modern handler)              legacy's executor
    ---------------------------              -----------------
    await run_legacy(fn) ---- job ---------> environ -> request context -> fn()
                         <--- result ------- or what it raised

The context is made of the request that modern is answering: its cookies, its user, its session. Nothing that
`fn` changes in the session is saved, for there is no legacy response that could carry it.
"""

from __future__ import annotations

import asyncio
import contextvars
import io
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from bridge.errors import ExecutorError
from bridge.executors.base import Crossing
from bridge.incremental.errors import NotInMigration
from bridge.incremental.legacy_frameworks import Way, way_into, way_through
from bridge.protocol.asgi_types import Scope
from bridge.protocol.environ import Environ, build_environ
from bridge.protocol.headers import EnvironKeys

if TYPE_CHECKING:
    from bridge.incremental.migration import Migration

__all__ = ["current_migration", "enter_request", "run_legacy"]

Result = TypeVar("Result")

_current: contextvars.ContextVar[tuple[Migration, Scope]] = contextvars.ContextVar("bridge_migration")
# Called for every request that modern may answer, so that `run_legacy` finds its way; bound once, not each time.
enter_request = _current.set
_keys = EnvironKeys()


def current_migration() -> tuple[Migration, Scope]:
    """Return the migration and the scope of the request in progress; raises `NotInMigration`."""
    try:
        return _current.get()
    except LookupError:
        raise NotInMigration from None


async def run_legacy(function: Callable[..., Result], *arguments: Any, hooks: bool = True) -> Result:
    """Call `function(*arguments)` in the legacy application's request context, on its executor.

    In Flask's context `flask.request`, `session`, `g`, `current_app` and `flask_login.current_user` work, after
    the functions of `before_request` have run. For Django, `function` gets the request as its first argument, with
    `session`, `user` and whatever else the middleware of the settings gives it. `hooks=False`: neither those
    functions nor other middleware than Django's for session and user; for a form, say, whose CSRF token is in a body
    that modern reads.

    Returns what it returns and raises what it raises; `LegacyRefused` where `before_request` or middleware
    answered the request by itself, `NotInMigration` outside a request of a `Migration`, `NoLegacyContext`
    where the framework is unknown, an `ExecutorError` where no thread is to be had.
    """
    migration, scope = current_migration()
    adapter = migration.legacy
    given = migration.legacy_context
    way = way_into(adapter.app, hooks=hooks) if given is None else way_through(given)
    executor = adapter.executor_for(scope)
    loop = asyncio.get_running_loop()
    call = _Call(way, _environ(scope), function, arguments, executor.crossing(loop))
    executor.submit(call)
    try:
        result: Result = await call.outcome
    except asyncio.CancelledError:
        executor.withdraw(call, expired=False)
        raise
    return result


class _Call:
    """A job that calls a function in a context and brings the outcome back to the loop."""

    submitted_at = 0.0

    def __init__(
        self,
        way: Way,
        environ: Environ,
        function: Callable[..., Any],
        arguments: tuple[Any, ...],
        crossing: Crossing,
    ) -> None:
        self.outcome: asyncio.Future[Any] = crossing.loop.create_future()
        self._way = way
        self._environ = environ
        self._function = function
        self._arguments = arguments
        self._crossing = crossing
        self._context = contextvars.copy_context()

    def describe(self) -> str:
        name = getattr(self._function, "__qualname__", repr(self._function))
        return f"run_legacy({name}) in {self._environ['REQUEST_METHOD']} {self._environ['PATH_INFO']}"

    def run(self) -> None:
        try:
            result = self._context.run(self._call)
        # BaseException: SystemExit of legacy code must end neither the worker thread nor the server.
        except BaseException as raised:
            self._fail(
                raised if isinstance(raised, Exception) else RuntimeError(f"legacy code raised {raised!r}")
            )
        else:
            self._post(lambda: self.outcome.set_result(result))

    def _call(self) -> Any:
        return self._way(self._environ, lambda *given: self._function(*given, *self._arguments))

    def delayed(self) -> None:
        """Wait on."""

    def refused(self, error: ExecutorError) -> None:
        self._fail(error)

    def _fail(self, error: Exception) -> None:
        self._post(lambda: self.outcome.set_exception(error))

    def _post(self, letter: Callable[[], None]) -> None:
        self._crossing.post(lambda: None if self.outcome.done() else letter())


def _environ(scope: Scope) -> Environ:
    """Return the environ of a request whose body is modern's to read: it is empty here."""
    base = {
        "wsgi.version": (1, 0),
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        "wsgi.input_terminated": True,
    }
    scheme = scope.get("scheme") or "http"
    request = {
        **scope,
        "headers": list(scope["headers"]),
        "method": scope.get("method", "GET"),  # a WebSocket's handshake is a GET (RFC 6455 section 4.1)
        "scheme": {"ws": "http", "wss": "https"}.get(scheme, scheme),
    }
    environ = build_environ(request, base, _keys)
    environ["wsgi.input"], environ["wsgi.errors"] = io.BytesIO(), sys.stderr
    environ.pop("CONTENT_LENGTH", None)
    return environ
