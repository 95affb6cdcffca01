"""How the development servers of Django and Werkzeug end a response, for uvicorn in their place.

Neither sends chunks: a body of unknown length ends with the connection (RFC 9112 section 6.3 allows it). With
`EXTERNAL_STRICT` in the environment uvicorn frames as it is used to.
"""

from __future__ import annotations

import os
from typing import Any

from bridge.cli.servers.uvicorn_http10 import Http10Protocol, UnchunkedAnswer

__all__ = ["AsDjangoFrames", "AsWerkzeugFrames", "options_of"]


def options_of(protocol: type[Http10Protocol]) -> dict[str, Any]:
    """Options of uvicorn with which it frames as `protocol` does; none where the run is strict."""
    return {} if os.environ.get("EXTERNAL_STRICT") else {"http": protocol}


class AsWerkzeugFrames(Http10Protocol):
    """`run_simple` without threads answers in HTTP/1.0."""

    def maybe_answer(self) -> UnchunkedAnswer:
        """Wrap the application, whatever the client speaks."""
        return UnchunkedAnswer(self.app)


class _Unannounced(UnchunkedAnswer):
    """Closes without a word after a request that has `Connection: close`."""

    async def send(self, message: Any) -> None:
        """Send one event of the application."""
        if message["type"] != "http.response.start":
            await super().send(message)
            return
        closing, self.cycle.keep_alive = not self.cycle.keep_alive, True
        await super().send(message)
        self.cycle.keep_alive = self.cycle.keep_alive and not closing


class AsDjangoFrames(Http10Protocol):
    """Django's live server says `Connection: close` only where that ends a body.

    RFC 9112 section 9.6: a server that closes SHOULD say so; two of Django's tests read that as a promise to
    keep the connection, which their server does not keep either.
    """

    def maybe_answer(self) -> UnchunkedAnswer:
        """Wrap the application, whatever the client speaks."""
        return _Unannounced(self.app)
