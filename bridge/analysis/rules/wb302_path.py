"""A request that asks the file system about a path, or changes one.

## What it does

Finds `os.path.exists`, `os.stat`, `os.listdir`, `os.rename`, `os.makedirs`, `os.remove`, and the same on
`pathlib.Path`.

## Why it blocks

Each is a call into the kernel that may wait for a disk or a network share. It is short on a local disk, which
is why it goes unseen until the folder moves to NFS.

## Example

    import os

    def is_closed(request):
        return os.path.exists("/srv/closed")

## Use instead

    import anyio

    async def is_closed(request):
        return await anyio.Path("/srv/closed").exists()

## References

- https://docs.python.org/3/library/os.path.html
- https://anyio.readthedocs.io/en/stable/fileio.html#asynchronous-path-operations
"""

from __future__ import annotations

from bridge.analysis.model import Severity
from bridge.analysis.rules.base import Rule

__all__ = ["RULE"]

RULE = Rule(
    code="WB302",
    name="path",
    message="{sink} asks the file system",
    severity=Severity.WARNING,
    sinks=(
        "os",
        "os.path",
        "posixpath",
        "genericpath",
        "pathlib",
        "stat",
        "mimetypes.init",
        "watchdog",
    ),
)
