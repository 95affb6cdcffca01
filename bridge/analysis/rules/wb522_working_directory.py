"""A request that changes the working directory or the file mask of the process.

## What it does

Finds `os.chdir`, `os.fchdir`, `os.chroot`, `os.umask` and `contextlib.chdir`.

## Why it blocks

Every relative path of every other request leads elsewhere from that moment on.

## Example

    import os

    def build(request, folder):
        os.chdir(folder)
        return compile_here()

## Use instead

    import subprocess

    def build(request, folder):
        return subprocess.run(["make"], cwd=folder)

## References

- https://docs.python.org/3/library/os.html#os.chdir
"""

from __future__ import annotations

from bridge.analysis.rules.base import Rule

__all__ = ["RULE"]

RULE = Rule(
    code="WB522",
    name="working-directory",
    message="{sink} changes the whole process",
    effort=3,
    sinks=(
        "os.chdir",
        "os.fchdir",
        "os.chroot",
        "os.umask",
        "contextlib.chdir",
        "os.setuid",
        "os.setgid",
        "os.nice",
        "os.setpriority",
    ),
    binds=True,
)
