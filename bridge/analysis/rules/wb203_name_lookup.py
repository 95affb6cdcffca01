"""A request that looks up a name.

## What it does

Finds `socket.getaddrinfo`, `gethostbyname`, `getfqdn` and dnspython's synchronous resolver.

## Why it blocks

The system's resolver asks servers over the network, with time limits of seconds, inside C: neither a cancelled
request nor an event loop can interrupt it.

## Example

    import socket

    def address(host):
        return socket.gethostbyname(host)

## Use instead

    import asyncio

    async def address(host):
        return await asyncio.get_running_loop().getaddrinfo(host, None)

## References

- https://docs.python.org/3/library/socket.html#socket.getaddrinfo
- https://docs.python.org/3/library/asyncio-eventloop.html#dns
"""

from __future__ import annotations

from bridge.analysis.rules.base import Rule

__all__ = ["RULE"]

RULE = Rule(
    code="WB203",
    name="name-lookup",
    message="{sink} waits for a name server",
    sinks=(
        "socket.getaddrinfo",
        "socket.gethostbyname",
        "socket.gethostbyname_ex",
        "socket.gethostbyaddr",
        "socket.getnameinfo",
        "socket.getfqdn",
        "dns.resolver",
        "dns.query",
        "dns.zone",
        "dns.reversename",
        "email_validator",
    ),
)
