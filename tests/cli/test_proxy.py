from __future__ import annotations

from typing import Any

import pytest

from bridge.cli.proxy import BehindProxy, TrustedPeers
from tests.asgi_driver import http_scope

HTTP_PROXY = TrustedPeers(["127.0.0.1", "10.0.0.0/8"])


async def seen(
    headers: dict[bytes, bytes] | list[tuple[bytes, bytes]],
    *,
    trusted: TrustedPeers | None = HTTP_PROXY,
    local: bool = False,
    root_path: str = "",
    **scope: Any,
) -> dict[str, Any]:
    """Return the scope that the application gets."""
    scopes: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        scopes.append(scope)

    items = list(headers.items()) if isinstance(headers, dict) else headers
    middleware = BehindProxy(app, trusted=trusted, local=local, root_path=root_path)
    await middleware(http_scope(headers=items, **scope), None, None)  # type: ignore[arg-type] # not called
    return scopes[0]


# ---------------------------------------------------------------- whom to believe


@pytest.mark.parametrize(
    ("allowed", "host", "answer"),
    [
        (["127.0.0.1"], "127.0.0.1", True),
        (["127.0.0.1"], "127.0.0.2", False),
        (["10.0.0.0/8"], "10.200.1.1", True),
        (["10.0.0.0/8"], "11.0.0.1", False),
        (["::1"], "::1", True),
        (["::1"], "0:0:0:0:0:0:0:1", True),
        (["fe80::/10"], "127.0.0.1", False),
        (["127.0.0.1"], "::ffff:127.0.0.1", True),
        (["::ffff:0:0/96"], "::ffff:127.0.0.1", True),
        (["10.0.0.0/8"], "::ffff:11.0.0.1", False),
        (["*"], "203.0.113.9", True),
        (["*"], "nonsense", True),
        (["127.0.0.1"], "nonsense", False),
        (["127.0.0.1"], "", False),
        ([], "127.0.0.1", False),
    ],
)
def test_trusted_peers(allowed: list[str], host: str, answer: bool) -> None:
    assert (host in TrustedPeers(allowed)) is answer


@pytest.mark.parametrize("entry", ["proxy.example", "10.0.0.1/8", "10.0.0.0/33", ""])
def test_trusted_peers_refuse_what_is_no_address(entry: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        TrustedPeers([entry])


# ---------------------------------------------------------------- what is taken over


async def test_a_trusted_peer_says_who_the_client_is_and_how_it_came() -> None:
    scope = await seen({b"x-forwarded-for": b"203.0.113.9", b"x-forwarded-proto": b"https"})
    assert (scope["client"], scope["scheme"]) == (("203.0.113.9", 0), "https")


async def test_any_other_peer_is_not_believed() -> None:
    headers = {b"x-forwarded-for": b"203.0.113.9", b"x-forwarded-proto": b"https"}
    scope = await seen(headers, client=("192.0.2.1", 5))
    assert (scope["client"], scope["scheme"]) == (("192.0.2.1", 5), "http")


async def test_nobody_is_believed_without_proxy_headers() -> None:
    scope = await seen({b"x-forwarded-for": b"203.0.113.9"}, trusted=None)
    assert scope["client"] == ("127.0.0.1", 50000)


@pytest.mark.parametrize("client", [None, ("", 0), ["", 0]], ids=repr)
async def test_a_peer_on_a_unix_socket_is_believed_because_we_listen_on_one(client: Any) -> None:
    headers = {b"x-forwarded-for": b"203.0.113.9"}
    assert (await seen(headers, local=True, client=client))["client"] == ("203.0.113.9", 0)
    assert (await seen(headers, local=False, client=client))["client"] == client


@pytest.mark.parametrize(
    ("value", "client"),
    [
        (b"203.0.113.9", ("203.0.113.9", 0)),
        (b"203.0.113.9:4711", ("203.0.113.9", 4711)),
        (b"[2001:db8::1]:4711", ("2001:db8::1", 4711)),
        (b"[2001:db8::1]", ("2001:db8::1", 0)),
        (b"2001:db8::1", ("2001:db8::1", 0)),
        (b"6.6.6.6, 203.0.113.9", ("203.0.113.9", 0)),  # what the client wrote itself stands on the left
        (b"203.0.113.9, 10.1.1.1, 127.0.0.1", ("203.0.113.9", 0)),
        (b"10.2.2.2,10.1.1.1", ("10.2.2.2", 0)),
        (b"unknown", ("unknown", 0)),
        (b"203.0.113.9:port", ("203.0.113.9", 0)),
        (b"203.0.113.9:" + b"9" * 5000, ("203.0.113.9", 0)),  # more digits than `int` takes
        (b" , 203.0.113.9 ,", ("203.0.113.9", 0)),
        (b"", ("127.0.0.1", 50000)),
        (b" , ", ("127.0.0.1", 50000)),
    ],
)
async def test_the_client_is_the_nearest_address_that_is_no_trusted_proxy(
    value: bytes, client: tuple[str, int]
) -> None:
    assert (await seen({b"x-forwarded-for": value}))["client"] == client


async def test_a_header_that_was_repeated_is_read_as_one_list() -> None:
    headers = [(b"x-forwarded-for", b"6.6.6.6"), (b"x-forwarded-for", b"203.0.113.9")]
    assert (await seen(headers))["client"] == ("203.0.113.9", 0)


async def test_everybody_trusted_means_the_leftmost_address() -> None:
    headers = {b"x-forwarded-for": b"6.6.6.6, 203.0.113.9"}
    assert (await seen(headers, trusted=TrustedPeers(["*"])))["client"] == ("6.6.6.6", 0)


@pytest.mark.parametrize(
    ("value", "scheme"),
    [
        (b"https", "https"),
        (b" HTTPS ", "https"),
        (b"http", "http"),
        (b"gopher", "http"),
        (b"https, http", "http"),
    ],
)
async def test_the_scheme_is_taken_over_only_if_it_is_one(value: bytes, scheme: str) -> None:
    assert (await seen({b"x-forwarded-proto": value}))["scheme"] == scheme


async def test_the_scheme_of_a_websocket_is_its_own() -> None:
    scope = await seen({b"x-forwarded-proto": b"https"}, type="websocket", scheme="ws")
    assert scope["scheme"] == "wss"


async def test_bytes_that_are_no_text_do_no_harm() -> None:
    scope = await seen({b"x-forwarded-for": b"\xff\xfe", b"x-forwarded-proto": b"\xff"})
    assert scope["scheme"] == "http"


# ---------------------------------------------------------------- root path


async def test_root_path_is_put_into_the_scope_whoever_asks() -> None:
    scope = await seen({}, root_path="/shop", client=("192.0.2.1", 5), path="/basket")
    assert (scope["root_path"], scope["path"]) == ("/shop", "/basket")


async def test_root_path_of_the_server_stays_when_there_is_none() -> None:
    assert (await seen({}, root_path=""))["root_path"] == ""


async def test_lifespan_passes_as_it_is() -> None:
    scopes: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        scopes.append(dict(scope))

    middleware = BehindProxy(app, trusted=HTTP_PROXY, local=True, root_path="/shop")
    await middleware({"type": "lifespan"}, None, None)  # type: ignore[arg-type] # not called
    assert scopes == [{"type": "lifespan"}]
