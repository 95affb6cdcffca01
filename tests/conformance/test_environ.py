"""environ: every row of the list, on the strict driver and on every server."""

from __future__ import annotations

import time

import pytest

from bridge import WsgiToAsgi
from tests.asgi_driver import AsgiCall
from tests.conformance.apps import environ as rows
from tests.conformance.apps.input import digest
from tests.conformance.peers import Peer
from tests.conformance.rows import Environ, StartResponse
from tests.conformance.strict_peer import StrictPeer

PATHS = {
    "plain": (b"/a/b", "/a/b"),
    "utf-8": (b"/caf%C3%A9", "/caf\xc3\xa9"),
    "not-utf-8": (b"/%FF%fe/x", "/\xff\xfe/x"),
    "slash": (b"/a%2Fb%2fc", "/a/b/c"),
    "double-slash": (b"//a//b/", "//a//b/"),
    "percent": (b"/100%25", "/100%"),
    "percent-twice": (b"/%2541", "/%41"),
    "space": (b"/a%20b+c", "/a b+c"),
    "semicolon": (b"/a;v=1", "/a;v=1"),
    "reserved": (b"/!$&'()*,:=@~", "/!$&'()*,:=@~"),
    "dots": (b"/a/../b/./c", "/a/../b/./c"),
    "no-escape": (b"/100%zz", "/100%zz"),
    "nul": (b"/a%00b", "/a\0b"),
    "surrogate": (b"/%ED%A0%80", "/\xed\xa0\x80"),
}


@pytest.mark.parametrize("name", PATHS)
def test_PATH_INFO_is_lossless(peer: Peer, name: str) -> None:
    target, path_info = PATHS[name]
    environ = peer.ask(rows.dump, target).json()
    assert (environ["SCRIPT_NAME"], environ["PATH_INFO"]) == ("", path_info)


@pytest.mark.parametrize("name", PATHS)
def test_REQUEST_URI_and_RAW_URI_are_as_sent(peer: Peer, name: str) -> None:
    target = PATHS[name][0] + b"?q=%2F&r="
    environ = peer.ask(rows.dump, target).json()
    assert environ["REQUEST_URI"] == environ["RAW_URI"] == target.decode("latin-1")


QUERIES = {
    "none": b"",
    "plain": b"a=1&b=2",
    "escaped": b"a=%FF%C3%A9%2F%00&b=+",
    "question-mark": b"a=?&b=??",
    "raw-latin-1": b"a=caf\xe9",
    "raw-utf-8": b"a=caf\xc3\xa9",
}


@pytest.mark.parametrize("name", QUERIES)
def test_QUERY_STRING_has_the_raw_bytes_as_latin_1(peer: Peer, name: str) -> None:
    environ = peer.ask(rows.dump, b"/?" + QUERIES[name]).json()
    assert environ["QUERY_STRING"] == QUERIES[name].decode("latin-1")


# ------------------------------------------------------------ SCRIPT_NAME

PREFIXES = {
    "path-has-it": ("/app", "/app/x", b"/app/x", "/app", "/x"),
    "path-lacks-it": ("/app", "/x", b"/x", "/app", "/x"),
    "segment-boundary": ("/app", "/apple", b"/apple", "/app", "/apple"),
    "only-the-prefix": ("/app", "/app", b"/app", "/app", ""),
    "prefix-with-slash": ("/app/", "/app/x", b"/app/x", "/app", "/x"),
    "utf-8": ("/caf\xe9", "/caf\xe9/\xe9", b"/caf%C3%A9/%C3%A9", "/caf\xc3\xa9", "/\xc3\xa9"),
    "lossless-below": ("/app", "/app/\ufffd", b"/app/%FF", "/app", "/\xff"),
    "raw-lacks-it": ("/app", "/app/\ufffd", b"/%FF", "/app", "/\xff"),
    "no-raw-path": ("/app", "/app/caf\xe9", None, "/app", "/caf\xc3\xa9"),
}


@pytest.mark.parametrize("name", PREFIXES)
def test_SCRIPT_NAME_comes_from_root_path_at_a_segment_boundary(strict: StrictPeer, name: str) -> None:
    root_path, path, raw_path, script_name, path_info = PREFIXES[name]
    environ = strict.environ(root_path=root_path, path=path, raw_path=raw_path)
    assert (environ["SCRIPT_NAME"], environ["PATH_INFO"]) == (script_name, path_info)


def test_a_path_that_middleware_has_rewritten_is_what_counts(peer: Peer) -> None:
    environ = peer.ask(rows.dump, b"/old/%FF", headers=[(b"x-wrap", b"rewrite")]).json()
    assert environ["PATH_INFO"] == "/rewritten/caf\xc3\xa9"


