"""Lifespan scopes: start-up and shutdown hooks, and the draining of the executor.

Hooks are called with no argument, or, if they take one, with the lifespan state (a dict that
reaches every request as `environ["asgi.state"]`). Synchronous hooks run in a thread of their own, so
that a slow one does not hold the loop.
"""

from __future__ import annotations

import asyncio
import contextvars
import inspect
import logging
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from bridge.errors import InvalidOption
from bridge.executors.base import Executor
from bridge.protocol.asgi_types import Receive, Scope, Send

__all__ = ["Hook", "LifespanAdapter", "as_hooks"]

logger = logging.getLogger("bridge.lifespan")

Hook = Callable[..., Any]


class LifespanAdapter:
    """Answers lifespan scopes."""

    def __init__(
        self, executors: Sequence[Executor], on_startup: Sequence[Hook], on_shutdown: Sequence[Hook]
    ) -> None:
        self._executors = executors
        self._on_startup = on_startup
        self._on_shutdown = on_shutdown

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one lifespan: from `lifespan.startup` to `lifespan.shutdown`."""
        state = scope.get("state")
        await receive()  # lifespan.startup
        if not await _report(self._start(state), "startup", send):
            return
        await receive()  # lifespan.shutdown
        await _report(self._stop(state), "shutdown", send)

    async def _start(self, state: Any) -> None:
        for executor in self._executors:
            executor.open()
        for hook in self._on_startup:
            await _call(hook, state)

    async def _stop(self, state: Any) -> None:
        """Drain the executors, all at once, then run every hook, even after one has failed."""
        drained = await asyncio.gather(*[executor.drain() for executor in self._executors])
        left = [request for each in drained for request in each]
        if left:
            logger.warning("shutdown left %d requests unfinished: %s", len(left), ", ".join(left))
        failures = []
        for hook in self._on_shutdown:
            try:
                await _call(hook, state)
            except Exception as error:
                logger.exception("the shutdown hook %r failed", hook)
                failures.append(error)
        if failures:
            raise failures[0]


async def _report(work: Any, phase: str, send: Send) -> bool:
    """Do the work of a phase and tell the server how it went; False if it failed.

    The message of `lifespan.startup.failed` is what servers print (ASGI lifespan specification).
    """
    try:
        await work
    except Exception as error:
        if phase == "startup":
            logger.exception("startup failed")
        message = f"{type(error).__name__}: {error}"
        await send({"type": f"lifespan.{phase}.failed", "message": message})
        return False
    await send({"type": f"lifespan.{phase}.complete"})
    return True


async def _call(hook: Hook, state: Any) -> None:
    arguments = (state if state is not None else {},) if _takes_state(hook) else ()
    if inspect.iscoroutinefunction(hook) or inspect.iscoroutinefunction(
        getattr(hook, "__call__", None)  # noqa: B004 - an object whose __call__ is async
    ):
        await hook(*arguments)
        return
    context = contextvars.copy_context()
    loop = asyncio.get_running_loop()
    result = await loop.run_in_executor(None, lambda: context.run(hook, *arguments))
    if inspect.isawaitable(result):
        await result


def _takes_state(hook: Hook) -> bool:
    """Tell whether a hook wants the lifespan state: it has a required positional parameter."""
    try:
        parameters = inspect.signature(hook).parameters.values()
    except (TypeError, ValueError):  # built-ins without a signature
        return False
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return any(p.kind in positional and p.default is p.empty for p in parameters)


def as_hooks(option: str, given: Hook | Sequence[Hook]) -> tuple[Hook, ...]:
    """Return one callable, or a sequence of them, as a tuple; raises `InvalidOption`."""
    if callable(given):
        return (given,)
    hooks = tuple(given) if isinstance(given, Iterable) else (given,)
    for hook in hooks:
        if not callable(hook):
            raise InvalidOption(option, hook, "a callable, or a sequence of callables")
    return hooks
