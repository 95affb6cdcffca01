"""One knowledge file -> rows."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bridge.analysis.knowledge.checking import Key, Row, is_dotted, read_row
from bridge.analysis.knowledge.errors import InvalidRow
from bridge.analysis.knowledge.rows import (
    Call,
    Condition,
    Cooperative,
    Middleware,
    Offloader,
    Package,
    TaskMarker,
)
from bridge.analysis.model import Category, Confidence, DependencyStatus, Replacement, Severity

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib  # the same module under its older name

__all__ = ["Family", "read_calls", "read_family", "read_offloaders", "read_tables"]

# What `async with` and `async for` call; a class with __aiter__ need have no __anext__ of its own.
ASYNCHRONOUS = {
    "__enter__": "__aenter__",
    "__exit__": "__aexit__",
    "__iter__": "__aiter__",
    "__next__": "__aiter__",
}

TEXT, NEEDED_TEXT, FLAG, NUMBER = Key(str), Key(str, required=True), Key(bool), Key(int)

TABLES = {
    "imports": Key(list, required=True),
    "package": Key(list),
    "calls": Key(list),
    "aliases": Key(dict),
    "types": Key(dict),
    "attributes": Key(dict),
    "classes": Key(dict),
    "unverified": Key(dict),
    "offloader": Key(list),
    "task": Key(list),
    "middleware": Key(list),
}
PACKAGE = {
    "name": NEEDED_TEXT,
    "imports": Key(list, required=True),
    "status": NEEDED_TEXT,
    "evidence": NEEDED_TEXT,
    "kind": TEXT,
    "replacement": TEXT,
    "since": TEXT,
    "note": TEXT,
    "effort": NUMBER,
    "unverified": TEXT,
}
CALLS = {
    "of": NEEDED_TEXT,
    "names": Key(list, required=True),
    "category": NEEDED_TEXT,
    "cooperative": NEEDED_TEXT,
    "evidence": NEEDED_TEXT,
    "package": TEXT,
    "replacement": Key(dict),
    "since": TEXT,
    "severity": TEXT,
    "confidence": TEXT,
    "effort": NUMBER,
    "implicit": FLAG,
    "unless": Key(list),
    "but": Key(list),
    "unverified": TEXT,
}
REPLACEMENT = {"package": Key(str), "call": NEEDED_TEXT, "note": TEXT, "url": TEXT}
CONDITION = {"keyword": NEEDED_TEXT, "position": NUMBER, "value": Key((bool, int, str), required=True)}
OFFLOADER = {
    "name": NEEDED_TEXT,
    "position": Key(int, required=True),
    "keyword": TEXT,
    "evidence": NEEDED_TEXT,
    "wraps": FLAG,
    "unverified": TEXT,
}
TASK = {
    "name": NEEDED_TEXT,
    "context": NEEDED_TEXT,
    "evidence": NEEDED_TEXT,
    "is_base": FLAG,
    "unverified": TEXT,
}
MIDDLEWARE = {
    "name": NEEDED_TEXT,
    "async_capable": Key(bool, required=True),
    "evidence": NEEDED_TEXT,
    "note": TEXT,
    "replacement": TEXT,
    "unverified": TEXT,
}
KINDS = ("framework", "flask-extension", "django-app", "driver", "server", "tool", "library")


@dataclass(frozen=True, slots=True)
class Family:
    """Everything that one file says. `source` is its name, for errors."""

    source: str
    imports: tuple[str, ...]
    packages: tuple[Package, ...] = ()
    calls: tuple[Call, ...] = ()
    aliases: Mapping[str, str] = field(default_factory=dict)
    types: Mapping[str, str] = field(default_factory=dict)
    attributes: Mapping[str, str] = field(default_factory=dict)
    classes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    offloaders: tuple[Offloader, ...] = ()
    tasks: tuple[TaskMarker, ...] = ()
    middleware: tuple[Middleware, ...] = ()
    unverified: Mapping[str, str] = field(default_factory=dict)  # name of another table -> why


def read_family(path: Path) -> Family:
    """Return what the file says; `InvalidRow` where it is no TOML or has a row that cannot be."""
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise InvalidRow(path.name, f"it is no TOML: {error}", "mend the line") from error
    return read_tables(data, path.name)


def read_tables(data: Mapping[str, Any], source: str) -> Family:
    """Return what a file's top-level tables say."""
    top = read_row(data, TABLES, source)
    packages = tuple(_packages(data, source))
    return Family(
        source,
        top.names("imports"),
        packages,
        tuple(read_calls(data.get("calls", ()), source, packages)),
        _pairs(data, "aliases", source),
        _pairs(data, "types", source),
        _pairs(data, "attributes", source),
        dict(_bases(data, source)),
        tuple(read_offloaders(data.get("offloader", ()), source)),
        tuple(_tasks(data, source)),
        tuple(_middleware(data, source)),
        data.get("unverified", {}),
    )


def _rows(tables: Any, keys: Mapping[str, Key], source: str, kind: str, label: str) -> Iterator[Row]:
    for number, table in enumerate(tables, start=1):
        name = table.get(label, "") if isinstance(table, Mapping) else ""
        yield read_row(table, keys, f"{source}, {kind} {number}{f' ({label} = {name!r})' if name else ''}")