@pytest.mark.parametrize("target", [b"/mounted/x/%C3%A9", b"/mounted/%FF", b"/mounted/a%2Fb"])
def test_a_mount_of_Starlette_moves_its_prefix_to_SCRIPT_NAME(peer: Peer, target: bytes) -> None:
    environ = peer.ask(rows.dump, target, headers=[(b"x-wrap", b"mount")]).json()
    rest = {b"/mounted/%FF": "/\xff", b"/mounted/a%2Fb": "/a/b"}.get(target, "/x/\xc3\xa9")
    assert (environ["SCRIPT_NAME"], environ["PATH_INFO"]) == ("/mounted", rest)


# ------------------------------------------------------------ server and client


def test_SERVER_PORT_is_a_str(peer: Peer) -> None:
    environ = peer.ask(rows.dump).json()
    assert environ["SERVER_NAME"] == "127.0.0.1"
    assert environ["SERVER_PORT"].isdigit()


@pytest.mark.parametrize(
    ("server", "host", "scheme", "name", "port"),
    [
        (("/run/app.sock", None), b"example.org", "http", "example.org", "80"),
        (("/run/app.sock", None), b"example.org:8443", "https", "example.org", "8443"),
        (None, b"[::1]:81", "http", "[::1]", "81"),
        (None, b"[::1]", "https", "[::1]", "443"),
        (None, None, "http", "localhost", "80"),
    ],
)
def test_a_unix_socket_has_no_port(
    strict: StrictPeer, server: object, host: bytes | None, scheme: str, name: str, port: str
) -> None:
    headers = [] if host is None else [(b"host", host)]
    environ = strict.environ(server=server, scheme=scheme, headers=headers)
    assert (environ["SERVER_NAME"], environ["SERVER_PORT"]) == (name, port)


def test_REMOTE_ADDR_and_REMOTE_PORT_are_the_client(peer: Peer) -> None:
    environ = peer.ask(rows.dump).json()
    assert environ["REMOTE_ADDR"] == "127.0.0.1"
    assert environ["REMOTE_PORT"].isdigit()


def test_a_client_that_is_not_known_has_an_empty_REMOTE_ADDR(strict: StrictPeer) -> None:
    environ = strict.environ(client=None)
    assert environ["REMOTE_ADDR"] == ""
    assert "REMOTE_PORT" not in environ


def test_HTTPS_is_on_and_the_TLS_extension_becomes_SSL_variables(strict: StrictPeer) -> None:
    tls = {
        "server_cert": "-----BEGIN CERTIFICATE-----",
        "client_cert_chain": ["first", "second"],
        "client_cert_name": "CN=client",
        "client_cert_error": None,
        "tls_version": 0x0304,
        "cipher_suite": 0x1301,
    }
    environ = strict.environ(scheme="https", extensions={"tls": tls})
    assert (environ["HTTPS"], environ["wsgi.url_scheme"]) == ("on", "https")
    assert environ["SSL_PROTOCOL"] == "TLSv1.3"
    assert environ["SSL_CLIENT_S_DN"] == "CN=client"
    assert environ["SSL_CLIENT_VERIFY"] == "SUCCESS"


def test_there_is_no_HTTPS_without_TLS(peer: Peer) -> None:
    environ = peer.ask(rows.dump).json()
    assert environ["wsgi.url_scheme"] == "http"
    assert not [key for key in environ if key.startswith(("HTTPS", "SSL_"))]


# ------------------------------------------------------------ headers


def test_repeated_headers_join_with_a_comma(peer: Peer) -> None:
    headers = [(b"x-a", b"1"), (b"x-b", b"2"), (b"x-a", b"3"), (b"x-a", b"4, 5")]
    environ = peer.ask(rows.dump, headers=headers).json()
    assert (environ["HTTP_X_A"], environ["HTTP_X_B"]) == ("1,3,4, 5", "2")


def test_repeated_cookies_join_with_a_semicolon(peer: Peer) -> None:
    environ = peer.ask(rows.dump, headers=[(b"cookie", b"a=1"), (b"cookie", b"b=2; c=3")]).json()
    assert environ["HTTP_COOKIE"] == "a=1; b=2; c=3"


def test_headers_with_an_underscore_are_dropped(peer: Peer) -> None:
    headers = [(b"x_forwarded_for", b"6.6.6.6"), (b"x-kept", b"yes"), (b"content_type", b"text/evil")]
    environ = peer.ask(rows.dump, headers=headers).json()
    assert environ["HTTP_X_KEPT"] == "yes"
    assert "HTTP_X_FORWARDED_FOR" not in environ
    assert "CONTENT_TYPE" not in environ


def test_header_values_are_latin_1(peer: Peer) -> None:
    environ = peer.ask(rows.dump, headers=[(b"x-name", b"caf\xe9 \xc3\xa9 \xff")]).json()
    assert environ["HTTP_X_NAME"] == "caf\xe9 \xc3\xa9 \xff"


