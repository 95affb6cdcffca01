"""A request that starts a process.

## What it does

Finds `subprocess.Popen`, `os.fork`, `multiprocessing.Process.start` and `os.spawn*` that do not wait.

## Why it blocks

The start itself blocks: the parent is copied or a helper is run, and pipes are set up. In a threaded server a
fork also copies locks in whatever state they are.

## Example

    import subprocess

    def convert(path):
        return subprocess.Popen(["convert", path, path + ".png"])

## Use instead

    import asyncio

    async def convert(path):
        return await asyncio.create_subprocess_exec("convert", path, path + ".png")

## References

- https://docs.python.org/3/library/subprocess.html#popen-constructor
- https://docs.python.org/3/library/asyncio-subprocess.html
"""

from __future__ import annotations

from bridge.analysis.rules.base import Rule

__all__ = ["RULE"]

RULE = Rule(
    code="WB111",
    name="process-start",
    message="{sink} starts a process",
    effort=3,
    sinks=(
        "subprocess.Popen",
        "os.fork",
        "os.forkpty",
        "pty",
        "multiprocessing.Process.start",
        "multiprocessing.process",
    ),
)
