"""A request that talks over a socket of its own.

## What it does

Finds `connect`, `recv`, `sendall`, `makefile` and `create_connection` of `socket` and `ssl`, and libraries that
are a thin layer above (telnetlib, websocket-client).

## Why it blocks

Each of these returns when the other side has done its part, or when a time limit ends, if there is one.

## Example

    import socket

    def is_up(host, port):
        with socket.create_connection((host, port), timeout=2):
            return True

## Use instead

    import asyncio

    async def is_up(host, port):
        reader, writer = await asyncio.wait_for(asyncio.open_connection(host, port), timeout=2)
        writer.close()
        return True

## References

- https://docs.python.org/3/library/socket.html
- https://docs.python.org/3/library/asyncio-stream.html
"""

from __future__ import annotations

from bridge.analysis.rules.base import Rule

__all__ = ["RULE"]

RULE = Rule(
    code="WB202",
    name="socket",
    message="{sink} waits for the other side of a connection",
    effort=5,
    sinks=(
        "socket",
        "ssl",
        "socketserver",
        "telnetlib",
        "websocket",
        "websockets.sync",
        "simple_websocket",
        "ntplib",
        "whois",
        "ping3",
        "icmplib",
        "serial",
        "scapy",
        "pysnmp",
    ),
)
