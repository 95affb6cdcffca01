"""A request that waits for a process to end.

## What it does

Finds `os.wait`, `os.waitpid`, `os.wait3`, `os.wait4`, `os.waitid` and `Popen.wait`.

## Why it blocks

The thread waits as long as the other process lives.

## Example

    import os

    def finish(pid):
        return os.waitpid(pid, 0)

## Use instead

    import asyncio

    async def finish(process: asyncio.subprocess.Process):
        return await process.wait()

## References

- https://docs.python.org/3/library/os.html#os.waitpid
- https://docs.python.org/3/library/asyncio-subprocess.html#asyncio.subprocess.Process.wait
"""

from __future__ import annotations

from bridge.analysis.rules.base import Rule

__all__ = ["RULE"]

RULE = Rule(
    code="WB112",
    name="process-wait",
    message="{sink} waits until a process ends",
    effort=3,
    sinks=(
        "os.wait",
        "os.wait3",
        "os.wait4",
        "os.waitid",
        "os.waitpid",
        "subprocess.Popen.wait",
    ),
)
