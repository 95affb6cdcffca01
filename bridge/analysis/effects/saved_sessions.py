"""Django's session at the end of a request: SessionMiddleware writes what the request changed.

`django.contrib.sessions.middleware.SessionMiddleware.process_response` saves a session that was modified (all of them
with SESSION_SAVE_EVERY_REQUEST). Only the stores that keep it in the database ask there: `db` and `cached_db`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bridge.analysis.model import Context, Discovery, Middleware, Step, Witness

__all__ = ["is_session_write", "saves_of", "session_saver"]

SESSION = "django.http.HttpRequest.session."
CHANGING = frozenset(
    {
        *(
            f"{SESSION}{name}"
            for name in ("pop", "setdefault", "update", "set_expiry", "__setitem__", "__delitem__")
        ),
        "django.contrib.auth.login",
        "django.contrib.auth.update_session_auth_hash",
    }
)
SAVER = "django.contrib.sessions.middleware.SessionMiddleware"
STORES = frozenset({"django.contrib.sessions.backends.db", "django.contrib.sessions.backends.cached_db"})

# `SessionStore.save`: a transaction, and the row of the session in it.
SAVING = ("django.db.transaction.Atomic.__enter__", "django.db.models.Model.save")


def is_session_write(witness: Witness) -> bool:
    """Return whether a call marks the session as modified; a thread's does so too late to count."""
    return witness.sink in CHANGING and witness.context is Context.REQUEST


def session_saver(discovery: Discovery) -> Middleware | None:
    """Return SessionMiddleware as MIDDLEWARE lists it; None if it is not there or asks no database."""
    if discovery.settings.get("SESSION_ENGINE") not in STORES:
        return None
    return next((each for each in discovery.middleware if each.name == SAVER), None)


def saves_of(write: Witness | None, saver: Middleware | None) -> Iterator[Witness]:
    """Yield what saving the session asks the database, at the middleware's line, behind the line that changes it."""
    if write is None or saver is None:
        return
    step = Step(SAVER, saver.file, saver.line)
    for sink in SAVING:
        yield replace(
            write,
            sink=sink,
            written=sink,
            symbol=SAVER,
            file=saver.file,
            line=saver.line,
            column=1,
            chain=(*write.chain, step),
            role="middleware",
            in_loop=False,
            attributes=(),
            templates=(),
        )
