"""The ASGI application of a worker process.

    parent   settings.store() ---- environment ----> worker   create(): restore, import, wrap

Servers that start processes get `bridge.cli.worker:create` as their application factory. It takes nothing,
so it works under spawn and fork alike.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, cast

from bridge.cli.complaint import complain
from bridge.cli.errors import CommandError
from bridge.cli.loading import load
from bridge.cli.logs import configure_logging
from bridge.cli.proxy import BehindProxy, TrustedPeers
from bridge.cli.settings import ServeSettings
from bridge.protocol.asgi_types import AsgiApp

__all__ = ["STARTUP_FAILURE", "build", "create"]

STARTUP_FAILURE = 3  # exit code; uvicorn's parent stops on it, where it restarts a worker that crashed


def create() -> AsgiApp:
    """Return the application that this process serves, as the environment says.

    What is wrong with the user's code is told on standard error and ends the process.
    """
    settings = ServeSettings.restore()
    configure_logging(settings.logs)
    try:
        return build(load(settings.target, settings.folder).application, settings)
    except CommandError as error:
        complain(error)
        sys.exit(STARTUP_FAILURE)


def build(application: Callable[..., Any], settings: ServeSettings) -> AsgiApp:
    """Wrap a WSGI application: the bridge, the metrics page around it, the proxy's word outermost."""
    from bridge import WsgiToAsgi

    limits, edge = settings.limits, settings.edge
    bridge = WsgiToAsgi(
        application,
        max_threads=limits.max_threads,
        max_queue=limits.max_queue,
        queue_timeout=limits.queue_timeout,
        shutdown_timeout=limits.shutdown_timeout,
        body_window=limits.body_window,
        high_water=limits.high_water,
        spool_chunked=limits.spool_chunked,
        keep_underscore_headers=limits.keep_underscore_headers,
    )
    served = cast(AsgiApp, bridge)  # its events are typed as dict, where servers promise any mapping
    if edge.metrics is not None:
        from bridge.observe.metrics import MetricsPage

        served = MetricsPage(served, [bridge.executor], path=edge.metrics)
    if edge.root_path or edge.proxy_headers:
        trusted = TrustedPeers(edge.forwarded_allow_ips) if edge.proxy_headers else None
        local = settings.listen.uds is not None
        served = BehindProxy(served, trusted=trusted, local=local, root_path=edge.root_path)
    return served
