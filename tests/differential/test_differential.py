"""The same requests to waitress, to gunicorn and to the bridge: the same environ, the same response."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from tests.differential.contenders import BRIDGE, REFERENCES, Outcome
from tests.differential.corpus import CORPUS
from tests.differential.differences import DIFFERENCES, excusing
from tests.differential.requests import Request, request

AskAll = Callable[[Request], dict[str, Outcome]]
pytestmark = pytest.mark.xdist_group("differential")


def unexplained(asked: Request, outcomes: dict[str, Outcome]) -> list[str]:
    """Return what differs without an entry in the table, in words."""
    ours = outcomes[BRIDGE]
    return [
        f"{reference} {aspect}: {outcomes[reference].aspects.get(aspect)!r}, bridge: {ours.aspects.get(aspect)!r}"
        for reference in REFERENCES
        for aspect in sorted(ours.differences(outcomes[reference]))
        if not excusing(reference, aspect, asked)
    ]


@pytest.mark.parametrize("asked", CORPUS, ids=lambda asked: asked.name)
def test_a_request_of_the_corpus_is_answered_as_by_waitress_and_gunicorn(
    ask_all: AskAll, asked: Request
) -> None:
    assert unexplained(asked, ask_all(asked)) == []


def test_every_listed_difference_still_exists(ask_all: AskAll) -> None:
    """An entry counts as seen when one of its servers differs for its reason, and each of its servers has to."""
    seen = set()
    for asked in CORPUS:
        outcomes = ask_all(asked)
        for reference in REFERENCES:
            for aspect in outcomes[BRIDGE].differences(outcomes[reference]):
                seen |= {(each, reference) for each in excusing(reference, aspect, asked)}
    gone = [
        f"{reference}: {each.what}"
        for each in DIFFERENCES
        for reference in each.references
        if (each, reference) not in seen
    ]
    assert gone == []


def test_the_corpus_names_each_request_once() -> None:
    names = [asked.name for asked in CORPUS]
    assert len(names) == len(set(names)) >= 150


# ------------------------------------------------------------ generated requests

ESCAPED = st.binary(min_size=1, max_size=3).map(
    lambda octets: b"".join(b"%%%02X" % octet for octet in octets)
)
PLAIN = st.text("abcXYZ019-._~!$&'()*+,;=:@", min_size=1, max_size=5).map(str.encode)
SEGMENT = st.lists(st.one_of(PLAIN, ESCAPED), max_size=3).map(b"".join)
PATH = st.lists(SEGMENT, max_size=4).map(lambda segments: b"/" + b"/".join(segments))
QUERY = st.lists(st.one_of(PLAIN, ESCAPED, st.sampled_from([b"/", b"?", b"[]"])), max_size=5).map(b"".join)
TOKEN = st.text("abcdefgXYZ0123-", min_size=1, max_size=8)
VALUE = st.text([chr(code) for code in (*range(0x20, 0x7F), *range(0xA0, 0x100))] + ["\t"], max_size=20).map(
    lambda text: text.encode("latin-1")
)
HEADER = st.tuples(TOKEN, VALUE).map(lambda pair: b"X-" + pair[0].encode() + b": " + pair[1])
BLOCKS = st.lists(st.binary(min_size=1, max_size=300), max_size=4)


def framed(blocks: list[bytes], chunked: bool) -> tuple[list[bytes], bytes]:
    """Return the framing header and the body, as it goes out."""
    if chunked:
        parts = [b"%x\r\n%b\r\n" % (len(block), block) for block in blocks]
        return [b"Transfer-Encoding: chunked"], b"".join([*parts, b"0\r\n\r\n"])
    body = b"".join(blocks)
    return [b"Content-Length: %d" % len(body)], body


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    method=st.sampled_from(["GET", "POST", "PUT", "DELETE", "OPTIONS"]),
    path=PATH,
    query=st.one_of(st.none(), QUERY),
    headers=st.lists(HEADER, max_size=4),
    blocks=st.one_of(st.none(), BLOCKS),
    chunked=st.booleans(),
)
def test_a_generated_request_is_answered_as_by_waitress_and_gunicorn(
    ask_all: AskAll,
    method: str,
    path: bytes,
    query: bytes | None,
    headers: list[bytes],
    blocks: list[bytes] | None,
    chunked: bool,
) -> None:
    framing, body = ([], b"") if blocks is None else framed(blocks, chunked)
    target = path if query is None else path + b"?" + query
    asked = request("generated", target, *headers, *framing, method=method, body=body)
    assert unexplained(asked, ask_all(asked)) == []


NATIVE = st.text([chr(code) for code in (*range(0x20, 0x7F), *range(0xA0, 0x100))], max_size=15)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    method=st.sampled_from(["GET", "HEAD", "POST"]),
    status=st.integers(200, 599).filter(lambda code: code not in (204, 205, 304)),
    headers=st.lists(st.tuples(TOKEN.map("X-{}".format), NATIVE), max_size=3),
    blocks=st.lists(st.text([chr(code) for code in range(256)], max_size=50), max_size=4),
    kind=st.sampled_from(["list", "generator"]),
)
def test_a_generated_response_reaches_the_client_as_from_waitress_and_gunicorn(
    ask_all: AskAll,
    method: str,
    status: int,
    headers: list[tuple[str, str]],
    blocks: list[str],
    kind: str,
) -> None:
    answer: dict[str, object] = {
        "status": f"{status} Made Up",
        "headers": headers,
        "blocks": blocks,
        "kind": kind,
    }
    asked = request("generated", b"/", method=method, answer=answer)
    assert unexplained(asked, ask_all(asked)) == []
