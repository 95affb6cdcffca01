"""Django and asgiref in a bridge greenlet.

They look for a running event loop to tell that synchronous code is being called where it would block it. In a
bridge greenlet there is one, and calling it is right. The loop could be hidden around each switch instead
(`asyncio._set_running_loop(None)`), but then asgiref's `Local(thread_critical=True)`, where Django keeps its
database connections, would take the whole thread for one place and share them among all requests. With the loop
in sight it keeps them by context, and each request has its own. So the loop stays visible, and the three
checks that are wrong in a greenlet are told:

- Django's `async_unsafe` finds no loop, so the ORM works;
- `async_to_sync` runs the coroutine in the greenlet, on the server's loop, in the request's task;
- `asyncio.run` gets a thread, as it wants a loop of its own.

Django's connections are closed with the request: they live in its context, and nobody could use them again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from types import ModuleType
from typing import Any, cast

from greenlet import getcurrent

from bridge.cooperative.locals import CooperativeLocal
from bridge.cooperative.offload import in_thread
from bridge.cooperative.patching import Patch, Patches, replacing, scoped
from bridge.cooperative.switch import BridgeGreenlet, await_here

__all__ = [
    "adapt_asgiref",
    "adapt_asgiref_local",
    "adapt_django_check",
    "adapt_django_connections",
    "patches",
]


def patches() -> Any:
    """Yield what makes `asyncio.run` work in a request."""
    run = asyncio.run
    return replacing(asyncio, run=lambda *arguments, **options: in_thread(run, *arguments, **options))


def adapt_django_check(module: ModuleType, patches: Patches) -> None:
    """Have `django.utils.asyncio` see no loop in a bridge greenlet."""
    patches.apply([Patch(module, "get_running_loop", scoped(module.get_running_loop, _no_running_loop))])


def _no_running_loop() -> asyncio.AbstractEventLoop:
    raise RuntimeError("no running event loop")


def adapt_asgiref(sync: ModuleType, patches: Patches) -> None:
    """Have `async_to_sync` run its coroutine in the greenlet that calls it."""
    patches.apply(replacing(sync.AsyncToSync, __call__=_call_async))


def adapt_asgiref_local(module: ModuleType, patches: Patches) -> None:
    """Have `Local(thread_critical=True)` keep a greenlet's values in its `threading.local` itself.

    As it sees a loop, it would keep a context variable in there, a new one for each request; and Django asks for
    its connections ten times a request. A `Local` that was made before the installation has a C `threading.local`,
    one for all greenlets of the thread: there the context variable is what keeps requests apart.
    """
    kind = getattr(module, "_ThreadCriticalLocal", None)  # older asgirefs have none, and take the long way
    original = getattr(kind, "_get_storage", None)
    if original is None:
        return

    def get_storage(self: Any) -> Any:
        if type(getcurrent()) is BridgeGreenlet:
            storage = self.__dict__.get("_storage")
            if type(storage) is CooperativeLocal:
                return storage
        return original(self)

    patches.apply([Patch(kind, "_get_storage", get_storage)])


def _call_async(self: Any, *arguments: Any, **options: Any) -> Any:
    return await_here(_result_of(self.awaitable, arguments, options))


async def _result_of(function: Callable[..., Any], arguments: Any, options: Any) -> Any:
    return await function(*arguments, **options)


def adapt_django_connections(module: ModuleType, patches: Patches) -> None:
    """Have connections that a request leaves open, with CONN_MAX_AGE, closed or returned to their pool."""
    from django.core.signals import request_finished

    def close_all(**_signal: Any) -> None:
        if type(getcurrent()) is BridgeGreenlet:
            for connection in _opened(module.connections):
                connection.close()

    request_finished.connect(close_all, weak=False)
    patches.at_end(lambda: request_finished.disconnect(close_all))


def _opened(connections: Any) -> Iterable[Any]:
    """Return the connections that this request has used: mostly none, and asking for each is the dear way to see it."""
    local = vars(connections).get("_connections")
    if getattr(type(local), "_get_storage", None) is not None:
        storage = local._get_storage()  # noqa: SLF001 - as asgiref's own methods do
        if type(storage) is CooperativeLocal:  # `adapt_asgiref_local`: it keeps nothing else
            return list(vars(storage).values())
    return cast("Iterable[Any]", connections.all(initialized_only=True))
