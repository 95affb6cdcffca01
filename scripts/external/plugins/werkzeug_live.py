"""One live application of Werkzeug's suite, served by uvicorn through a bridge: run as a script.

Takes the arguments of the suite's own `run.py`, so that the reloader starts this file again.
"""

from __future__ import annotations

import os
import runpy
import ssl
import sys
from pathlib import Path
from typing import Any

from scripts.external.contenders import to_asgi
from scripts.external.framing import AsWerkzeugFrames, options_of
from scripts.external.peers import replace
from scripts.external.serving import AsgiServer, listen

__all__ = ["run_simple"]


def run_simple(
    hostname: str,
    port: int,
    application: Any,
    *,
    threaded: bool = False,
    use_reloader: bool = False,
    reloader_interval: float = 1,
    reloader_type: str = "auto",
    ssl_context: Any = None,
    **ignored: Any,
) -> None:
    """Serve as `werkzeug.run_simple` does.

    Without `threaded` that is HTTP/1.0: no chunks, and its one thread can't wait on a connection kept open.
    """
    options: dict[str, Any] = {}
    if not threaded:
        options = {"headers": [("Connection", "close")], **options_of(AsWerkzeugFrames)}

    def serve() -> None:
        unix = hostname.removeprefix("unix://") if hostname.startswith("unix://") else None
        listener = listen(hostname, port, path=unix)
        AsgiServer(_bridged(application), listener, tls=_tls(ssl_context), **options).run()

    if not use_reloader:
        serve()
        return
    from werkzeug._reloader import run_with_reloader

    run_with_reloader(serve, interval=reloader_interval, reloader_type=reloader_type)


def _bridged(application: Any) -> Any:
    """Werkzeug's server passes chunked bodies on with their Transfer-Encoding and without a length."""
    if os.environ.get("EXTERNAL_STRICT"):
        return to_asgi(application)

    def with_transfer_encoding(environ: dict[str, Any], start_response: Any) -> Any:
        for name, value in environ.get("asgi.scope", {"headers": ()})["headers"]:
            if name == b"transfer-encoding":
                environ["HTTP_TRANSFER_ENCODING"] = value.decode("latin-1")
        return application(environ, start_response)

    return to_asgi(with_transfer_encoding, spool_chunked=False)


def _tls(given: Any) -> ssl.SSLContext | None:
    from werkzeug import serving

    if given == "adhoc":
        return serving.generate_adhoc_ssl_context()
    if isinstance(given, tuple):
        return serving.load_ssl_context(*given)
    assert given is None or isinstance(given, ssl.SSLContext)
    return given


if __name__ == "__main__":
    from werkzeug import serving

    replace(serving, run_simple=run_simple)
    live = os.environ["EXTERNAL_LIVE"]
    sys.path.insert(0, str(Path(live).parent))
    runpy.run_path(live, run_name="__main__")
