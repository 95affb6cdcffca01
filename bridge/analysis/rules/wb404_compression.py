"""A request that compresses or decompresses.

## What it does

Finds `zlib`, `gzip`, `bz2`, `lzma`, zstandard and brotli.

## Why it blocks

A megabyte takes some ten milliseconds of a core. The calls release the GIL, so in a thread they harm nobody.

## Example

    import gzip

    def pack(rows):
        return gzip.compress(b"".join(rows))

## Use instead

    import asyncio
    import gzip

    async def pack(rows):
        return await asyncio.to_thread(gzip.compress, b"".join(rows))

## References

- https://docs.python.org/3/library/zlib.html
- https://docs.python.org/3/library/gzip.html
"""

from __future__ import annotations

from bridge.analysis.model import Severity
from bridge.analysis.rules.base import Rule

__all__ = ["RULE"]

RULE = Rule(
    code="WB404",
    name="compression",
    message="{sink} compresses",
    severity=Severity.WARNING,
    sinks=(
        "zlib",
        "gzip",
        "bz2",
        "lzma",
        "zstandard",
        "zstd",
        "brotli",
        "brotlicffi",
        "snappy",
        "lz4",
        "compression",
    ),
)
