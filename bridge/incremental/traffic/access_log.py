"""The combined log format of Apache and nginx: method and target of every request, and no bodies.

10.0.0.7 - ann [22/Nov/2026:10:00:00 +0000] "GET /x?y=1 HTTP/1.1" 200 512 "referer" "user agent"
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from bridge.incremental.traffic.requests import RecordedRequest, Traffic

__all__ = ["is_access_log", "read_access_log"]

_QUOTED = r'"((?:[^"\\]|\\.)*)"'
_LINE = re.compile(rf"(\S+) \S+ .*?\[[^\]]+\] {_QUOTED} (\d{{3}}) \S+(?: {_QUOTED} {_QUOTED})?")
_REQUEST = re.compile(r"([A-Z]+) (/\S*)(?: HTTP/[\d.]+)?")
_ESCAPE = re.compile(r'\\(?:x([0-9A-Fa-f]{2})|(["\\]))')
_BODYLESS = frozenset({"GET", "HEAD", "OPTIONS", "DELETE", "TRACE"})


def is_access_log(line: str) -> bool:
    """Tell whether a line is in the combined (or common) format."""
    return _LINE.match(line) is not None


def read_access_log(lines: Iterable[str]) -> Traffic:
    """Return the requests of a log; a client is told by its address and its user agent.

    Left out are lines in another format, and requests whose body the log does not have.
    """
    traffic = Traffic()
    for line in lines:
        found = _LINE.match(line)
        request = found and _REQUEST.fullmatch(_unescaped(found[2]))
        if not found or not request:
            if line.strip():
                traffic.left_out["not in the combined log format"] += 1
        elif request[1] not in _BODYLESS:
            traffic.left_out["with a body, which a log does not have"] += 1
        else:
            traffic.requests.append(_request(found, request))
    return traffic


def _request(found: re.Match[str], request: re.Match[str]) -> RecordedRequest:
    named = (("referer", found[4]), ("user-agent", found[5]))
    headers = tuple((name, _unescaped(value)) for name, value in named if value and value != "-")
    return RecordedRequest(
        method=request[1],
        target=request[2],
        headers=headers,
        session=f"{found[1]} {found[5] or ''}",
        status=int(found[3]),
    )


def _unescaped(text: str) -> str:
    """Undo what Apache and nginx escape in a quoted field."""
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16)) if found[1] else found[2], text)
