"""One application of NGINX Unit's suite behind uvicorn and a bridge: run as a script, in its folder."""

from __future__ import annotations

import importlib
import json
import signal
import socket
import sys
from typing import Any

from scripts.external.contenders import bridge_name, to_asgi
from scripts.external.serving import AsgiServer

__all__ = ["Mounted", "as_unit_calls", "main", "unavailable"]


class Mounted:
    """`app` below `prefix`, as an ASGI router mounts it; `rewrite` replaces every path before that."""

    def __init__(self, app: Any, *, prefix: str, rewrite: str | None) -> None:
        self.app = app
        self.prefix = prefix.rstrip("/")
        self.rewrite = rewrite

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Hand the request on, with `root_path` where the path is below the prefix."""
        if scope["type"] == "http":
            scope = dict(scope, path=self.rewrite or scope["path"])
            if (scope["path"] + "/").startswith(self.prefix + "/"):
                scope["root_path"] = self.prefix
        await self.app(scope, receive, send)


def as_unit_calls(app: Any) -> Any:
    """`app` called as Unit does it where PEP 3333 leaves the choice.

    An empty SCRIPT_NAME is left out ("environ Variables" allows it). For a2wsgi, which splits the status at
    a space that many of these applications don't write, the reason is added.
    """

    def call(environ: dict[str, Any], start_response: Any) -> Any:
        if not environ.get("SCRIPT_NAME"):
            environ.pop("SCRIPT_NAME", None)
        return app(environ, _with_reason(start_response) if bridge_name() == "a2wsgi" else start_response)

    return call


def _with_reason(start_response: Any) -> Any:
    def start(status: str, headers: Any, exc_info: Any = None) -> Any:
        return start_response(status if " " in status else f"{status} Reason", headers, exc_info)

    return start


def unavailable(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    """Answer as Unit's router does for an application that could not be loaded."""
    start_response("503 Service Unavailable", [])
    return []


def main(settings: dict[str, Any]) -> None:
    """Serve the application that a Unit configuration describes, until SIGTERM."""
    sys.path.insert(0, settings["path"])
    app = getattr(
        importlib.import_module(settings["module"]), settings.get("callable") or "application", None
    )
    bridge = to_asgi(
        as_unit_calls(app or unavailable), max_threads=settings.get("threads") or 1, error_status=503
    )
    mounted = Mounted(bridge, prefix=settings.get("prefix") or "", rewrite=settings.get("rewrite"))
    # uvicorn shuts down, puts this handler back and raises the signal again; exit handlers run then.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    AsgiServer(mounted, socket.socket(fileno=settings["fd"]), **_server_options()).run()


def _server_options() -> dict[str, Any]:
    """Have every error logged once: wsgi-bridge logs what it hands on to the server, the others don't."""
    return {"log_level": "critical"} if bridge_name() == "wsgi-bridge" else {}


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
