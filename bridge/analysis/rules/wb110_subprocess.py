"""A request that runs a program and waits for its end.

## What it does

Finds `subprocess.run` and its kin, `os.system`, `os.popen`, `communicate`, and libraries that wrap a program
(GitPython, sh, plumbum, pdfkit).

## Why it blocks

Starting a process takes milliseconds, its work takes as long as it takes, and the thread waits for all of it.

## Example

    import subprocess

    def version():
        return subprocess.check_output(["git", "describe"])

## Use instead

    import asyncio

    async def version():
        process = await asyncio.create_subprocess_exec("git", "describe", stdout=asyncio.subprocess.PIPE)
        output, _ = await process.communicate()
        return output

## References

- https://docs.python.org/3/library/subprocess.html
- https://docs.python.org/3/library/asyncio-subprocess.html
"""

from __future__ import annotations

from bridge.analysis.model import Category
from bridge.analysis.rules.base import Rule

__all__ = ["RULE"]

RULE = Rule(
    code="WB110",
    name="subprocess",
    message="{sink} runs a program and waits for it",
    effort=3,
    sinks=(
        "subprocess.run",
        "subprocess.call",
        "subprocess.check_call",
        "subprocess.check_output",
        "subprocess.getoutput",
        "subprocess.getstatusoutput",
        "subprocess.Popen.communicate",
        "os.system",
        "os.popen",
        "os.posix_spawn",
        "os.posix_spawnp",
        "os.spawnl",
        "os.spawnle",
        "os.spawnlp",
        "os.spawnlpe",
        "os.spawnv",
        "os.spawnve",
        "os.spawnvp",
        "os.spawnvpe",
        "commands",
        "git",
        "sh",
        "plumbum",
        "pdfkit",
        "imgkit",
        "ffmpeg",
        "pexpect",
        "invoke",
    ),
    categories=(Category.SUBPROCESS,),
)
