"""What an application finds in environ because the server offers it (ASGI specification, Extensions)."""

from __future__ import annotations

from typing import Any

from bridge.adapters.wsgi_call import WsgiCall
from bridge.executors.base import Crossing
from bridge.protocol.environ import Environ
from bridge.protocol.websocket import EXTENSION as WEBSOCKET

__all__ = ["offer_extensions"]


def offer_extensions(
    environ: Environ, extensions: dict[str, Any], call: WsgiCall, crossing: Crossing
) -> None:
    """Put early hints, trailers and the WebSocket of a handshake into environ, each where it is offered."""
    if "http.response.early_hint" in extensions:
        environ["wsgi.early_hints"] = call.send_early_hints
    if "http.response.trailers" in extensions:
        environ["bridge.trailers"] = call.send_trailers
    if WEBSOCKET in extensions:
        extensions[WEBSOCKET](environ, crossing)
