"""A request that turns large data into text, or back.

## What it does

Finds `json`, `pickle`, `copy.deepcopy`, marshmallow and other serialisers where the knowledge base says that
they are slow.

## Why it blocks

It is short for a page and long for a table: ten megabytes of JSON hold the GIL for a tenth of a second.

## Example

    import pickle

    def snapshot(orders):
        return pickle.dumps(orders)

## Use instead

    import asyncio
    import pickle

    async def snapshot(orders):
        return await asyncio.to_thread(pickle.dumps, orders)

## References

- https://docs.python.org/3/library/json.html
- https://github.com/ijl/orjson
"""

from __future__ import annotations

from bridge.analysis.model import Severity
from bridge.analysis.rules.base import Rule

__all__ = ["RULE"]

RULE = Rule(
    code="WB408",
    name="serialisation",
    message="{sink} turns data into text or back",
    severity=Severity.INFO,
    effort=0,
    sinks=(
        "json",
        "pickle",
        "marshal",
        "copy",
        "simplejson",
        "ujson",
        "msgpack",
        "dill",
        "cloudpickle",
        "marshmallow",
        "jsonpickle",
        "jsonschema",
    ),
)
