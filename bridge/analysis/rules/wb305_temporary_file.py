"""A request that makes a temporary file.

## What it does

Finds `tempfile`: `NamedTemporaryFile`, `TemporaryDirectory`, `mkstemp`, `SpooledTemporaryFile`.

## Why it blocks

Making, filling and removing it are file calls like any other, and a spooled one becomes a file without a word
once it grows.

## Example

    import tempfile

    def convert(content):
        with tempfile.NamedTemporaryFile() as file:
            file.write(content)

## Use instead

    import aiofiles.tempfile

    async def convert(content):
        async with aiofiles.tempfile.NamedTemporaryFile() as file:
            await file.write(content)

## References

- https://docs.python.org/3/library/tempfile.html
- https://github.com/Tinche/aiofiles
"""

from __future__ import annotations

from bridge.analysis.model import Severity
from bridge.analysis.rules.base import Rule

__all__ = ["RULE"]

RULE = Rule(
    code="WB305",
    name="temporary-file",
    message="{sink} makes a temporary file",
    severity=Severity.WARNING,
    sinks=("tempfile",),
)
