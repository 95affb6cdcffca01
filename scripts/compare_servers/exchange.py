"""One request and its answer as they were on the wire, and a client that keeps cookies and its connection."""

from __future__ import annotations

import http.client
import http.cookiejar
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, replace

__all__ = ["HOST", "Answer", "Client", "Request"]

HOST = "localhost"  # the same Host for all servers: their ports must not show in what they answer
TIME_LIMIT = 30.0  # seconds for one answer; applications do slow things at the first request
BLOCK = 7001  # bytes of a chunked body's pieces; odd on purpose, so that no buffer's size fits
SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})  # RFC 9110 9.2.1


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked. `target` as in the request line; `chunked`: the body goes out without a Content-Length."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None
    chunked: bool = False

    @property
    def safe(self) -> bool:
        """Whether asking twice changes nothing."""
        return self.method in SAFE

    def with_headers(self, *more: tuple[str, str]) -> Request:
        """Return the same request with `more` headers."""
        return replace(self, headers=(*self.headers, *more))

    def __str__(self) -> str:
        names = " ".join(f"{name}: {value[:60]}" for name, value in self.headers)
        size = "" if self.body is None else f" ({len(self.body)} bytes{', chunked' if self.chunked else ''})"
        return f"{self.method} {self.target}{size}{' [' + names + ']' if names else ''}"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `broken`: why there is no complete answer, "" when there is one."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    broken: str = ""

    def maybe_header(self, name: str) -> str | None:
        """The first value of a header; None if there is no such header."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    @property
    def html(self) -> bool:
        """Whether it is a page to look for links in."""
        return (self.maybe_header("content-type") or "").startswith("text/html")


class Client:
    """Asks one server, over one connection for as long as the server keeps it."""

    def __init__(self, port: int, headers: tuple[tuple[str, str], ...] = ()) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIME_LIMIT)
        self._jar = http.cookiejar.CookieJar()
        self._headers = headers

    def ask(self, request: Request) -> Answer:
        """Return the answer. One that breaks off or never comes is an answer too: see `Answer.broken`."""
        bearer = urllib.request.Request(f"http://{HOST}{request.target.partition('#')[0]}")
        self._jar.add_cookie_header(bearer)
        cookies = [("Cookie", value) for key, value in bearer.header_items() if key == "Cookie"]
        try:
            response = self._response(request, cookies)
        except (http.client.HTTPException, OSError) as failure:
            self._connection.close()
            return Answer(0, broken=f"no answer: {failure!r}")
        if not any(name == "Cookie" for name, _ in request.headers):  # else the answer is to another client
            self._jar.extract_cookies(response, bearer)
        answer = self._read(response)
        if request.method == "HEAD":
            # waitress sends the body that Django leaves in; it would be read as the beginning of the next answer.
            self._connection.close()
        return answer

    def twin(self) -> Client:
        """Return a client with the same cookies, as they are now, and a connection of its own."""
        twin = Client(self._connection.port, self._headers)
        for cookie in self._jar:
            twin._jar.set_cookie(cookie)
        return twin

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _response(self, request: Request, cookies: list[tuple[str, str]]) -> http.client.HTTPResponse:
        try:
            self._send(request, cookies)
            return self._connection.getresponse()
        except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
            # A server may close an idle connection at any time (RFC 9112 9.5); a new one settles whether it did.
            self._connection.close()
            self._send(request, cookies)
            return self._connection.getresponse()

    def _send(self, request: Request, cookies: list[tuple[str, str]]) -> None:
        given = {name.lower() for name, _ in request.headers}
        headers = [
            ("Host", HOST),
            *self._headers,
            *cookies,
            ("Accept-Encoding", "identity"),
            *request.headers,
        ]
        self._connection.putrequest(request.method, request.target, skip_host=True, skip_accept_encoding=True)
        for name, value in headers:
            if (name, value) in request.headers or name.lower() not in given:
                self._connection.putheader(name, value.encode("latin-1"))
        self._send_body(request)

    def _send_body(self, request: Request) -> None:
        if request.body is None:
            self._connection.endheaders()
        elif request.chunked:
            self._connection.putheader("Transfer-Encoding", "chunked")
            self._connection.endheaders(_blocks(request.body), encode_chunked=True)
        else:
            self._connection.putheader("Content-Length", str(len(request.body)))
            self._connection.endheaders(request.body)

    def _read(self, response: http.client.HTTPResponse) -> Answer:
        headers = tuple(response.getheaders())
        try:
            return Answer(response.status, headers, response.read())
        except http.client.IncompleteRead as failure:
            self._connection.close()
            return Answer(response.status, headers, failure.partial, f"broken off: {failure!r}")
        except (http.client.HTTPException, OSError) as failure:
            self._connection.close()
            return Answer(response.status, headers, b"", f"broken off: {failure!r}")


def _blocks(body: bytes) -> Iterator[bytes]:
    return (body[at : at + BLOCK] for at in range(0, len(body), BLOCK))
