"""A request that changes a setting of the whole interpreter.

## What it does

Finds `sys.setrecursionlimit`, `socket.setdefaulttimeout`, `random.seed`, `gc.disable`, `warnings.simplefilter`,
`sys.stdout` redirection and other calls of the knowledge base whose category is process-state.

## Why it blocks

Every other request in the process works with the changed setting, and two that change it at once leave it to
chance.

## Example

    import socket

    def fetch(request, host):
        socket.setdefaulttimeout(2)
        return read(host)

## Use instead

    import socket

    def fetch(request, host):
        with socket.create_connection((host, 80), timeout=2) as connection:
            return connection.recv(1024)

## References

- https://docs.python.org/3/library/socket.html#socket.setdefaulttimeout
"""

from __future__ import annotations

from bridge.analysis.model import Category, Severity
from bridge.analysis.rules.base import Rule

__all__ = ["RULE"]

RULE = Rule(
    code="WB524",
    name="interpreter-setting",
    message="{sink} changes the whole process",
    severity=Severity.WARNING,
    effort=3,
    sinks=(
        "sys",
        "socket.setdefaulttimeout",
        "random.seed",
        "gc",
        "warnings",
        "contextlib.redirect_stdout",
        "contextlib.redirect_stderr",
        "resource",
        "threading.stack_size",
        "numpy.random.seed",
    ),
    categories=(Category.PROCESS_STATE,),
)
