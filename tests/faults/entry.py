"""The server's process: `python -m tests.faults.entry JSON`, with the options of `serve` below.

The listening socket comes from the parent, which so knows the port. When it has drained, the process
prints its vitals as the last line of standard output.
"""

from __future__ import annotations

import dataclasses
import json
import logging
import socket
import sys
from typing import Any

import uvicorn

from bridge import WsgiToAsgi
from tests.faults.vitals import Watched

__all__ = ["serve"]


def serve(
    *,
    descriptor: int,
    http: str,
    loop: str,
    bridge: dict[str, Any],
    server: dict[str, Any],
) -> None:
    """Serve until told to stop; `bridge` and `server` are options of `WsgiToAsgi` and `uvicorn.Config`."""
    if bridge.get("executor") == "greenlet":
        from bridge.cooperative import install

        install()
    from tests.faults.applications import application  # after that, as an application is

    logging.basicConfig(level=logging.WARNING)

    async def last_look() -> None:  # as a hook, since uvicorn ends by the signal that it was sent
        print(json.dumps(dataclasses.asdict(watched.vitals())), flush=True)  # noqa: T201 - what the parent reads

    watched = Watched(WsgiToAsgi(application, on_shutdown=last_look, **bridge))
    options = {"access_log": False, "log_level": "warning", "timeout_keep_alive": 75, "backlog": 2048}
    config = uvicorn.Config(watched, http=http, loop=loop, ws="none", **{**options, **server})
    uvicorn.Server(config).run(sockets=[socket.socket(fileno=descriptor)])


if __name__ == "__main__":
    serve(**json.loads(sys.argv[1]))
