"""The fixed corpus: requests that servers are known to read in different ways, and plain ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from tests.differential.requests import Request, request

__all__ = ["CORPUS"]

TARGETS = {
    "root": b"/",
    "plain": b"/a/b/c",
    "trailing-slash": b"/a/",
    "double-slash": b"/a//b",
    "leading-double-slash": b"//a/b",
    "utf-8": b"/caf%C3%A9",
    "latin-1": b"/caf%E9",
    "not-utf-8": b"/%FF%FE",
    "escaped-slash": b"/a%2Fb",
    "escaped-slash-lower": b"/a%2fb",
    "escaped-percent": b"/100%25",
    "escaped-twice": b"/%2541",
    "escaped-plain": b"/%41%62",
    "escaped-question-mark": b"/a%3Fb",
    "escaped-hash": b"/a%23b",
    "escaped-nul": b"/a%00b",
    "escaped-newline": b"/a%0D%0Ab",
    "space": b"/a%20b",
    "plus": b"/a+b",
    "semicolon": b"/a;b=1;c",
    "dots": b"/a/../b",
    "dot": b"/a/./b",
    "only-dots": b"/..",
    "escaped-dots": b"/%2e%2e/a",
    "reserved": b"/!$&'()*,:=@",
    "unreserved": b"/-._~",
    "brackets": b"/a[1]",
    "braces": b"/{a}|b^c`",
    "quotes": b'/a"b<c>',
    "backslash": b"/a\\b",
    "bad-escape": b"/a%zzb",
    "short-escape": b"/a%4",
    "last-percent": b"/a%",
    "tilde-escaped": b"/%7Ea",
    "raw-utf-8": b"/caf\xc3\xa9",
    "raw-latin-1": b"/caf\xe9",
    "colon-first": b"/:a",
    "looks-absolute": b"/http://example.com/a",
    "long": b"/" + b"a" * 3000,
    "many-segments": b"/a" * 500,
    "query": b"/?a=1&b=2",
    "query-empty": b"/?",
    "query-only-question-marks": b"/???",
    "query-escaped": b"/?a=%2F%3F%FF",
    "query-plus": b"/?a=b+c",
    "query-spaces": b"/?a=b%20c",
    "query-hash-escaped": b"/?a=%23b",
    "query-raw-utf-8": b"/?a=caf\xc3\xa9",
    "query-brackets": b"/?a[]=1&a[]=2",
    "query-slash": b"/?a/b=/c",
    "query-quotes": b"/?a=\"b\"&c='d'",
    "query-semicolons": b"/?a=1;b=2",
    "query-long": b"/?" + b"a=1&" * 1000,
    "fragment": b"/a#b",
    "fragment-and-query": b"/a?b#c",
    "absolute": b"http://example.org/a/b?c=d",
    "absolute-other-host": b"http://other.example:81/a",
    "absolute-no-path": b"http://example.org",
    "absolute-https": b"https://example.org/a",
    "no-slash": b"a/b",
    "empty-host-path": b"///a",
}

HEADERS = {
    "none": (),
    "simple": (b"X-Simple: value",),
    "lower-case": (b"x-lower: value",),
    "upper-case": (b"X-UPPER: value",),
    "no-space": (b"X-A:value",),
    "many-spaces": (b"X-A:   value   ",),
    "tabs": (b"X-A:\tvalue\t",),
    "empty": (b"X-Empty:",),
    "only-spaces": (b"X-Empty:   ",),
    "inner-spaces": (b"X-A: a  b\tc",),
    "latin-1": (b"X-A: caf\xe9",),
    "utf-8": (b"X-A: caf\xc3\xa9",),
    "all-bytes-above": (b"X-A: " + bytes(range(0xA0, 0x100)),),
    "repeated": (b"X-A: 1", b"X-A: 2", b"X-A: 3"),
    "repeated-mixed-case": (b"X-A: 1", b"x-a: 2", b"X-a: 3"),
    "repeated-apart": (b"X-A: 1", b"X-B: 2", b"X-A: 3"),
    "repeated-empty": (b"X-A:", b"X-A: 1", b"X-A:"),
    "list": (b"X-A: 1, 2,3",),
    "cookie": (b"Cookie: a=1; b=2",),
    "cookies": (b"Cookie: a=1", b"Cookie: b=2"),
    "cookie-odd": (b'Cookie: a="b;c"; =d; e',),
    "underscore": (b"X_Forwarded_For: 6.6.6.6",),
    "underscore-and-dash": (b"X_Real: a", b"X-Real: b"),
    "content-type": (b"Content-Type: text/plain; charset=x",),
    "content-type-empty": (b"Content-Type:",),
    "content-length-zero": (b"Content-Length: 0",),
    "forwarded": (b"X-Forwarded-For: 1.2.3.4", b"X-Forwarded-Proto: https", b"X-Forwarded-Host: evil"),
    "forwarded-rfc": (b"Forwarded: for=1.2.3.4;proto=https",),
    "authorization": (b"Authorization: Basic dTpw",),
    "range": (b"Range: bytes=0-10",),
    "accept": (b"Accept: text/html, */*;q=0.1", b"Accept-Encoding: gzip, br", b"Accept-Language: de"),
    "conditional": (b'If-None-Match: "a"', b"If-Modified-Since: Thu, 01 Jan 1970 00:00:00 GMT"),
    "proxy": (b"Proxy: http://evil.example",),
    "te": (b"TE: trailers",),
    "upgrade-unknown": (b"Upgrade: other/1",),
    "tokens": (b"X!#$%&'*+.^`|~: odd",),
    "digits": (b"1: 2",),
    "long-value": (b"X-A: " + b"a" * 7000,),
    "long-name": (b"X-" + b"A" * 200 + b": 1",),
    "sixty": tuple(b"X-%d: %d" % (number, number) for number in range(60)),
    "host-like": (b"X-Host: a", b"Hosts: b"),
    "script-name": (b"Script-Name: /evil", b"Path-Info: /evil", b"Remote-Addr: 6.6.6.6"),
    "http-content-length": (b"Http-Content-Length: 5",),
    "space-before-colon": (b"X-A : 1",),
    "folded": (b"X-A: 1", b"  2"),
    "no-colon": (b"X-A",),
    "no-name": (b": 1",),
    "name-with-space": (b"X A: 1",),
    "name-with-parentheses": (b"X(A): 1",),
    "nul-in-value": (b"X-A: a\0b",),
    "cr-in-value": (b"X-A: a\rb",),
    "bell-in-value": (b"X-A: a\x07b",),
    "two-hosts": (b"Host: other",),
    "expect-unknown": (b"Expect: magic",),
}

BODIES: dict[str, tuple[tuple[bytes, ...], bytes]] = {
    "length": ((b"Content-Length: 5",), b"hello"),
    "length-plus": ((b"Content-Length: +5",), b"hello"),
    "length-minus": ((b"Content-Length: -5",), b"hello"),
    "length-hexadecimal": ((b"Content-Length: 0x5",), b"hello"),
    "length-leading-zeros": ((b"Content-Length: 005",), b"hello"),
    "length-spaces": ((b"Content-Length:  5  ",), b"hello"),
    "length-word": ((b"Content-Length: five",), b"hello"),
    "length-empty": ((b"Content-Length:",), b""),
    "length-underscore": ((b"Content-Length: 1_0",), b"helloworld"),
    "length-list": ((b"Content-Length: 5, 5",), b"hello"),
    "length-list-differing": ((b"Content-Length: 5, 6",), b"hello!"),
    "length-twice": ((b"Content-Length: 5", b"Content-Length: 5"), b"hello"),
    "length-twice-differing": ((b"Content-Length: 5", b"Content-Length: 6"), b"hello!"),
    "length-and-more": ((b"Content-Length: 5",), b"hello and more"),
    "binary": ((b"Content-Length: 256",), bytes(range(256))),
    "large": ((b"Content-Length: 100000",), b"x" * 100_000),
    "chunked": ((b"Transfer-Encoding: chunked",), b"5\r\nhello\r\n0\r\n\r\n"),
    "chunked-upper": ((b"Transfer-Encoding: CHUNKED",), b"5\r\nhello\r\n0\r\n\r\n"),
    "chunked-several": ((b"Transfer-Encoding: chunked",), b"2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n"),
    "chunked-extension": ((b"Transfer-Encoding: chunked",), b"5;a=b\r\nhello\r\n0\r\n\r\n"),
    "chunked-trailer": ((b"Transfer-Encoding: chunked",), b"5\r\nhello\r\n0\r\nX-T: 1\r\n\r\n"),
    "chunked-empty": ((b"Transfer-Encoding: chunked",), b"0\r\n\r\n"),
    "chunked-leading-zeros": ((b"Transfer-Encoding: chunked",), b"0005\r\nhello\r\n0\r\n\r\n"),
    "chunked-upper-hex": ((b"Transfer-Encoding: chunked",), b"A\r\nhelloworld\r\n0\r\n\r\n"),
    "chunked-bad-size": ((b"Transfer-Encoding: chunked",), b"x\r\nhello\r\n0\r\n\r\n"),
    "chunked-negative": ((b"Transfer-Encoding: chunked",), b"-5\r\nhello\r\n0\r\n\r\n"),
    "chunked-0x": ((b"Transfer-Encoding: chunked",), b"0x5\r\nhello\r\n0\r\n\r\n"),
    "chunked-bare-newline": ((b"Transfer-Encoding: chunked",), b"5\nhello\n0\n\n"),
    "chunked-and-length": ((b"Transfer-Encoding: chunked", b"Content-Length: 3"), b"5\r\nhello\r\n0\r\n\r\n"),
    "chunked-twice": ((b"Transfer-Encoding: chunked, chunked",), b"5\r\nhello\r\n0\r\n\r\n"),
    "identity": ((b"Transfer-Encoding: identity",), b""),
    "gzip-chunked": ((b"Transfer-Encoding: gzip, chunked",), b"5\r\nhello\r\n0\r\n\r\n"),
    "unknown-coding": ((b"Transfer-Encoding: magic",), b""),
    "form": (
        (b"Content-Type: application/x-www-form-urlencoded", b"Content-Length: 7"),
        b"a=1&b=2",
    ),
}

ANSWERS: dict[str, dict[str, object]] = {
    "empty": {},
    "one-block": {"blocks": ["one"]},
    "two-blocks": {"blocks": ["one", "two"]},
    "generator": {"blocks": ["one", "two"], "kind": "generator"},
    "generator-of-one": {"blocks": ["one"], "kind": "generator"},
    "empty-blocks": {"blocks": ["", "one", "", "two", ""], "kind": "generator"},
    "written": {"blocks": ["three"], "written": ["one", "two"]},
    "length": {"blocks": ["one"], "headers": [["Content-Length", "3"]]},
    "too-long": {"blocks": ["one", "two"], "headers": [["Content-Length", "3"]]},
    "too-short": {"blocks": ["one"], "headers": [["Content-Length", "30"]]},
    "binary": {"blocks": ["".join(map(chr, range(256)))]},
    "created": {"status": "201 Created", "headers": [["Location", "/new"]]},
    "redirect": {"status": "302 Found", "headers": [["Location", "http://example.org/"]]},
    "no-content": {"status": "204 No Content"},
    "no-content-with-type": {"status": "204 No Content", "headers": [["Content-Type", "text/plain"]]},
    "not-modified": {"status": "304 Not Modified", "headers": [["ETag", '"a"']]},
    "not-modified-with-body": {"status": "304 Not Modified", "blocks": ["body"]},
    "not-found": {"status": "404 Not Found", "blocks": ["gone"]},
    "custom-status": {"status": "299 Custom Thing", "blocks": ["x"]},
    "no-reason": {"status": "200 ", "blocks": ["x"]},
    "teapot": {"status": "418 I'm a teapot", "blocks": ["x"]},
    "cookies": {
        "headers": [["Set-Cookie", "b=1"], ["Set-Cookie", "a=2"], ["Set-Cookie", "b=3"]],
        "blocks": ["x"],
    },
    "repeated": {"headers": [["X-A", "1"], ["X-B", "2"], ["x-a", "3"]], "blocks": ["x"]},
    "latin-1-header": {"headers": [["X-A", "caf\xe9"]], "blocks": ["x"]},
    "empty-header": {"headers": [["X-A", ""]], "blocks": ["x"]},
    "spaces-in-header": {"headers": [["X-A", "  a  b  "]], "blocks": ["x"]},
    "mixed-case-header": {"headers": [["x-LOWER-upper", "1"]], "blocks": ["x"]},
    "hop-by-hop": {"headers": [["Connection", "keep-alive"]], "blocks": ["x"]},
    "date-and-server": {"headers": [["Date", "today"], ["Server", "mine"]], "blocks": ["x"]},
    "newline-in-header": {"headers": [["X-A", "a\nX-B: b"]], "blocks": ["x"]},
    "return-in-header": {"headers": [["X-A", "a\rX-B: b"]], "blocks": ["x"]},
    "nul-in-header": {"headers": [["X-A", "a\0b"]], "blocks": ["x"]},
    "newline-in-name": {"headers": [["X-A\nX-B", "b"]], "blocks": ["x"]},
    "newline-in-status": {"status": "200 OK\nX-A: b", "blocks": ["x"]},
    "bad-status": {"status": "OK", "blocks": ["x"]},
    "restart": {"blocks": ["", "x"], "kind": "generator", "restart": "503 Later"},
    "fails-first": {"fails": "first"},
    "fails-later": {"fails": "later", "kind": "generator", "blocks": ["one", "two"]},
    "fails-before-the-first-block": {"fails": "later", "kind": "generator"},
}

METHODS = (
    "GET",
    "HEAD",
    "POST",
    "PUT",
    "PATCH",
    "DELETE",
    "OPTIONS",
    "PROPFIND",
    "REPORT",
    "TRACE",
    "get",
    "BREW",
)


def _corpus() -> Iterator[Request]:
    for name, target in TARGETS.items():
        yield request(f"target-{name}", target)
    for name, headers in HEADERS.items():
        yield request(f"header-{name}", b"/", *headers)
    for name, (headers, body) in BODIES.items():
        posted = request(f"body-{name}", b"/", *headers, body=body, method="POST")
        yield replace(posted, patience=SHORT) if name in WAITED_FOR else posted
    for method in METHODS:
        yield request(f"method-{method}", b"/a?b", method=method)
    for name, answer in ANSWERS.items():
        yield request(f"answer-{name}", b"/", answer=answer)
        if name in HEAD_ALSO:
            yield request(f"answer-to-HEAD-{name}", b"/", method="HEAD", answer=answer)
    yield from _odd()


# Some servers go on waiting for a line's end.
WAITED_FOR = ("chunked-bare-newline",)
SHORT = 2.0  # seconds

HEAD_ALSO = ("empty", "one-block", "generator", "length", "not-found", "not-modified", "fails-first")


def _odd() -> Iterator[Request]:
    yield request("http-1.0", b"/a", version=b"HTTP/1.0")
    yield request("http-1.0-no-host", b"/a", version=b"HTTP/1.0", host=None)
    yield request("http-1.1-no-host", b"/a", host=None)
    yield request("host-empty", b"/a", host=b"")
    yield request("host-port-only", b"/a", host=b":80")
    yield request("host-ipv6", b"/a", host=b"[::1]:80")
    yield request("host-odd", b"/a", host=b"a b")
    yield request("http-1.2", b"/a", version=b"HTTP/1.2")
    yield request("http-2.0", b"/a", version=b"HTTP/2.0")
    yield request("http-lower", b"/a", version=b"http/1.1")
    yield request("version-word", b"/a", version=b"HTTP/x")
    yield request("asterisk", b"*", method="OPTIONS")
    yield request("get-with-body", b"/", b"Content-Length: 5", body=b"hello")
    yield Request("leading-newline", b"\r\n" + request("", b"/a").data)
    yield request("generator-http-1.0", b"/", version=b"HTTP/1.0", answer=ANSWERS["generator"])


CORPUS = list(_corpus())
