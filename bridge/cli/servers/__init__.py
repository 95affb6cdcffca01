"""The servers that `serve` can start: a table of launchers, each imported when it is chosen."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType

from bridge.cli.servers.base import Launcher

__all__ = ["SERVERS", "launcher_for"]

SERVERS: Mapping[str, str] = MappingProxyType(
    {
        "uvicorn": "bridge.cli.servers.uvicorn:UvicornLauncher",
        "hypercorn": "bridge.cli.servers.hypercorn:HypercornLauncher",
        "granian": "bridge.cli.servers.granian:GranianLauncher",
        "daphne": "bridge.cli.servers.daphne:DaphneLauncher",
    }
)


def launcher_for(server: str) -> Launcher:
    """Return the launcher of `server`, one of SERVERS. The server itself is not imported yet."""
    module, _, name = SERVERS[server].partition(":")
    launcher = getattr(import_module(module), name)()
    assert isinstance(launcher, Launcher)
    return launcher
