"""The fields of the JSON report as Markdown tables, from its schema."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib import resources
from typing import Any

__all__ = ["fields_table", "schema", "trace_fields_table"]

Json = dict[str, Any]


def schema(name: str = "report") -> Json:
    """Return the JSON Schema (draft 2020-12) of schema_version 1 of a "report" or a "trace"."""
    text = (resources.files("bridge.reports") / "schema" / f"{name}-1.json").read_text("utf-8")
    loaded: Json = json.loads(text)
    return loaded


def fields_table() -> str:
    """Return a heading and a table for every object of the report, the outermost first."""
    return _tables("report")


def trace_fields_table() -> str:
    """Return the same of a trace."""
    return _tables("trace")


def _tables(document: str) -> str:
    objects = _objects(document, schema(document))
    return "".join(f"\n### `{name}`\n\n{_table(each)}" for name, each in objects)


def _objects(name: str, node: Json) -> Iterator[tuple[str, Json]]:
    yield name, node
    for key, value in node["properties"].items():
        if "properties" in value:
            yield from _objects(key, value)
    for key, value in node.get("$defs", {}).items():
        yield from _objects(key, value)


def _table(node: Json) -> str:
    rows = [
        f"| `{key}` | {_kind(value)} | {value['description']} |" for key, value in node["properties"].items()
    ]
    return "\n".join(
        [node["description"], "", "| field | value | meaning |", "| --- | --- | --- |", *rows, ""]
    )


def _kind(node: Json) -> str:
    if "$ref" in node:
        name = node["$ref"].rpartition("/")[2]
        return f"[{name}](#{name})"
    if "const" in node:
        return f"`{json.dumps(node['const'])}`"
    if "enum" in node:
        return ", ".join(f"`{json.dumps(each)}`" for each in node["enum"])
    if "oneOf" in node:
        return " or ".join(_kind(each) for each in node["oneOf"])
    kind = node["type"]
    if kind == "array":
        return f"list of {_kind(node['items'])}"
    return " or ".join(kind) if isinstance(kind, list) else str(kind)
