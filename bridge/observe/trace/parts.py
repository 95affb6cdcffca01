"""Part files of several processes -> one trace.

A part has `calls` as lists (phase, method, path, sink, stack, count, seconds, longest, timed, direct), `requests` as
(method, path, count) and `unwatched` names. The trace says the same in words: see `migration_guide/trace.md`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

__all__ = ["merge", "read_parts"]

Json = dict[str, Any]


def read_parts(folder: Path) -> list[Json]:
    """Return the parts that processes left, in the order of their names; one that was cut off is left out."""
    parts: list[Json] = []
    for path in sorted(folder.glob("*.json")):
        try:
            parts.append(json.loads(path.read_text("utf-8")))
        except ValueError:
            continue
    return parts


def merge(parts: Iterable[Json]) -> Json:
    """Return `requests`, `calls` and `unwatched` of a trace: equal calls summed, the most expensive first."""
    calls: dict[str, Json] = {}
    requests: dict[tuple[str, str], int] = {}
    unwatched: set[str] = set()
    for part in parts:
        unwatched.update(part["unwatched"])
        for method, path, count in part["requests"]:
            requests[method, path] = requests.get((method, path), 0) + count
        for row in part["calls"]:
            _add(calls, row)
    ordered = sorted(
        calls.values(), key=lambda call: (-call["seconds"], -call["count"], call["sink"], call["route"])
    )
    return {
        "requests": [
            {"route": f"{method} {path}", "method": method, "path": path, "count": count}
            for (method, path), count in sorted(requests.items(), key=lambda item: (item[0][1], item[0][0]))
        ],
        "calls": ordered,
        "unwatched": sorted(unwatched),
    }


def _add(calls: dict[str, Json], row: list[Any]) -> None:
    phase, method, path, sink, stack, count, seconds, longest, timed, direct = row
    call = calls.setdefault(
        json.dumps(row[:5]),
        {
            "phase": phase,
            "route": f"{method} {path}" if phase == "request" else "",
            "method": method,
            "path": path,
            "sink": sink,
            "count": 0,
            "seconds": 0.0,
            "longest": 0.0,
            "timed": timed,
            "direct": direct,
            "stack": [{"file": file, "line": line, "function": function} for file, line, function in stack],
        },
    )
    call["count"] += count
    call["seconds"] = round(call["seconds"] + seconds, 6)
    call["longest"] = round(max(call["longest"], longest), 6)
