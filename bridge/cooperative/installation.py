"""`install()` and `uninstall()`: everything that waits, made cooperative in bridge greenlets, and taken back."""

from __future__ import annotations

import atexit
import threading
from functools import partial
from types import ModuleType

from bridge.cooperative import (
    clocks,
    conditions,
    drivers,
    frameworks,
    importing,
    knowledge,
    locals,  # noqa: A004 - named after threading.local
    locks,
    names,
    offload,
    older_locks,
    patching,
    polling,
    processes,
    queues,
    sockets,
    sqlite,
    switch,
    tls,
)
from bridge.cooperative.imports import ImportWatch
from bridge.cooperative.patching import Patches

__all__ = ["install", "installed", "uninstall"]

_ASK_FOR_GREENLET = (patching, locks, queues, locals, polling, switch, frameworks)
_STANDARD = (
    clocks,
    names,
    sockets,
    tls,
    polling,
    locks,
    queues,
    conditions,
    locals,
    processes,
    frameworks,
    importing,
    older_locks,
)
# What is done to a module of somebody else's once it has been imported.
_ADAPTERS = {
    "psycopg2.extensions": drivers.adapt_psycopg2,
    "psycopg.waiting": drivers.adapt_psycopg,
    "psycopg.connection": drivers.adapt_psycopg_connection,
    "psycopg_pool.pool": drivers.adapt_psycopg_pool,
    "sqlite3": sqlite.adapt_sqlite3,
    "asgiref.local": frameworks.adapt_asgiref_local,
    "asgiref.sync": frameworks.adapt_asgiref,
    "django.utils.asyncio": frameworks.adapt_django_check,
    "django.db": frameworks.adapt_django_connections,
}

_guard = threading.Lock()
_patches: Patches | None = None
_watch = ImportWatch()


def install() -> None:
    """Make what waits yield to the event loop inside a request of the greenlet lane; elsewhere it stays as it is.

    Call it first, before the application is imported: locks and `threading.local` objects that exist already are
    C objects and can't be made cooperative. A second call does nothing.
    """
    global _patches  # noqa: PLW0603 - the standard library, too, exists once a process
    with _guard:
        if _patches is not None:
            return
        _patches = patches = Patches()
        with patches.gathered():
            _install(patches)


def _install(patches: Patches) -> None:
    for module in _STANDARD:
        patches.apply(module.patches())
    _watch.start()
    for name, adapt in _ADAPTERS.items():
        _watch.when_imported(name, partial(_adapt, adapt, patches))
    for name in knowledge.offloaded_modules():
        _watch.when_imported(name, partial(_adapt, knowledge.offload_module, patches))


def _adapt(adapt: object, patches: Patches, module: ModuleType) -> None:
    assert callable(adapt)
    adapt(module, patches)


@atexit.register
def _retire() -> None:
    """Ask for no greenlet any more: the library refuses while Python ends, and finalizers may still take locks."""
    for module in _ASK_FOR_GREENLET:
        vars(module)["getcurrent"] = _no_greenlet


def _no_greenlet() -> None:
    """Stands for `greenlet.getcurrent`."""


def uninstall() -> None:
    """Restore the originals exactly. Not while requests of the greenlet lane run."""
    global _patches  # noqa: PLW0603 - as above
    with _guard:
        if _patches is None:
            return
        _watch.stop()
        _patches.restore()
        _patches = None
    offload.shutdown()


def installed() -> bool:
    """Tell whether waiting is cooperative now."""
    return _patches is not None