def test_content_type_and_length_have_no_HTTP_in_front(peer: Peer) -> None:
    environ = peer.ask(
        rows.dump, method="POST", headers=[(b"content-type", b"text/x; charset=y")], body=b"abc"
    ).json()
    assert (environ["CONTENT_TYPE"], environ["CONTENT_LENGTH"]) == ("text/x; charset=y", "3")
    assert "HTTP_CONTENT_TYPE" not in environ
    assert "HTTP_CONTENT_LENGTH" not in environ


def test_too_many_headers_are_refused(peer: Peer) -> None:
    """The bridge says 431; a server with a lower limit may have an answer of its own."""
    reply = peer.ask(rows.dump, headers=[(b"x-%d" % number, b"") for number in range(150)])
    assert reply.status == 431 or (peer.name != "strict" and 400 <= reply.status < 500)


@pytest.mark.parametrize("host", [b"other", b"testserver"], ids=["another", "the-same"])
def test_a_second_host_is_refused(peer: Peer, host: bytes) -> None:
    """RFC 9112 section 3.2. In HTTP/2 the server may drop it in favour of `:authority`, or close the connection."""
    reply = peer.ask(rows.dump, headers=[(b"host", host)])
    in_http_2 = peer.name.endswith("http2")
    assert reply.status == 400 or (in_http_2 and reply.status in {0, 200})


def test_headers_that_are_too_large_are_refused(peer: Peer) -> None:
    reply = peer.ask(rows.dump, headers=[(b"x-%d" % number, b"x" * 6000) for number in range(50)])
    assert (
        reply.status == 431
        or (peer.name != "strict" and 400 <= reply.status < 500)
        or _cut_off(peer, reply.status)
    )


def _cut_off(peer: Peer, status: int) -> bool:
    """Tell whether the server closed the connection on headers beyond its own limit, without an answer."""
    return peer.name != "strict" and status == 0


async def test_joining_repeated_headers_is_linear(executor: str) -> None:
    """Quadratic joining (CVE-2025-14550) takes minutes for these 20 MB; linear joining a fraction of a second."""

    def app(environ: Environ, start_response: StartResponse) -> list[bytes]:
        start_response("200 OK", [])
        return [str(len(environ["HTTP_X_A"])).encode()]

    bridge = WsgiToAsgi(app, max_headers=300_000, max_header_bytes=100_000_000)
    headers = [(b"x-a", b"x" * 100)] * 200_000
    began = time.perf_counter()
    answer = await AsgiCall(bridge, headers=headers).run()
    took = time.perf_counter() - began
    await bridge.executor.drain()
    assert answer.body == str(200_000 * 101 - 1).encode()
    assert took < 5.0


# ------------------------------------------------------------ bodies and wsgi.*


@pytest.mark.parametrize("size", [0, 5, 3_000_000])
def test_a_chunked_upload_has_a_length_and_ends_by_itself(peer: Peer, size: int) -> None:
    pieces = [b"x" * min(65536, size - start) for start in range(0, size, 65536)]
    told = peer.ask(digest, method="POST", body=pieces).json()
    assert told["size"] == size
    assert told["CONTENT_LENGTH"] == str(size)
    assert told["wsgi.input_terminated"] is True
    assert told["HTTP_TRANSFER_ENCODING"] is None


def test_the_wsgi_values_are_what_PEP_3333_asks_for(peer: Peer) -> None:
    facts = peer.ask(rows.wsgi_values).json()
    assert facts["wsgi.version"] == [1, 0]
    wanted = ("environ is a dict", "wsgi.errors is text", "wsgi.file_wrapper", "wsgi.input_terminated")
    assert [facts[fact] for fact in wanted] == [True] * 4
    assert [facts[fact] for fact in ("scope is http", "scope has path")] == [True] * 2


def test_wsgi_multithread_and_its_brothers_are_true_to_the_executor(peer: Peer, executor: str) -> None:
    environ = peer.ask(rows.dump).json()
    assert environ["wsgi.multithread"] is (executor == "thread")
    assert environ["wsgi.run_once"] is False
    assert environ["wsgi.multiprocess"] is True


def test_early_hints_and_trailers_are_offered_where_the_server_does(peer: Peer) -> None:
    facts = peer.ask(rows.wsgi_values).json()
    assert facts["early hints"] is ("http.response.early_hint" in facts["extensions"])
    assert facts["trailers"] is ("http.response.trailers" in facts["extensions"])


def test_the_lifespan_state_reaches_environ(peer: Peer) -> None:
    assert peer.ask(rows.state).json() == "by the startup hook"


def test_SERVER_PROTOCOL_names_the_version(peer: Peer) -> None:
    environ = peer.ask(rows.dump).json()
    assert environ["SERVER_PROTOCOL"] == ("HTTP/2.0" if peer.http2 else "HTTP/1.1")
