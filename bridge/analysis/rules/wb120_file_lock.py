"""A request that waits for a lock that other processes hold.

## What it does

Finds `fcntl.flock`, `fcntl.lockf` and the locks of filelock, portalocker and fasteners.

## Why it blocks

The kernel keeps the thread until another process lets go, and nothing in this process can hurry it.

## Example

    from filelock import FileLock

    def rebuild(path):
        with FileLock(path + ".lock"):
            write_index(path)

## Use instead

    from filelock import AsyncFileLock

    async def rebuild(path):
        async with AsyncFileLock(path + ".lock"):
            await write_index(path)

## References

- https://docs.python.org/3/library/fcntl.html#fcntl.flock
- https://py-filelock.readthedocs.io/
"""

from __future__ import annotations

from bridge.analysis.rules.base import Rule

__all__ = ["RULE"]

RULE = Rule(
    code="WB120",
    name="file-lock",
    message="{sink} waits for another process",
    effort=3,
    sinks=(
        "fcntl",
        "filelock",
        "portalocker",
        "fasteners",
        "zc.lockfile",
        "oslo_concurrency",
    ),
)
