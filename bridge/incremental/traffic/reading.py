"""From a file of traffic to its requests, whichever kind it is."""

from __future__ import annotations

import json
from pathlib import Path

from bridge.incremental.traffic.access_log import is_access_log, read_access_log
from bridge.incremental.traffic.har import read_har
from bridge.incremental.traffic.recording import read_recording
from bridge.incremental.traffic.requests import Traffic, TrafficUnreadable

__all__ = ["read_traffic"]


def read_traffic(path: Path) -> Traffic:
    """Return the requests of an HTTP Archive, an access log or a recording; the content says which it is.

    Raises `TrafficUnreadable`.
    """
    try:
        text = path.read_text("utf-8-sig", "surrogateescape")
    except OSError as error:
        raise TrafficUnreadable(str(path), f"cannot be read: {error.strerror or error}") from error
    lines = text.splitlines()
    first = next((line for line in lines if line.strip()), "")
    if not first:
        raise TrafficUnreadable(str(path), "is empty")
    if is_access_log(first):
        return read_access_log(lines)
    if not first.lstrip().startswith("{"):
        raise TrafficUnreadable(
            str(path), "is neither an HTTP Archive (.har), nor a log in the combined format, nor a recording"
        )
    document = _whole(text)
    if isinstance(document, dict) and "log" in document:
        return read_har(document, str(path))
    return read_recording(lines, str(path))


def _whole(text: str) -> object:
    """Return the one document that the text is; None for several, a line each."""
    try:
        return json.loads(text)
    except ValueError:
        return None
