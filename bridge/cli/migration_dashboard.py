"""`wsgi-bridge migrate dashboard`: the migration's web page, on a port of its own."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import click

from bridge.cli.errors import CommandError, MissingPackage
from bridge.errors import MissingExtra
from bridge.incremental.configuration import Configuration, ConfigurationFile, find_configuration
from bridge.incremental.errors import InvalidConfiguration
from bridge.incremental.store import Store
from bridge.protocol.asgi_types import AsgiApp

__all__ = ["current_configuration", "serve_dashboard"]


class OpenToEverybody(CommandError):
    """The dashboard is to listen for other machines, and anybody there could change the migration."""

    def __init__(self, host: str) -> None:
        super().__init__(
            f"on {host} other machines could reach the dashboard, so it needs a token.",
            advice=[
                "Make one, and open the page once with ?token=...:",
                f"  WSGI_BRIDGE_MIGRATE_TOKEN=$(openssl rand -hex 16) wsgi-bridge migrate dashboard --host {host}",
            ],
        )
        self.host = host


def serve_dashboard(store: Store, options: Mapping[str, Any]) -> None:
    """Serve the dashboard until it is interrupted."""
    host, port, token = options["host"], options["port"], options["token"] or None
    if token is None and not _is_loopback(host):
        raise OpenToEverybody(host)
    try:
        import uvicorn
    except ImportError:
        raise MissingPackage(
            "The dashboard", "uvicorn", "'wsgi-bridge[serve]'", python=sys.executable
        ) from None
    app = _dashboard(store, options, token)
    # Not believed: a proxy in front would make everybody look local.
    config = uvicorn.Config(app, host=host, port=port, log_level="warning", proxy_headers=False)
    how = "" if token is None else "?token=... (once)"
    click.echo(f"http://{host}:{port}/{how}", err=True)
    with contextlib.suppress(KeyboardInterrupt):  # uvicorn has stopped by then
        uvicorn.Server(config).run()


def _dashboard(store: Store, options: Mapping[str, Any], token: str | None) -> AsgiApp:
    from bridge.incremental.dashboard import Dashboard

    configuration = current_configuration(options["config"])
    try:
        return Dashboard(store, configuration, token=token, report=options["report"])
    except MissingExtra as error:
        raise MissingPackage(
            "The dashboard", error.package, f"'wsgi-bridge[{error.extra}]'", python=sys.executable
        ) from None


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def current_configuration(file: Path | None) -> Callable[[], Configuration | None]:
    """Return a function that returns the rules as the file has them now; the last good ones after a mistake."""
    path = file or find_configuration(Path.cwd())
    if path is None:
        return lambda: None
    rules = ConfigurationFile(path)
    last = rules.read()

    def current() -> Configuration:
        nonlocal last
        if rules.has_changed():
            try:
                last = rules.read()
            except InvalidConfiguration:  # the servers' logs say what is wrong; theirs stay in force, too
                return last
        return last

    return current
