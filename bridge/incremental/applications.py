"""The two applications of a migration, and legacy once more, apart, for calls that nobody waits for."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any, cast

from bridge.adapters.wsgi_to_asgi import WsgiToAsgi
from bridge.protocol.asgi_types import AsgiApp
from bridge.protocol.callables import require_asgi, require_wsgi

__all__ = ["Pair", "pair_of"]


@dataclass(frozen=True, slots=True)
class Pair:
    """`legacy_apart` is the legacy application in threads of its own.

    Calls that are made only to compare must not take the threads that requests wait for: a synchronous
    application that hangs keeps its thread, whatever time limit its caller has.
    """

    legacy: WsgiToAsgi
    modern: AsgiApp
    legacy_apart: WsgiToAsgi
    former: tuple[WsgiToAsgi, ...] = ()  # as the configuration had it before

    def with_concurrency(self, concurrency: int) -> Pair:
        """Return the pair with other threads apart; the former ones end what they run, and go when they idle."""
        former = (*self.former, self.legacy_apart)
        return replace(self, legacy_apart=_apart(self.legacy, concurrency), former=former)

    async def close(self) -> None:
        """Wait for what still runs apart."""
        for apart in (*self.former, self.legacy_apart):
            await apart.executor.drain()


def _apart(legacy: WsgiToAsgi, concurrency: int) -> WsgiToAsgi:
    # Its options as well: else the two would not answer alike.
    options = {each.name: getattr(legacy.options, each.name) for each in fields(legacy.options)}
    return WsgiToAsgi(
        legacy.app, max_threads=concurrency, max_queue=concurrency, shutdown_timeout=1.0, **options
    )


def pair_of(legacy: Any, modern: Any, concurrency: int) -> Pair:
    """Return the pair; `concurrency` is how many comparing calls there may be at one time.

    Raises `InvalidOption` for what is no application.
    """
    require_asgi("modern", modern)
    if not isinstance(legacy, WsgiToAsgi):
        require_wsgi("legacy", legacy)
    adapter = legacy if isinstance(legacy, WsgiToAsgi) else WsgiToAsgi(legacy)
    return Pair(adapter, cast(AsgiApp, modern), _apart(adapter, concurrency))
