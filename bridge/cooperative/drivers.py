"""Database drivers that wait inside C but offer a hook: psycopg2's wait callback, psycopg's waiting functions.

psycopg2 has one callback for the process. It is called in threads, too, and then waits as libpq would. Under
any callback psycopg2 loses `connect_timeout` (libpq keeps it only when it waits itself) and Ctrl+C's cancel:
both are done here. COPY and large objects refuse to work under a callback, which psycopg2 has no way around;
psycopg 3 has no such limits.
"""

from __future__ import annotations

import asyncio
import os
import select
from contextlib import suppress
from time import monotonic
from types import ModuleType
from typing import Any

from bridge.cooperative.offload import in_thread
from bridge.cooperative.patching import Patch, Patches, replacing
from bridge.cooperative.readiness import wait_until_ready
from bridge.cooperative.switch import maybe_current

__all__ = ["adapt_psycopg", "adapt_psycopg2", "adapt_psycopg_connection", "adapt_psycopg_pool"]

_select = select.select
_LEAST_CONNECT_TIMEOUT = 2  # seconds; libpq takes 1 for 2 (its documentation on connect_timeout)


def adapt_psycopg(waiting: ModuleType, patches: Patches) -> None:
    """Have psycopg 3 wait with Python selectors in a bridge greenlet, where it would wait in C."""
    patches.apply(replacing(waiting, wait=waiting.wait_selector))


def adapt_psycopg_connection(connection: ModuleType, patches: Patches) -> None:
    """Have psycopg 3 cancel a query in the server when its request is cancelled, as it does for Ctrl+C."""
    interruptions = getattr(connection, "_INTERRUPTED", None)
    if isinstance(interruptions, tuple) and asyncio.CancelledError not in interruptions:
        patches.apply([Patch(connection, "_INTERRUPTED", (*interruptions, asyncio.CancelledError))])


def adapt_psycopg_pool(pool: ModuleType, patches: Patches) -> None:
    """Have psycopg's pool give no connection to a request that was cancelled in its queue: it would be lost."""
    handled = getattr(pool, "CLIENT_EXCEPTIONS", None)
    if handled is not None:
        kinds = handled if isinstance(handled, tuple) else (handled,)
        patches.apply([Patch(pool, "CLIENT_EXCEPTIONS", (*kinds, asyncio.CancelledError))])


def adapt_psycopg2(extensions: ModuleType, patches: Patches) -> None:
    """Set psycopg2's wait callback; whoever had set one before gets it back at the end."""
    before = extensions.get_wait_callback()
    extensions.set_wait_callback(_Wait(extensions, before))
    patches.at_end(lambda: extensions.set_wait_callback(before))


class _Wait:
    """psycopg2's wait callback: cooperative in a bridge greenlet; `elsewhere` (None: select) in threads."""

    def __init__(self, extensions: ModuleType, elsewhere: Any) -> None:
        self._extensions = extensions
        self._elsewhere = elsewhere

    def __call__(self, connection: Any) -> None:
        """Return when the operation of the connection is done."""
        if maybe_current() is not None:
            self._wait(connection, _wait_here)
        elif self._elsewhere is not None:
            self._elsewhere(connection)
        else:
            self._wait(connection, _wait_in_thread)

    def _wait(self, connection: Any, wait: Any) -> None:
        extensions = self._extensions
        deadline = self._deadline(connection)
        try:
            while (state := connection.poll()) != extensions.POLL_OK:  # else POLL_READ or POLL_WRITE
                left = None if deadline is None else max(0.0, deadline - monotonic())
                wait(connection.fileno(), writing=state == extensions.POLL_WRITE, timeout=left)
        except TimeoutError:
            import psycopg2

            raise psycopg2.OperationalError("timeout expired") from None  # as libpq says it
        except BaseException as error:
            # A cancelled request, or Ctrl+C: psycopg2 closes the connection, the server would go on.
            if not isinstance(error, Exception) and deadline is None:
                _cancel(connection)
            raise

    def _deadline(self, connection: Any) -> float | None:
        """Return when connecting must be done; None: it is connected, or has no limit."""
        if connection.status != self._extensions.STATUS_SETUP:
            return None
        seconds = self._extensions.parse_dsn(connection.dsn).get("connect_timeout")
        seconds = seconds or os.environ.get("PGCONNECT_TIMEOUT")
        try:
            limit = int(seconds or 0)
        except ValueError:
            return None
        return monotonic() + max(limit, _LEAST_CONNECT_TIMEOUT) if limit > 0 else None


def _wait_here(descriptor: int, *, writing: bool, timeout: float | None) -> None:
    wait_until_ready(descriptor, writing=writing, timeout=timeout)


def _wait_in_thread(descriptor: int, *, writing: bool, timeout: float | None) -> None:
    lists: tuple[list[int], list[int]] = ([], [descriptor]) if writing else ([descriptor], [])
    if not any(_select(*lists, [], timeout)):
        raise TimeoutError


def _cancel(connection: Any) -> None:
    """Ask the server to stop the query; it opens a connection for that, which waits in C."""
    with suppress(BaseException):  # whatever happens here must not hide why we are here
        if maybe_current() is None:
            connection.cancel()
        else:
            in_thread(connection.cancel)
