"""What else can be asked of a page that has answered a GET, and requests that no page leads to."""

from __future__ import annotations

from collections.abc import Iterator

from scripts.compare_servers.exchange import Answer, Request

__all__ = ["ODD_REQUESTS", "WRONG_METHODS", "variants"]

WRONG_METHODS = ("POST", "PUT", "DELETE", "PATCH", "PROPFIND")
FORM = ("Content-Type", "application/x-www-form-urlencoded")

ODD_REQUESTS = (
    Request("GET", "/no-such-page-for-sure/"),
    Request("GET", "/no-such-page-for-sure"),
    Request("GET", "/caf%C3%A9/%E4%B8%96/"),  # UTF-8
    Request("GET", "/caf%E9%FF/"),  # not UTF-8
    Request("GET", "/a%2Fb%20c%25d/"),
    Request("GET", "//twice//slashed"),
    Request("GET", "/./a/../b;c=d"),
    Request("GET", "/?q=%E9%FF&empty&=nameless&a=1&a=2&%3D=%26"),
    Request("GET", "/?" + "long=" + "x" * 4000),
    Request("GET", "/", (("X-Latin", "caf\u00e9"), ("X-Twice", "1"), ("X-Twice", "2"))),
    Request("GET", "/", (("X_Underscored", "dropped by both"),)),
    Request("GET", "/", (("Cookie", 'a=1; b=\u00e9; broken; c="quoted"'),)),
    Request("GET", "/", (("Accept-Language", "de, en;q=0.5"), ("Accept", "application/json"))),
    Request("POST", "/", (FORM,), b"a=1&b=%E9"),
    Request("POST", "/", (FORM,), b"a=1&b=%E9", chunked=True),
    Request("POST", "/", (("Content-Type", "application/json"),), b"{broken"),
    Request("POST", "/", (("Content-Type", "multipart/form-data"),), b"no boundary"),
    Request("POST", "/", (FORM,), b"x" * 300_000),
    Request(
        "OPTIONS", "/", (("Origin", "http://elsewhere.example"), ("Access-Control-Request-Method", "PUT"))
    ),
    Request("POST", "/", (FORM, ("Expect", "100-continue")), b"a=1"),
)


def variants(target: str, answer: Answer) -> Iterator[Request]:
    """Requests that `answer`, to a GET of `target`, invites."""
    get = Request("GET", target)
    yield Request("HEAD", target)
    yield Request("OPTIONS", target)
    yield get.with_headers(("Accept-Encoding", "gzip, deflate, br"))
    tag, modified = answer.maybe_header("etag"), answer.maybe_header("last-modified")
    if tag is not None:
        yield get.with_headers(("If-None-Match", tag))
        yield get.with_headers(("If-None-Match", '"other"'))
        yield get.with_headers(("If-Match", '"other"'))
    if modified is not None:
        yield get.with_headers(("If-Modified-Since", modified))
        yield get.with_headers(("If-Unmodified-Since", "Mon, 01 Jan 2001 00:00:00 GMT"))
    if answer.status == 200 and (modified or tag or answer.maybe_header("accept-ranges")):
        yield from _ranges(get, tag or modified)


def _ranges(get: Request, validator: str | None) -> Iterator[Request]:
    for ranges in ("0-99", "5-", "-7", "0-0,10-19", "99999999-", "nonsense"):
        yield get.with_headers(("Range", f"bytes={ranges}"))
    yield Request("HEAD", get.target, (("Range", "bytes=0-9"),))
    yield get.with_headers(("Range", "bytes=0-9"), ("If-Range", '"other"'))
    if validator is not None:
        yield get.with_headers(("Range", "bytes=0-9"), ("If-Range", validator))
