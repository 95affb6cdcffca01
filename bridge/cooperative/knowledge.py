"""What waits inside C, as the knowledge base has it: its rows name the calls that go to a thread.

The rows are the analyser's, read here as data: `[[calls]]` with `cooperative = "no"`. Not all of them are worth a
thread, which costs about 50 us: a file is opened sooner than that, while a tree of files is not copied.
"""

from __future__ import annotations

import importlib.util
import logging
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from itertools import takewhile
from pathlib import Path
from types import ModuleType
from typing import Any

from bridge.cooperative.offload import close_quietly, in_thread_or_drop, in_thread_to_the_end
from bridge.cooperative.patching import Patch, Patches, scoped

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib  # the same module under its older name

__all__ = ["note_on", "offload_module", "offloaded_modules"]

logger = logging.getLogger("bridge.cooperative")

# Categories whose calls wait for somebody else, whatever the package.
_CATEGORIES = ("database", "network")
# Of the others, what takes long: copies of files and trees, and hashes that are slow on purpose.
_SLOW = ("shutil", "hashlib", "crypt", "bcrypt", "argon2", "passlib")
# Flags of a class (CPython's object.h): made at run time, as Python's own are; and yet without a way to change it.
_HEAP_TYPE = 1 << 9
_IMMUTABLE_TYPE = 1 << 8
# Made cooperative by modules of their own.
_HANDLED = ("sqlite3", "psycopg", "psycopg2", "socket", "ssl", "select", "selectors", "threading", "queue")


@lru_cache(maxsize=1)
def offloaded_modules() -> dict[str, list[str]]:
    """Return dotted names that wait in C, by the module that has them: packages import theirs when they like."""
    found: dict[str, list[str]] = {}
    for row in _rows():
        owner = row["of"]
        package = owner.partition(".")[0]
        worth = row.get("category") in _CATEGORIES or package in _SLOW
        if row.get("cooperative") == "no" and worth and package not in _HANDLED:
            found.setdefault(_module_of(owner), []).extend(f"{owner}.{name}" for name in row["names"])
    return found


def _module_of(owner: str) -> str:
    """Return the module of a row's owner, which is one, or a class in one: those begin with a capital."""
    package, *rest = owner.split(".")
    return ".".join([package, *takewhile(lambda part: not part[:1].isupper(), rest)])


@lru_cache(maxsize=1)
def _known() -> dict[str, str]:
    """Return what each call of the knowledge base is, and what replaces it."""
    known = {}
    for row in _rows():
        instead = row.get("replacement", {}).get("call")
        text = f"{row.get('category', 'call')}, cooperative: {row.get('cooperative', 'unknown')}"
        for name in row["names"]:
            known[f"{row['of']}.{name}"] = (
                f"{text}; instead: {instead.format(name=name)}" if instead else text
            )
    return known


def note_on(names: Iterable[str]) -> str | None:
    """Return the knowledge about the first of these dotted names that has a row; None: nothing is known."""
    known = _known()
    return next((f"{name} ({known[name]})" for name in names if name in known), None)


def _rows() -> Iterator[dict[str, Any]]:
    # Found, not imported: the analyser's package is not needed to serve.
    spec = importlib.util.find_spec("bridge")
    assert spec is not None
    for place in spec.submodule_search_locations or ():
        for file in sorted(Path(place, "analysis", "knowledge").glob("*.toml")):
            yield from tomllib.loads(file.read_text("utf-8")).get("calls", ())


def offload_module(module: ModuleType, patches: Patches) -> None:
    """Send the calls of a module, once it has been imported, to threads."""
    fixed: dict[type, list[str]] = {}
    for name in offloaded_modules().get(module.__name__, ()):
        owner, _, last = name.rpartition(".")
        target = _maybe_object(owner)
        original = None if target is None else getattr(target, last, None)
        if isinstance(original, type) or not callable(original):
            continue  # a class is no call that waits, and what is missing is of another version
        if target is module:
            patches.apply([Patch(module, last, scoped(original, _function(original)), everywhere=True)])
        elif isinstance(target, type) and _is_fixed(target):
            fixed.setdefault(target, []).append(last)
        else:
            patches.apply([Patch(target, last, _offloaded(original))])
    for kind, names in fixed.items():
        patches.apply(_in_place_of(kind, names, module))


def _is_fixed(kind: type) -> bool:
    """Tell whether a class is one of C that takes no other methods."""
    return not kind.__flags__ & _HEAP_TYPE or bool(kind.__flags__ & _IMMUTABLE_TYPE)


def _in_place_of(kind: type, names: list[str], module: ModuleType) -> list[Patch]:
    """Return what puts a subclass in place of such a class, and patches the subclasses that it has already."""
    calls = {name: _offloaded(getattr(kind, name)) for name in names}
    named = {"__module__": kind.__module__, "__qualname__": kind.__qualname__, "__doc__": kind.__doc__}
    older = [each for each in _subclasses(kind) if not _is_fixed(each)]
    try:
        offloaded = type(kind.__name__, (kind,), {**named, **calls})
    except TypeError:  # it can't be a base
        logger.debug("%s waits in C and can't be sent to a thread: it holds the event loop", kind)
        return []
    patches = [Patch(each, name, _offloaded(getattr(each, name))) for each in older for name in names]
    if vars(module).get(kind.__name__) is kind:
        patches.append(Patch(module, kind.__name__, offloaded, everywhere=True))
    return patches


def _subclasses(kind: type) -> Iterator[type]:
    each: type
    for each in kind.__subclasses__():
        yield each
        yield from _subclasses(each)


def _function(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that is called in a thread: what `connect` makes for a cancelled request is closed."""
    return lambda *arguments, **options: in_thread_or_drop(close_quietly, function, *arguments, **options)


def _offloaded(method: Callable[..., Any]) -> Callable[..., Any]:
    """Return a method that is called in a thread: a cancelled request leaves no object behind that is in use."""
    return scoped(method, lambda *arguments, **options: in_thread_to_the_end(method, *arguments, **options))


def _maybe_object(name: str) -> Any:
    """Return the loaded module, or the class in one, of that dotted name."""
    head, _, rest = name, "", ""
    while head and head not in sys.modules:
        head, _, tail = head.rpartition(".")
        rest = f"{tail}.{rest}" if rest else tail
    found: Any = sys.modules.get(head)
    for part in filter(None, rest.split(".")):
        found = getattr(found, part, None)
    return found
