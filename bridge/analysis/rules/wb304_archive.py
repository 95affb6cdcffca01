"""A request that packs or unpacks an archive.

## What it does

Finds `zipfile`, `tarfile`, `shutil.make_archive` and their kin.

## Why it blocks

It is disk and processor at once, for as long as the archive is large.

## Example

    import zipfile

    def export(request):
        with zipfile.ZipFile("export.zip", "w") as archive:
            archive.write("notes.txt")

## Use instead

    import asyncio

    async def export(request):
        await asyncio.to_thread(write_archive, "export.zip")

## References

- https://docs.python.org/3/library/zipfile.html
- https://docs.python.org/3/library/tarfile.html
"""

from __future__ import annotations

from bridge.analysis.rules.base import Rule

__all__ = ["RULE"]

RULE = Rule(
    code="WB304",
    name="archive",
    message="{sink} packs or unpacks an archive",
    sinks=(
        "zipfile",
        "tarfile",
        "shutil.make_archive",
        "shutil.unpack_archive",
        "py7zr",
        "rarfile",
        "patoolib",
        "zipstream",
    ),
)
