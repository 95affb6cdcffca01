"""What is different about the bridge's answer, once the noise between two waitresses is taken out."""

from __future__ import annotations

import gzip
import re
import zlib
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from scripts.compare_servers.exchange import Answer
from scripts.compare_servers.noise import learn

__all__ = ["SERVERS_OWN", "Comparison", "Difference", "compare", "decoded"]

# What a server says of itself and of this connection, not of the application's answer (RFC 9110 7.6.1, 6.6.1).
SERVERS_OWN = frozenset({"connection", "date", "keep-alive", "server", "transfer-encoding", "via"})
# How long the application took, by its own clock: only whether it is told can be compared, not the numbers.
MEASURED = frozenset({"server-timing", "x-process-time", "x-response-time", "x-runtime"})
NUMBER = re.compile(r"\d+(?:\.\d+)?(?:[eE]-?\d+)?")
# What each says for an application that has raised: the application's answer is the 500.
OWN_PAGES = (b"Internal Server Error\r\n\r\nThe server encountered", b"Internal Server Error")
AROUND = 60  # characters shown on both sides of the place where two bodies part


@dataclass(frozen=True, slots=True)
class Difference:
    """`what`: "status", "body", "broken" or a header's name; then what waitress and the bridge have there."""

    what: str
    waitress: str
    bridge: str

    def __str__(self) -> str:
        return f"{self.what}: waitress {self.waitress!r}, bridge {self.bridge!r}"


@dataclass(frozen=True, slots=True)
class Comparison:
    """`noisy`: the two waitresses did not agree in everything; `undecided`: not even in the status."""

    differences: tuple[Difference, ...] = ()
    noisy: bool = False
    undecided: bool = False


def compare(waitress: Answer, bridge: Answer, again: Answer, *, ignored: Collection[str] = ()) -> Comparison:
    """Compare the bridge's answer with two of waitress; headers in `ignored` (lower case) don't count."""
    if waitress.status != again.status or bool(waitress.broken) != bool(again.broken):
        return Comparison(undecided=True)
    if waitress.status != bridge.status or bool(waitress.broken) != bool(bridge.broken):
        return Comparison((_outcome(waitress, bridge),))
    if all(answer.body.startswith(page) for answer, page in zip((waitress, bridge), OWN_PAGES, strict=True)):
        return Comparison()
    found: list[Difference] = []
    noisy = _headers(waitress, bridge, again, SERVERS_OWN | set(ignored), found)
    noisy |= _bodies(waitress, bridge, again, found)
    return Comparison(tuple(found), noisy=noisy)


def _outcome(waitress: Answer, bridge: Answer) -> Difference:
    if waitress.status != bridge.status:
        return Difference("status", _brief(waitress), _brief(bridge))
    return Difference("broken", waitress.broken, bridge.broken)


def _brief(answer: Answer) -> str:
    return answer.broken or f"{answer.status} {answer.body[:AROUND].decode('latin-1')}"


def _headers(
    waitress: Answer, bridge: Answer, again: Answer, ignored: Collection[str], found: list[Difference]
) -> bool:
    ours, theirs, repeated = _by_name(bridge), _by_name(waitress), _by_name(again)
    for name in sorted((ours.keys() | theirs.keys() | repeated.keys()) - set(ignored)):
        template = learn(theirs[name], repeated[name])
        if template.maybe_misfit(ours[name]) is not None:
            found.append(Difference(name, theirs[name], ours[name]))
    return any(theirs[name] != repeated[name] for name in theirs.keys() - set(ignored))


def _by_name(answer: Answer) -> defaultdict[str, str]:
    """A header's values, one a line in the order they came; "" for a header that is not there.

    White space around a value is no part of it (RFC 9110 5.5); one server takes it away, another sends it.
    """
    values: defaultdict[str, str] = defaultdict(str)
    for name, value in answer.headers:
        key, text = name.lower(), value.strip()
        values[key] += f"{NUMBER.sub('0', text) if key in MEASURED else text}\n"
    return values


def _bodies(waitress: Answer, bridge: Answer, again: Answer, found: list[Difference]) -> bool:
    theirs, ours, repeated = (decoded(answer) for answer in (waitress, bridge, again))
    at = learn(theirs, repeated).maybe_misfit(ours)
    if at is not None:
        window = slice(max(0, at - AROUND), at + AROUND)
        found.append(Difference(f"body at {at}", theirs[window], ours[window]))
    return theirs != repeated


def decoded(answer: Answer) -> str:
    """The body as text, every byte one character; what gzip wrapped is unwrapped, for its header has a time."""
    body = answer.body
    if answer.maybe_header("content-encoding") == "gzip" and answer.status != 206:
        try:
            body = gzip.decompress(body)
        except (EOFError, OSError, zlib.error):  # not what it says: compared as it is
            return body.decode("latin-1")
    return body.decode("latin-1")
