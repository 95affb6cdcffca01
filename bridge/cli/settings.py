"""What `serve` was asked for, as one value that can cross a process border.

Worker processes are started by the servers, under spawn as well as fork, and take no arguments from us:
they read the settings from one environment variable.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, MutableMapping
from dataclasses import asdict, dataclass, field
from typing import Any

__all__ = ["Edge", "Limits", "Listen", "Logs", "Recording", "ServeSettings", "Tls"]

VARIABLE = "WSGI_BRIDGE_SETTINGS"


@dataclass(frozen=True, slots=True, kw_only=True)
class Listen:
    """Where to listen: `uds`, a path, takes the place of `host` and `port` (0: one the system chooses)."""

    host: str = "127.0.0.1"
    port: int = 8000
    uds: str | None = None
    fd: int | None = None  # a socket that listens already, from the reloader

    @property
    def display_host(self) -> str:
        """Return the host as it stands in a URL; a wildcard address becomes one that can be opened."""
        if self.host in {"0.0.0.0", ""}:  # noqa: S104 - compared with, not bound to
            return "127.0.0.1"
        if self.host == "::":
            return "[::1]"
        return f"[{self.host}]" if ":" in self.host else self.host

    @property
    def is_wildcard(self) -> bool:
        """Return whether every interface of the machine is listened on."""
        return self.host in {"0.0.0.0", "", "::"}  # noqa: S104 - as above


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The lanes' limits; the names and defaults of `WsgiToAsgi`. Seconds and bytes.

    `lanes`: the lanes file, absolute, in place of `executor`; `report_holds`: tell which requests hold the event loop.
    """

    executor: str = "thread"
    lanes: str | None = None
    report_holds: bool = False
    max_threads: int = 40
    max_greenlets: int = 10_000
    max_queue: int = 1000
    queue_timeout: float | None = 30.0  # None: a request waits as long as its client
    shutdown_timeout: float = 30.0
    client_timeout: float | None = 120.0  # None: a thread waits as long as its client
    body_window: int = 64 * 1024
    high_water: int = 128 * 1024
    spool_chunked: bool = True
    keep_underscore_headers: bool = False
    websockets: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Logs:
    """What is logged: the least level, and whether every request gets a line."""

    level: str = "info"
    access: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """What stands in front of us: a proxy that is believed, the path it took off, a page of metrics."""

    proxy_headers: bool = True
    forwarded_allow_ips: tuple[str, ...] = ("127.0.0.1", "::1")
    root_path: str = ""
    metrics: str | None = None  # the path; None: no metrics
    dashboard: str | None = None  # the path; None: no dashboard
    dashboard_token: str | None = field(default=None, repr=False)  # None: for this machine only
    dashboard_secret: str | None = field(default=None, repr=False)  # one for the forms of all workers
    dashboard_report: str | None = None  # the file of the analyser's verdicts


@dataclass(frozen=True, slots=True, kw_only=True)
class Tls:
    """Files of PEM; `ca` makes a certificate signed by it compulsory for clients. `cert` None: no TLS."""

    cert: str | None = None
    key: str | None = None  # None: it is in `cert`
    key_password: str | None = field(default=None, repr=False)
    ca: str | None = None

    @property
    def key_file(self) -> str | None:
        """Return the file that has the key."""
        return self.key or self.cert


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """The file that requests are written into, and what makes clients unknowable in it."""

    file: str
    salt: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeSettings:
    """Everything that `wsgi-bridge serve` was asked for."""

    target: str
    folder: str  # the working folder, absolute; it goes on sys.path
    server: str = "uvicorn"
    workers: int = 1
    gc_threshold: int | None = None  # new containers between two garbage collections; None: as the lanes need
    reload: bool = False
    reload_dirs: tuple[str, ...] = ()
    listen: Listen = field(default_factory=Listen)
    limits: Limits = field(default_factory=Limits)
    logs: Logs = field(default_factory=Logs)
    edge: Edge = field(default_factory=Edge)
    tls: Tls = field(default_factory=Tls)
    record: Recording | None = None

    @property
    def url(self) -> str:
        """Return the address that a browser opens; for a Unix socket curl's way of writing it."""
        if self.listen.uds is not None:
            return f"unix:{self.listen.uds}"
        scheme = "https" if self.tls.cert else "http"
        return f"{scheme}://{self.listen.display_host}:{self.listen.port}"

    def store(self, environment: MutableMapping[str, str] = os.environ) -> None:
        """Leave the settings for processes that inherit `environment`."""
        environment[VARIABLE] = json.dumps(asdict(self))

    @classmethod
    def restore(cls, environment: Mapping[str, str] = os.environ) -> ServeSettings:
        """Return what `store` left. Raises KeyError in a process that `serve` did not start."""
        return cls._from_plain(json.loads(environment[VARIABLE]))

    @classmethod
    def _from_plain(cls, plain: dict[str, Any]) -> ServeSettings:
        edge = plain["edge"] | {"forwarded_allow_ips": tuple(plain["edge"]["forwarded_allow_ips"])}
        return cls(
            **plain
            | {
                "reload_dirs": tuple(plain["reload_dirs"]),
                "listen": Listen(**plain["listen"]),
                "limits": Limits(**plain["limits"]),
                "logs": Logs(**plain["logs"]),
                "edge": Edge(**edge),
                "tls": Tls(**plain["tls"]),
                "record": Recording(**plain["record"]) if plain["record"] else None,
            }
        )
