"""How the development servers of Django and Werkzeug end a response, for uvicorn in their place.

Neither sends chunks: a body of unknown length ends with the connection (RFC 9112 section 6.3 allows it). With
`EXTERNAL_STRICT` in the environment uvicorn frames as it is used to.
"""

from __future__ import annotations

import os
from typing import Any

from bridge.cli.servers.uvicorn_http10 import Http10Protocol, UnchunkedCycle

__all__ = ["AsDjangoFrames", "AsWerkzeugFrames", "options_of"]


def options_of(protocol: type[Http10Protocol]) -> dict[str, Any]:
    """Options of uvicorn with which it frames as `protocol` does; none where the run is strict."""
    return {} if os.environ.get("EXTERNAL_STRICT") else {"http": protocol}


class _Reframing(Http10Protocol):
    cycle_class: type[UnchunkedCycle]

    def on_headers_complete(self) -> None:
        """Take a request."""
        super().on_headers_complete()
        if self.cycle is not None and self.cycle.scope is self.scope:
            self.cycle.__class__ = self.cycle_class


class AsWerkzeugFrames(_Reframing):
    """`run_simple` without threads answers in HTTP/1.0."""

    cycle_class = UnchunkedCycle


class _Unannounced(UnchunkedCycle):
    """Closes without a word after a request that has `Connection: close`."""

    async def send(self, message: Any) -> None:
        """Send one event of the application."""
        if message["type"] != "http.response.start":
            await super().send(message)
            return
        closing, self.keep_alive = not self.keep_alive, True
        await super().send(message)
        self.keep_alive = self.keep_alive and not closing


class AsDjangoFrames(_Reframing):
    """Django's live server says `Connection: close` only where that ends a body.

    RFC 9112 section 9.6: a server that closes SHOULD say so; two of Django's tests read that as a promise to
    keep the connection, which their server does not keep either.
    """

    cycle_class = _Unannounced
