"""What `serve` needs of a server: what it cannot do, what it is called, and how to run it until it stops."""

from __future__ import annotations

import abc
import importlib.metadata
import importlib.util
import re
import socket
import sys
from collections.abc import Mapping
from types import MappingProxyType

from bridge.cli.errors import MissingPackage, OptionConflict, PackageTooOld
from bridge.cli.settings import ServeSettings
from bridge.protocol.asgi_types import AsgiApp

__all__ = ["APPLICATION", "Launcher", "installed"]

APPLICATION = "bridge.cli.worker:create"  # what worker processes import


class Launcher(abc.ABC):
    """One server. Subclasses set the class attributes and write `run`."""

    name: str
    install: str  # what to give to `pip install`
    minimum: str  # the oldest version that was tried
    # Options that the server has no way to honour: attribute path in the settings -> what to do instead.
    refuses: Mapping[str, str] = MappingProxyType({})
    # Whether the process that `serve` runs in also serves when there is one worker; then it imports the
    # application itself and passes it to `run`.
    in_process = True
    # Whether the server takes a socket that listens already; otherwise it gets an address.
    takes_socket = True

    def check(self, settings: ServeSettings) -> None:
        """Raise `MissingPackage` or `OptionConflict` if the server cannot do what is asked."""
        if not installed(self.name):
            raise MissingPackage(f"--server {self.name}", self.name, self.install, python=sys.executable)
        version = importlib.metadata.version(self.name)
        if _numbers(version) < _numbers(self.minimum):
            raise PackageTooOld(
                f"--server {self.name}", self.name, version, minimum=self.minimum, python=sys.executable
            )
        for option, (given, shown) in _given(settings).items():
            if given and option in self.refuses:
                raise OptionConflict(f"{self.name} has no way to honour {shown}.", self.refuses[option])

    def describe(self) -> str:
        """Return the server's name, version and what it runs on, for the panel."""
        parts = ", ".join(self.parts())
        version = importlib.metadata.version(self.name)
        return f"{self.name} {version}{f' ({parts})' if parts else ''}"

    def parts(self) -> list[str]:
        """Return the loop and the parser that the server will use, where it has a choice."""
        return []

    @abc.abstractmethod
    def run(self, settings: ServeSettings, sock: socket.socket | None, app: AsgiApp | None) -> int:
        """Serve until a signal says stop, let running requests end, and return the exit code.

        `sock` listens already (None for a server that opens its own). `app` None: worker processes make
        theirs with `APPLICATION`.
        """


def _given(settings: ServeSettings) -> dict[str, tuple[bool, str]]:
    """Return the options that some server refuses: whether each was given, and how it is written."""
    return {
        "workers": (settings.workers > 1, f"--workers {settings.workers}"),
        "tls_key_password": (settings.tls.key_password is not None, "--tls-key-password"),
    }


def _numbers(version: str) -> tuple[int, ...]:
    """Return the leading numbers of a version: (2, 6) for 2.6.1 and 2.6rc1."""
    return tuple(int(part) for part in re.findall(r"^\d+|(?<=\.)\d+", version)[:2])


def installed(module: str) -> bool:
    """Return whether the top-level `module` can be imported, without importing it."""
    return importlib.util.find_spec(module) is not None
