"""HTTP Archive 1.2, as browsers save it: one session of one client."""

from __future__ import annotations

import base64
import binascii
from collections import Counter
from typing import Any
from urllib.parse import urlencode, urlsplit

from bridge.incremental.traffic.requests import RecordedRequest, Traffic, TrafficUnreadable

__all__ = ["read_har"]

# What belongs to the connection that was; HTTP/2's pseudo headers begin with a colon.
_CONNECTION = frozenset(
    {"connection", "content-length", "host", "keep-alive", "transfer-encoding", "upgrade"}
)


def read_har(document: Any, file: str) -> Traffic:
    """Return the requests to the archive's own site; those to other hosts are left out and counted."""
    try:
        entries = [entry["request"] for entry in document["log"]["entries"]]
        sites = Counter(_site(request) for request in entries)
        traffic = Traffic()
        for request in entries:
            if _site(request) != sites.most_common(1)[0][0]:
                traffic.left_out["to another host"] += 1
            else:
                traffic.requests.append(_request(request))
    except (KeyError, TypeError, AttributeError, binascii.Error) as error:
        raise TrafficUnreadable(file, f"is no HTTP Archive: {type(error).__name__}: {error}") from error
    return traffic


def _site(request: dict[str, Any]) -> str:
    return urlsplit(str(request["url"])).netloc


def _request(request: dict[str, Any]) -> RecordedRequest:
    url = urlsplit(request["url"])
    headers = tuple(
        (header["name"].lower(), header["value"])
        for header in request.get("headers", ())
        if not header["name"].startswith(":") and header["name"].lower() not in _CONNECTION
    )
    return RecordedRequest(
        method=request["method"].upper(),
        target=f"{url.path or '/'}{'?' if url.query else ''}{url.query}",
        headers=headers,
        body=_body(request.get("postData") or {}),
        session="browser",
    )


def _body(post: dict[str, Any]) -> bytes:
    text = post.get("text")
    if text is None:
        return urlencode([(each["name"], each.get("value", "")) for each in post.get("params", ())]).encode()
    # "encoding" stands in the answers of the specification only, but tools write it here, too.
    return base64.b64decode(text) if post.get("encoding") == "base64" else str(text).encode()
