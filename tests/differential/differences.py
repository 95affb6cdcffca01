"""Where waitress or gunicorn answer otherwise than uvicorn with the bridge, and why that is right or harmless.

A difference that is not listed here fails the tests, and so does an entry that the corpus does not show any
more. `migration_guide/differences.md` has its tables from here.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatchcase

from tests.differential.requests import Request

__all__ = ["DIFFERENCES", "Difference", "excusing"]

When = Callable[[Request], bool]


@dataclass(frozen=True, slots=True)
class Difference:
    """One known difference to the servers in `references`.

    `aspects` are patterns of what differs, as `Outcome.differences` names it; `when` tells for which requests;
    `what` and `why` go into the documentation.
    """

    references: tuple[str, ...]
    aspects: tuple[str, ...]
    when: When
    what: str
    why: str

    def excuses(self, reference: str, aspect: str, request: Request) -> bool:
        """Tell whether this is the reason for what was seen."""
        known = reference in self.references and any(fnmatchcase(aspect, each) for each in self.aspects)
        return known and self.when(request)


def excusing(reference: str, aspect: str, request: Request) -> list[Difference]:
    """Return the entries that explain this difference; none if it is a new one."""
    return [each for each in DIFFERENCES if each.excuses(reference, aspect, request)]


def _always(_: Request) -> bool:
    return True


def _target(pattern: bytes) -> When:
    return lambda request: re.search(pattern, request.target) is not None


def _head(pattern: bytes) -> When:
    return lambda request: re.search(pattern, request.head, re.IGNORECASE | re.MULTILINE) is not None


def _sent(pattern: bytes) -> When:
    return lambda request: (
        re.search(pattern, request.data, re.IGNORECASE | re.MULTILINE | re.DOTALL) is not None
    )


def _repeats_a_header(request: Request) -> bool:
    names = [line.partition(b":")[0].lower() for line in request.head.split(b"\r\n")[1:]]
    return len(names) != len(set(names))


def _answers_head(request: Request) -> bool:
    return request.answer and request.method == "HEAD"


WAITRESS = ("waitress",)
GUNICORN = ("gunicorn",)
BOTH = ("gunicorn", "waitress")
CHUNKED = rb"^Transfer-Encoding:.*chunked"

ENVIRON = [
    Difference(
        BOTH,
        ("environ asgi.*", "environ bridge.*"),
        _always,
        "`asgi.*` and `bridge.*` are there",
        "what the bridge adds: scope, lifespan state, `bridge.disconnected`, `bridge.transfer_encoding`",
    ),
    Difference(
        WAITRESS,
        ("environ waitress.client_disconnected",),
        _always,
        "`waitress.client_disconnected` is not there",
        "`bridge.disconnected` does the same",
    ),
    Difference(
        GUNICORN,
        ("environ gunicorn.socket",),
        _always,
        "`gunicorn.socket` is not there",
        "the connection belongs to the ASGI server",
    ),
    Difference(
        GUNICORN,
        ("environ wsgi.early_hints",),
        _always,
        "`wsgi.early_hints` is there only if the server offers it",
        "uvicorn sends no 103 over HTTP/1.1; hypercorn does over HTTP/2",
    ),
    Difference(
        GUNICORN,
        ("environ REQUEST_URI",),
        _always,
        "`REQUEST_URI` is there",
        "waitress, uWSGI and mod_wsgi have it, gunicorn has RAW_URI only; the bridge has both",
    ),
    Difference(
        WAITRESS,
        ("environ RAW_URI",),
        _always,
        "`RAW_URI` is there",
        "gunicorn has it, waitress has REQUEST_URI only; the bridge has both",
    ),
    Difference(
        WAITRESS,
        ("environ REMOTE_HOST",),
        _always,
        "`REMOTE_HOST` is not there",
        "waitress repeats the address in it; RFC 3875 section 4.1.9 wants a name or nothing",
    ),
    Difference(
        WAITRESS,
        ("environ SERVER_NAME",),
        _always,
        "`SERVER_NAME` is the address that was connected to",
        "waitress says `waitress.invalid` unless it is told a name; gunicorn does as the bridge",
    ),
    Difference(
        BOTH,
        ("environ wsgi.multiprocess",),
        _always,
        "`wsgi.multiprocess` is True",
        "an ASGI server does not tell how many processes it has; True is the safe answer (option `multiprocess`)",
    ),
    Difference(
        GUNICORN,
        ("environ CONTENT_LENGTH", "environ HTTP_TRANSFER_ENCODING"),
        _head(CHUNKED),
        "a chunked body has `CONTENT_LENGTH` and no `HTTP_TRANSFER_ENCODING`",
        "it has been de-chunked and counted, as waitress does it: programs that see the header undo it again, and "
        "programs that see no length read nothing",
    ),
    Difference(
        BOTH,
        ("environ HTTP_X_T",),
        _sent(CHUNKED + rb".*^0\r\nX-T:"),
        "a trailer of a chunked body may appear among the headers",
        "a fault of uvicorn with httptools, which the bridge cannot see: with h11 trailers are dropped",
    ),
    Difference(
        ("gunicorn",),
        ("environ RAW_URI",),
        _target(rb"\?$|#|^https?:"),
        "`RAW_URI` lacks a lone `?`, a `#fragment` and, of a whole URL, scheme and host",
        "uvicorn does not hand them on",
    ),
    Difference(
        WAITRESS,
        ("environ REQUEST_URI",),
        _target(rb"\?$|#|^https?:"),
        "`REQUEST_URI` lacks a lone `?`, a `#fragment` and, of a whole URL, scheme and host",
        "uvicorn does not hand them on",
    ),
    Difference(
        WAITRESS,
        ("environ PATH_INFO",),
        _target(rb"^//"),
        "slashes at the start of a path stay as they are",
        "waitress makes one of them; gunicorn does as the bridge",
    ),
    Difference(
        BOTH,
        ("environ HTTP_COOKIE",),
        _repeats_a_header,
        "several Cookie headers join with `; `",
        "RFC 9113 section 8.2.3; a comma is no separator in a cookie",
    ),
    Difference(
        WAITRESS,
        ("environ HTTP_*",),
        _repeats_a_header,
        "several headers of one name join with `,`",
        "waitress joins with `, `; both are RFC 9110 section 5.3; gunicorn does as the bridge",
    ),
    Difference(
        WAITRESS,
        ("environ HTTP_FORWARDED", "environ HTTP_X_FORWARDED_*"),
        _head(rb"^(X-)?Forwarded"),
        "`Forwarded` and `X-Forwarded-*` are handed on",
        "waitress removes them unless a proxy is trusted; trust is the ASGI server's to configure "
        "(`--forwarded-allow-ips`), and gunicorn hands them on, too",
    ),
    Difference(
        GUNICORN,
        ("environ wsgi.url_scheme",),
        _head(rb"^X-Forwarded-Proto: https"),
        "`X-Forwarded-Proto` does not change `wsgi.url_scheme`",
        "gunicorn trusts it from this machine; with uvicorn that is `--proxy-headers`, its default, which was off here",
    ),
    Difference(
        WAITRESS,
        ("environ SERVER_PROTOCOL",),
        _head(rb" HTTP/2\.0\r"),
        "`HTTP/2.0` in the request line is taken as it stands",
        "a message that is not HTTP/1.1; waitress takes it for HTTP/1.0, gunicorn refuses it",
    ),
]

RESPONSES = [
    Difference(
        GUNICORN,
        ("header content-length",),
        lambda request: request.answer,
        "a list of one block gets a Content-Length",
        "PEP 3333 allows it; gunicorn sends chunks, waitress does as the bridge",
    ),
    Difference(
        WAITRESS,
        ("header content-length",),
        _answers_head,
        "an answer to HEAD has a Content-Length only if the application gave one",
        "waitress counts the body that it throws away; an application may leave it out for HEAD, and the length "
        "would be wrong",
    ),
    Difference(
        WAITRESS,
        ("header via",),
        _sent(rb'"Server", '),
        "no `Via` is added where the application sets Server",
        "waitress adds it; gunicorn does as the bridge",
    ),
    Difference(
        GUNICORN,
        ("status",),
        _sent(rb'"restart"'),
        "headers wait for the first non-empty block",
        "PEP 3333; gunicorn sends them with an empty one, too late to become a 503",
    ),
    Difference(
        WAITRESS,
        ("status",),
        _sent(rb'\["Connection", '),
        "hop-by-hop headers of the application are dropped",
        "waitress answers 500, gunicorn drops them as the bridge does",
    ),
    Difference(
        WAITRESS,
        ("status",),
        _sent(rb"a\\u0000b"),
        "NUL in a header is an application error",
        "RFC 9110 section 5.5; waitress sends it",
    ),
    Difference(
        WAITRESS,
        ("status",),
        _sent(rb'"status": "OK"'),
        "a status without a number is an application error",
        "waitress sends it, and that is no HTTP; gunicorn does as the bridge",
    ),
]

REFUSALS = [
    Difference(
        BOTH,
        ("status",),
        _target(rb"^https?://[^/]*$"),
        "a whole URL without a path is refused",
        "httptools is strict (400); clients send a slash",
    ),
    Difference(
        WAITRESS,
        ("status",),
        _target(rb"^\w+/"),
        "a target that does not begin with a slash is refused",
        "RFC 9112 section 3.2; waitress hands it on and breaks PEP 3333 with it, gunicorn refuses, too",
    ),
    Difference(
        WAITRESS,
        ("status",),
        _sent(rb"^Host:.*^Host:"),
        "two Host headers are refused",
        "RFC 9112 section 3.2; gunicorn refuses them too, waitress joins them",
    ),
    Difference(
        GUNICORN,
        ("status",),
        _head(rb"^Expect: magic"),
        "an unknown Expect is ignored",
        "RFC 9110 section 10.1.1 allows both; gunicorn says 417",
    ),
    Difference(
        BOTH,
        ("status",),
        _sent(CHUNKED + rb".*\r\n\r\n\d+\n"),
        "chunks that end with a bare newline are refused",
        "RFC 9112 section 7.1 wants CRLF; the others wait for more",
    ),
    Difference(
        BOTH,
        ("status",),
        _head(rb"^Transfer-Encoding: (magic|identity|gzip)"),
        "an unknown Transfer-Encoding gets 400",
        "the others say 501, or know it",
    ),
    Difference(
        WAITRESS,
        ("status",),
        _head(rb"^Transfer-Encoding: chunked, chunked|^Transfer-Encoding: chunked\r\nContent-Length"),
        "contradicting framing is refused",
        "RFC 9112 section 6.1: it may be an attempt at request smuggling; gunicorn refuses, too",
    ),
    Difference(
        BOTH,
        ("status",),
        lambda request: request.method == "BREW",
        "methods that httptools does not know are refused",
        "uvicorn with h11 takes any; use `--http h11` for methods of your own",
    ),
    Difference(
        BOTH,
        ("status",),
        _head(rb" HTTP/(1\.2|2\.0)\r"),
        "versions other than 1.0 and 1.1 are judged by httptools",
        "nobody sends them",
    ),
    Difference(
        WAITRESS,
        ("status",),
        _head(rb"^X-A: 1\r\n  2"),
        "a folded header is refused",
        "RFC 9112 section 5.2; gunicorn refuses, too",
    ),
]

DIFFERENCES = [*ENVIRON, *RESPONSES, *REFUSALS]
