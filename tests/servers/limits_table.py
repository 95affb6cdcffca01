"""The limits as a table for the documentation."""

from __future__ import annotations

from tests.servers.catalogue import PEERS
from tests.servers.limits import LIMITS

__all__ = ["limits_table", "peers_table"]


def peers_table() -> str:
    """Return whom the suite asks, with the number of known limits of each."""
    rows = [f"| {_title(peer)} | {len(LIMITS.get(peer, {})) or 'none'} |" for peer in PEERS]
    return "\n".join(["| server | known limits |", "| --- | --- |", *rows, ""])


def limits_table() -> str:
    """Return one row for each reason; servers that share it stand together, and so do its tests."""
    servers: dict[str, list[str]] = {}
    tests: dict[str, list[str]] = {}
    for peer in PEERS:
        for test, reason in LIMITS.get(peer, {}).items():
            _add(servers.setdefault(reason, []), _title(peer))
            _add(tests.setdefault(reason, []), _sentence(test))
    rows = [f"| {', '.join(servers[reason])} | {reason} | {'; '.join(tests[reason])} |" for reason in servers]
    return "\n".join(["| server | limit | what does not hold |", "| --- | --- | --- |", *rows, ""])


def _add(items: list[str], item: str) -> None:
    if item not in items:
        items.append(item)


def _title(peer: str) -> str:
    """Return `hypercorn over HTTP/2` for `hypercorn-http2`, `uvicorn h11/asyncio` for `uvicorn-h11-asyncio`."""
    if peer.endswith("-http2"):
        return f"{peer.removesuffix('-http2')} over HTTP/2"
    name, *parts = peer.split("-")
    return f"{name} {'/'.join(parts)}" if parts else name


# What the underscores of a test's name stand for, where it is not a space.
_SPELLINGS = {
    "QUERY STRING": "QUERY_STRING",
    "HTTP 1 0": "HTTP/1.0",
    "latin 1": "latin-1",
    "100 continue": "100-continue",
}


def _sentence(test: str) -> str:
    """Return `close runs once (closing after failure)` for `test_close_runs_once[closing_after_failure]`."""
    name, _, case = test.removeprefix("test_").partition("[")
    words = name.replace("_", " ")
    for spaced, spelled in _SPELLINGS.items():
        words = words.replace(spaced, spelled)
    return f"{words} ({case[:-1].replace('_', ' ')})" if case else words
