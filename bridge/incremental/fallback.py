"""Modern first; legacy where modern has nothing: 404 or 405 (RFC 9110 sections 15.5.5 and 15.5.6).

    server         modern                          legacy
    receive() ---> reads, a spool remembers
                   start: 404, 405 ---- dropped, with its body; then
                                        the spool, then receive() ---> reads it all
    send() <------ start: any other
    send() <----------------------------------------------------------- whatever it says

Nothing of a 404 has been sent when legacy is asked: its status is known before its headers go out. What
modern raises is its answer, a 500, and not a reason to ask legacy: it may have acted already.
"""

from __future__ import annotations

import logging

from bridge.incremental.receiving import ReplayReceive, TeeReceive
from bridge.incremental.spool import BodySpool
from bridge.protocol.asgi_types import AsgiApp, Event, Receive, Scope, Send

__all__ = ["NOT_THERE", "FallbackSend", "ask_modern_first"]

logger = logging.getLogger("bridge.incremental")

NOT_THERE = frozenset({404, 405})


class FallbackSend:
    """A `send` that keeps back an answer that says "not there"."""

    __slots__ = ("_send", "_spool", "_tee", "not_there")

    def __init__(self, send: Send, spool: BodySpool, tee: TeeReceive) -> None:
        self._send = send
        self._spool = spool
        self._tee = tee
        self.not_there = False

    async def __call__(self, event: Event) -> None:
        """Hand an event on, unless it belongs to such an answer."""
        if event["type"] == "http.response.start":
            # A body that can't be read again leaves only modern's answer to give.
            self.not_there = event["status"] in NOT_THERE and not self._spool.broken
            if not self.not_there:
                self._spool.give_up()  # nobody is going to read it again, however much more of it comes
        if not self.not_there:
            await self._send(event)
        elif not event.get("more_body", False) and event["type"] == "http.response.body":
            self._tee.end()


async def ask_modern_first(
    modern: AsgiApp, legacy: AsgiApp, scope: Scope, receive: Receive, send: Send, *, memory: int, limit: int
) -> bool:
    """Answer one request; True if legacy had to.

    Of a body that modern reads, `memory` bytes are held in memory, up to `limit` in a file; beyond that modern's
    answer stands, whatever it is.
    """
    spool = BodySpool(memory=memory, limit=limit)
    tee = TeeReceive(receive, spool, careful=True)
    kept_back = FallbackSend(send, spool, tee)
    try:
        # A copy: frameworks write what they have matched into the scope, and legacy would find it there.
        try:
            await modern(dict(scope), tee, kept_back)
        except Exception:
            if not kept_back.not_there:
                raise
            logger.exception("%s %s: modern failed after its 404", scope["method"], scope["path"])
        if not kept_back.not_there:
            return False
        await legacy(scope, ReplayReceive(spool, receive), send)
        return True
    finally:
        await spool.close()
