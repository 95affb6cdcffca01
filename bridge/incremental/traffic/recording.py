"""The file that `serve --record` writes: a line of JSON for each request.

    {"method": "POST", "target": "/x?y=1", "headers": [["accept", "*/*"]], "body": "text or null",
     "body_base64": "only where it is no UTF-8", "session": "5f0c...", "status": 200, "at": 1795341600.5,
     "removed": ["cookie"]}

`session` is a salted hash of what the client was known by. `removed` are headers that were left out as
secrets; secret fields of JSON and of forms stand there as "[redacted]". `truncated` is true where the body
was too large to be kept.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable
from typing import Any

from bridge.incremental.traffic.requests import RecordedRequest, Traffic, TrafficUnreadable

__all__ = ["read_recording", "to_line"]


def to_line(request: RecordedRequest, *, at: float, removed: list[str], truncated: bool) -> str:
    """Return a request as one line, without its end."""
    plain: dict[str, Any] = {
        "method": request.method,
        "target": request.target,
        "headers": request.headers,
        "session": request.session,
        "status": request.status,
        "at": round(at, 3),
        "removed": removed,
    }
    try:
        plain["body"] = request.body.decode()
    except UnicodeDecodeError:
        plain["body_base64"] = base64.b64encode(request.body).decode()
    if truncated:
        plain |= {"body": None, "truncated": True}
        plain.pop("body_base64", None)
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":"))


def read_recording(lines: Iterable[str], file: str) -> Traffic:
    """Return the requests of a recording; those without their whole body are left out.

    A last line that was cut off, as a process that was killed leaves it, is left out as well.
    """
    traffic = Traffic()
    kept = [line for line in lines if line.strip()]
    for number, line in enumerate(kept, start=1):
        try:
            plain = json.loads(line)
            if plain.get("truncated"):
                traffic.left_out["with a body that was too large to be recorded"] += 1
                continue
            traffic.requests.append(_request(plain))
        except (ValueError, KeyError, TypeError, AttributeError, binascii.Error) as error:
            if number == len(kept) > 1:
                traffic.left_out["cut off at the end of the file"] += 1
            else:
                raise TrafficUnreadable(file, f"line {number} is no recorded request: {error!r}") from error
    return traffic


def _request(plain: dict[str, Any]) -> RecordedRequest:
    packed = plain.get("body_base64")
    return RecordedRequest(
        method=plain["method"],
        target=plain["target"],
        headers=tuple((name, value) for name, value in plain["headers"]),
        body=(plain.get("body") or "").encode() if packed is None else base64.b64decode(packed),
        session=plain.get("session", ""),
        status=plain.get("status"),
    )
