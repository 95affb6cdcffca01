"""A request that computes for a long time.

## What it does

Finds calls of the knowledge base, or of `sinks` in your configuration, whose category is cpu and which no other
rule of this family claims.

## Why it blocks

Computing holds the thread and, in Python, the GIL. async does not help: what helps is a thread where the GIL is
released, and a process where it is not.

## Example

    def report(request):
        return ourcompany.model.score(request.json)

## Use instead

    import asyncio
    from concurrent.futures import ProcessPoolExecutor

    pool = ProcessPoolExecutor()

    async def report(request):
        return await asyncio.get_running_loop().run_in_executor(pool, ourcompany.model.score, request.json)

## References

- https://docs.python.org/3/library/concurrent.futures.html#processpoolexecutor
"""

from __future__ import annotations

from bridge.analysis.model import Category
from bridge.analysis.rules.base import Rule

__all__ = ["RULE"]

RULE = Rule(
    code="WB499",
    name="computing",
    message="{sink} computes for a long time",
    categories=(Category.CPU,),
)
