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
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from bridge.errors import ExecutorError
from bridge.executors.base import Crossing
from bridge.incremental.errors import NoLegacyContext, NotInMigration
from bridge.protocol.asgi_types import Scope
from bridge.protocol.environ import Environ, build_environ
from bridge.protocol.headers import EnvironKeys

if TYPE_CHECKING:
    from bridge.incremental.migration import Migration

__all__ = ["CURRENT", "current_migration", "run_legacy"]

Result = TypeVar("Result")
ContextOf = Callable[[Environ], AbstractContextManager[Any]]

# Set for every request that modern may answer, so that `run_legacy` finds its way.
CURRENT: contextvars.ContextVar[tuple[Migration, Scope]] = contextvars.ContextVar("bridge_migration")
_INNER = ("wsgi_app", "app", "application", "wrapped", "_app", "wrap_app", "__self__", "__wrapped__")
_DEPTH = 8  # layers of middleware to look through
_keys = EnvironKeys()


def current_migration() -> tuple[Migration, Scope]:
    """Return the migration and the scope of the request in progress; raises `NotInMigration`."""
    try:
        return CURRENT.get()
    except LookupError:
        raise NotInMigration from None


async def run_legacy(function: Callable[..., Result], *arguments: Any) -> Result:
    """Call `function(*arguments)` in the legacy application's request context, on its executor.

    In Flask's context `flask.request`, `session`, `current_app` and `flask_login.current_user` work; the
    functions of `before_request` are not run. For Django, `function` gets the request as its first
    argument, with `session` and `user` as the middleware of the settings provides them.

    Returns what it returns and raises what it raises; `NotInMigration` outside a request of a `Migration`,
    `NoLegacyContext` where the framework is unknown, an `ExecutorError` where no thread is to be had.
    """
    migration, scope = current_migration()
    adapter = migration.legacy
    context_of = migration.legacy_context or _context_of(adapter.app)
    loop = asyncio.get_running_loop()
    call = _Call(context_of, _environ(scope), function, arguments, adapter.executor.crossing(loop))
    adapter.executor.submit(call)
    try:
        result: Result = await call.outcome
    except asyncio.CancelledError:
        adapter.executor.withdraw(call, expired=False)
        raise
    return result


class _Call:
    """A job that calls a function in a context and brings the outcome back to the loop."""

    submitted_at = 0.0

    def __init__(
        self,
        context_of: ContextOf,
        environ: Environ,
        function: Callable[..., Any],
        arguments: tuple[Any, ...],
        crossing: Crossing,
    ) -> None:
        self.outcome: asyncio.Future[Any] = crossing.loop.create_future()
        self._context_of = context_of
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
        with self._context_of(self._environ) as given:
            return self._function(*(() if given is None else (given,)), *self._arguments)

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


# ---------------------------------------------------------------- frameworks


def _context_of(application: Any) -> ContextOf:
    for layer in _layers(application):
        for base in type(layer).__mro__:
            top = base.__module__.partition(".")[0]
            if top == "flask" and hasattr(layer, "request_context"):
                return _flask_context(layer)
            if top == "django" and hasattr(layer, "load_middleware"):
                return _django_context(layer)
    raise NoLegacyContext(application)


def _layers(application: Any) -> Iterator[Any]:
    """Yield an application and what middleware has wrapped; Flask's own `wsgi_app` leads back to it."""
    layer = application
    for _ in range(_DEPTH):
        yield layer
        inner = [getattr(layer, name, None) for name in _INNER]
        layer = next((each for each in inner if callable(each)), None)
        if layer is None:
            return


def _flask_context(flask: Any) -> ContextOf:
    @contextmanager
    def context(environ: Environ) -> Iterator[None]:
        with flask.request_context(environ):
            yield None

    return context


def _django_context(handler: Any) -> ContextOf:
    """Return a context with Django's request, its session and its user, as their middleware provides them."""

    @contextmanager
    def context(environ: Environ) -> Iterator[Any]:
        from django.conf import settings
        from django.core.signals import request_finished, request_started
        from django.utils.module_loading import import_string

        request_started.send(sender=handler.__class__, environ=environ)
        try:
            request = handler.request_class(environ)
            for path in settings.MIDDLEWARE:
                if path.endswith((".SessionMiddleware", ".AuthenticationMiddleware")):
                    import_string(path)(lambda _: None).process_request(request)
            yield request
        finally:
            request_finished.send(sender=handler.__class__)  # closes connections past their age

    return context
