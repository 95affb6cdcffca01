"""The applications of the conformance suite: one WSGI application a row, found by its name.

    @row
    def empty_iterable(environ, start_response): ...

A request names its row in the header `X-Row` and so leaves path, query and method to the test. Each row
runs inside `wsgiref.validate.validator` and werkzeug's `LintMiddleware`, so that both judge what the bridge
gives to it, unless it says why not: `@row(bare="breaks the rules on purpose")`.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable
from typing import Any, overload
from wsgiref.validate import validator

from werkzeug.middleware.lint import HTTPWarning, LintMiddleware, WSGIWarning

__all__ = ["ROWS", "Environ", "Row", "StartResponse", "linted", "row", "token_of", "wsgi_app"]

Environ = dict[str, Any]
StartResponse = Callable[..., Callable[[bytes], object]]
Row = Callable[[Environ, StartResponse], Iterable[bytes]]

ROWS: dict[str, Row] = {}

# Linters complain by warnings; in a server process, where pytest's filters are not, they would be lost.
for category in (HTTPWarning, WSGIWarning):
    warnings.simplefilter("error", category)


def linted(app: Row) -> Row:
    """Return the application inside both linters."""
    wrapped: Row = validator(LintMiddleware(app))
    return wrapped


@overload
def row(app: Row) -> Row: ...
@overload
def row(*, bare: str) -> Callable[[Row], Row]: ...
def row(app: Row | None = None, *, bare: str = "") -> Row | Callable[[Row], Row]:
    """Enter an application as a row under its name; `bare` is the reason why no linter stands around it."""
    if app is not None:
        ROWS[app.__name__] = linted(app)
        return app

    def enter(app: Row) -> Row:
        assert bare, "a row without linters says why"
        ROWS[app.__name__] = app
        return app

    return enter


def token_of(environ: Environ) -> str:
    """Return the journal's token of this request."""
    token: str = environ["HTTP_X_TOKEN"]
    return token


def wsgi_app(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    """Hand the request to the row that it names; without a name to `dump`."""
    return ROWS[environ.get("HTTP_X_ROW", "dump")](environ, start_response)
