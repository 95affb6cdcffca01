"""A request that walks or copies a tree of files.

## What it does

Finds `os.walk`, `os.scandir`, `glob`, `shutil` and `pathlib.Path.glob`, `rglob`, `walk`.

## Why it blocks

The time grows with the tree, and nothing else happens on this thread meanwhile.

## Example

    import shutil

    def archive(request, year):
        shutil.copytree(f"/srv/{year}", f"/archive/{year}")

## Use instead

    import asyncio
    import shutil

    async def archive(request, year):
        await asyncio.to_thread(shutil.copytree, f"/srv/{year}", f"/archive/{year}")

## References

- https://docs.python.org/3/library/shutil.html
- https://docs.python.org/3/library/os.html#os.walk
"""

from __future__ import annotations

from bridge.analysis.rules.base import Rule

__all__ = ["RULE"]

RULE = Rule(
    code="WB303",
    name="file-tree",
    message="{sink} goes through a tree of files",
    sinks=(
        "os.walk",
        "os.fwalk",
        "os.scandir",
        "shutil",
        "glob",
        "pathlib.Path.glob",
        "pathlib.Path.rglob",
        "pathlib.Path.iterdir",
        "pathlib.Path.walk",
        "filecmp",
        "fnmatch",
        "distutils.dir_util",
    ),
)