def _packages(data: Mapping[str, Any], source: str) -> Iterator[Package]:
    for row in _rows(data.get("package", ()), PACKAGE, source, "package", "name"):
        kind = row.text("kind", "library")
        if kind not in KINDS:
            row.refuse(f"kind is {kind!r}", f"expected one of {', '.join(KINDS)}")
        yield Package(
            row.text("name"),
            row.names("imports"),
            row.one_of("status", DependencyStatus),
            row.text("evidence"),
            kind,
            row.text("replacement"),
            row.text("since"),
            row.text("note"),
            row.values.get("effort", 0),
            row.text("unverified"),
        )


def read_calls(tables: Any, source: str, packages: tuple[Package, ...] = ()) -> Iterator[Call]:
    """Return a row for every name of every table of `calls`."""
    for row in _rows(tables, CALLS, source, "calls", "of"):
        shared = _shared(row, packages)
        make = _replacement(row)
        owner, implicit = row.text("of"), row.values.get("implicit")
        for name in row.names("names"):
            last = name.rpartition(".")[2]
            dunder = last.startswith("__") and last.endswith("__")
            yield Call(
                name=f"{owner}.{name}",
                implicit=dunder if implicit is None else implicit,
                replacement=make(name),
                **shared,
            )


def _shared(row: Row, packages: tuple[Package, ...]) -> dict[str, Any]:
    if not is_dotted(row.text("of")) or "*" in row.text("of"):
        row.refuse(f"of is {row.text('of')!r}", "expected the dotted name of a module or class")
    return {
        "category": row.one_of("category", Category),
        "cooperative": row.one_of("cooperative", Cooperative),
        "evidence": row.text("evidence"),
        "package": row.text("package") or _package_of(row.text("of"), packages),
        "since": row.text("since"),
        "severity": row.one_of("severity", Severity, Severity.ERROR),
        "confidence": row.one_of("confidence", Confidence, Confidence.HIGH),
        "effort": row.values.get("effort"),
        "unless": tuple(_conditions(row)),
        "but": frozenset(row.names("but")),
        "unverified": row.text("unverified"),
    }


def _package_of(name: str, packages: tuple[Package, ...]) -> str:
    """Return the distribution whose import name is the longest that `name` starts with, "" if none is."""
    fitting = [
        (len(each), package.name)
        for package in packages
        for each in package.imports
        if f"{name}.".startswith(f"{each}.")
    ]
    return max(fitting)[1] if fitting else ""


def _replacement(row: Row) -> Callable[[str], Replacement | None]:
    """Return what makes the replacement of a name of the row; most rows have one text for all their names."""
    table = row.values.get("replacement")
    if table is None:
        return lambda _: None
    inner = read_row(table, REPLACEMENT, f"{row.where}, replacement")
    package, call, note, url = (inner.text(key) for key in REPLACEMENT)
    if "{name}" not in call + note:
        same = Replacement(package, call, note, url)
        return lambda _: same
    return lambda name: Replacement(
        package, call.replace("{name}", _asynchronous(name)), note.replace("{name}", name), url
    )


def _asynchronous(name: str) -> str:
    """Return a method's name in the asynchronous class: what `with` and `for` call there begins with an a."""
    owner, dot, last = name.rpartition(".")
    return f"{owner}{dot}{ASYNCHRONOUS.get(last, last)}"


def _conditions(row: Row) -> Iterator[Condition]:
    for table in row.values.get("unless", ()):
        inner = read_row(table, CONDITION, f"{row.where}, unless")
        yield Condition(inner.text("keyword"), inner.values.get("position"), inner.values["value"])


def _pairs(data: Mapping[str, Any], table: str, source: str) -> Mapping[str, str]:
    pairs = data.get(table, {})
    for name, target in pairs.items():
        if not (isinstance(target, str) and is_dotted(target) and is_dotted(name)):
            raise InvalidRow(
                f"{source}, [{table}]",
                f"{name!r} = {target!r}",
                'write "dotted.name" = "dotted.name", both in quotes',
            )
    return {str(name): str(target) for name, target in pairs.items()}


def _bases(data: Mapping[str, Any], source: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    for name, bases in data.get("classes", {}).items():
        if not (isinstance(bases, list) and all(isinstance(each, str) and is_dotted(each) for each in bases)):
            raise InvalidRow(
                f"{source}, [classes]", f"{name!r} = {bases!r}", 'write "pkg.Class" = ["pkg.Base", ...]'
            )
        yield name, tuple(bases)


def read_offloaders(tables: Any, source: str) -> Iterator[Offloader]:
    """Return the rows of the tables of `offloader`."""
    for row in _rows(tables, OFFLOADER, source, "offloader", "name"):
        yield Offloader(
            row.text("name"),
            row.values["position"],
            row.text("keyword"),
            row.text("evidence"),
            row.values.get("wraps", False),
            row.text("unverified"),
        )


def _tasks(data: Mapping[str, Any], source: str) -> Iterator[TaskMarker]:
    for row in _rows(data.get("task", ()), TASK, source, "task", "name"):
        if row.text("context") not in {"task", "command"}:
            row.refuse(f"context is {row.text('context')!r}", 'expected "task" or "command"')
        yield TaskMarker(
            row.text("name"),
            row.text("context"),
            row.text("evidence"),
            row.values.get("is_base", False),
            row.text("unverified"),
        )


def _middleware(data: Mapping[str, Any], source: str) -> Iterator[Middleware]:
    for row in _rows(data.get("middleware", ()), MIDDLEWARE, source, "middleware", "name"):
        yield Middleware(
            row.text("name"),
            row.values["async_capable"],
            row.text("evidence"),
            row.text("note"),
            row.text("replacement"),
            row.text("unverified"),
        )
