r"""What the tool can't guess about an application, from a TOML file.

start = ["/", "/forum/"]              # where the crawl begins
skip = ["logout", "/delete/"]         # regular expressions: targets neither visited nor submitted to
ignore_headers = ["x-request-id"]
headers = {Accept-Language = "de"}    # sent with every request

[login]                               # a form on a page; several in turn: [[login]]
page = "/login"
fields = {username = "admin", password = "secret"}

[token]                               # something in a page that goes into a header of [[requests]]
page = "/"
pattern = 'csrf = "(\w+)"'
header = "X-CSRF-Token"

[values]                              # of form fields, by name, instead of made-up ones
title = "A title"

[[requests]]                          # sent after the forms; one without method is a GET
method = "POST"
target = "/api/items"
headers = {Content-Type = "application/json"}
body = '{"a": 1}'
chunked = false
follow = '/api/items/(\d+)'            # optional: what of the answer's body to GET next

[[expected]]                          # a difference that is right, and why; patterns are searched for
what = "^content-length$"
request = "^HEAD "
reason = "..."
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

from scripts.compare_servers.difference import Difference
from scripts.compare_servers.exchange import Request

__all__ = ["ALWAYS_EXPECTED", "Expected", "Extra", "Login", "Scenario", "Token", "read_scenario"]


@dataclass(frozen=True, slots=True)
class Login:
    """A form on `page` that has all of `fields`."""

    page: str
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Token:
    """The first group of `pattern` in `page` is sent as `header`."""

    page: str
    pattern: str
    header: str


@dataclass(frozen=True, slots=True)
class Extra:
    """A request of the scenario's own; `follow`: pattern of targets in its answer, None for none."""

    request: Request
    follow: str | None = None


@dataclass(frozen=True, slots=True)
class Expected:
    """A difference that is right, and the reason."""

    what: str
    request: str
    reason: str

    def covers(self, difference: Difference, request: str) -> bool:
        """Whether this difference at this request is meant."""
        return bool(re.search(self.what, difference.what) and re.search(self.request, request))


ALWAYS_EXPECTED = (
    Expected(
        what="",
        request="^GET //",
        reason="waitress takes one of two leading slashes away; the bridge hands on the path as it was sent",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """See the module."""

    start: tuple[str, ...] = ("/",)
    skip: tuple[str, ...] = ("log_?-?out", "sign_?-?out")
    ignore_headers: tuple[str, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    logins: tuple[Login, ...] = ()
    token: Token | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    requests: tuple[Extra, ...] = ()
    expected: tuple[Expected, ...] = ALWAYS_EXPECTED

    def skips(self, target: str) -> bool:
        """Whether `target` is to be left alone."""
        return any(re.search(pattern, target) for pattern in self.skip)


def read_scenario(path: Path) -> Scenario:
    """Read a file. Raises ValueError for TOML that is none, or for a table that is not as shown above."""
    try:
        return _scenario(tomllib.loads(path.read_text("utf-8")))
    except (AttributeError, KeyError, TypeError, tomllib.TOMLDecodeError) as error:
        raise ValueError(
            f"{path}: {error!r}; scripts/compare_servers/scenario.py shows the format"
        ) from error


def _scenario(table: dict[str, Any]) -> Scenario:
    logins = table.pop("login", [])
    token = table.pop("token", None)
    given: dict[str, Any] = {
        "logins": tuple(Login(**login) for login in (logins if isinstance(logins, list) else [logins])),
        "token": Token(**token) if token else None,
        "values": table.pop("values", {}),
        "headers": tuple(table.pop("headers", {}).items()),
        "requests": tuple(_extra(row) for row in table.pop("requests", [])),
        "expected": (*(Expected(**row) for row in table.pop("expected", [])), *ALWAYS_EXPECTED),
    }
    given.update({name: tuple(value) for name, value in table.items()})
    return Scenario(**given)


def _extra(row: dict[str, Any]) -> Extra:
    body = row.pop("body", None)
    follow = row.pop("follow", None)
    request = Request(
        row.pop("method", "GET"),
        row.pop("target"),
        tuple(row.pop("headers", {}).items()),
        None if body is None else body.encode(),
        chunked=row.pop("chunked", False),
    )
    if row:
        raise KeyError(f"unknown in [[requests]]: {sorted(row)}")
    return Extra(request, follow)
