"""Comparison by a function of the user's, for what no rule says: prices that may differ by a cent, rows in any order.

    compare(legacy, modern) -> True, None, False, or what differs

As GitHub's Scientist has it with its `compare` block. The function sees whole answers; where one application
gave none, or one too large to be kept, the usual comparison says so and the function is not asked.
"""

from __future__ import annotations

import importlib
import inspect
import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Any

from bridge.incremental.compare.answers import Answer
from bridge.incremental.errors import ComparisonFailed, InvalidSetting
from bridge.incremental.store.base import FieldValues

__all__ = ["ComparedAnswer", "NamedFunction", "OwnComparison", "own_comparison", "own_differences"]

OwnComparison = Callable[["ComparedAnswer", "ComparedAnswer"], Any]

_NAME = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*:[^\W\d]\w*(?:\.[^\W\d]\w*)*")
FIELDS_LIMIT = 1000  # of one pair of answers; beyond them a function may go on for ever
_RETURNS = "True, False, None (compare as usual), or a list of what differs: names of fields, or (field, legacy, modern)"


@dataclass(frozen=True, slots=True)
class ComparedAnswer:
    """One application's answer, as a `compare` function gets it.

    `headers`: names in lower case, in the order in which they were sent. `body`: without its content coding.
    """

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str | None:
        """Return the first value of a header; None without one."""
        return next((value for key, value in self.headers if key == name.lower()), None)

    def json(self) -> Any:
        """Return what the body says as JSON; raises `ValueError` where it is none."""
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class NamedFunction:
    """A function by its name, `package.module:function`, as a file has it; it is imported when it is needed."""

    name: str

    def __post_init__(self) -> None:
        """Refuse what is no such name; raises `InvalidSetting`."""
        if not _NAME.fullmatch(self.name):
            raise InvalidSetting(self.name, 'compare: a function, or its name: "shop.comparing:same_prices"')

    def load(self) -> OwnComparison:
        """Return the function; raises `InvalidSetting` where there is none of that name."""
        return _load(self.name)

    def __call__(self, legacy: ComparedAnswer, modern: ComparedAnswer) -> Any:
        """Call it."""
        return self.load()(legacy, modern)

    def __str__(self) -> str:
        return self.name


@lru_cache(maxsize=256)  # what raises is not kept: the next attempt may find it
def _load(name: str) -> OwnComparison:
    module, _, path = name.partition(":")
    try:
        found: Any = importlib.import_module(module)
        for attribute in path.split("."):
            found = getattr(found, attribute)
    except Exception as error:  # whatever a module raises while it is imported
        problem = f"compare: a function that can be imported ({type(error).__name__}: {error})"
        raise InvalidSetting(name, problem) from error
    if not callable(found):
        raise InvalidSetting(name, f"compare: a function, and that is {type(found).__name__}")
    return found  # type: ignore[no-any-return] # all that is known of it is that it can be called


def own_comparison(value: object, *, route: str | None = None) -> OwnComparison | None:
    """Return what `compare` of a rule stands for: a function or its name; raises `InvalidSetting`."""
    if isinstance(value, str):
        return NamedFunction(value)
    if value is not None and (not callable(value) or inspect.iscoroutinefunction(value)):
        expected = 'compare: a function, not an async one, or its name: "shop.comparing:same_prices"'
        raise InvalidSetting(value, expected, route=route)
    return value


def own_differences(
    function: OwnComparison, legacy: Answer, modern: Answer
) -> tuple[FieldValues, ...] | None:
    """Return what differs by a function of the user's; None: it leaves that to the usual comparison.

    Raises `ComparisonFailed` when it raises, or returns something else than it may.
    """
    ours, theirs = _maybe_whole(legacy), _maybe_whole(modern)
    if ours is None or theirs is None:
        return None
    try:
        said = function(ours, theirs)
        return None if said is None else tuple(_fields(said, ours, theirs))
    except (Exception, SystemExit) as error:  # SystemExit: sys.exit() in it ends nobody's thread
        raise ComparisonFailed(function, error) from error


def _maybe_whole(answer: Answer) -> ComparedAnswer | None:
    """Return an answer as functions get it; None where it is not whole, or its body is not known."""
    body = answer.unpacked()
    if answer.error or answer.status is None or body is None:
        return None
    headers = tuple(
        (name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in answer.headers
    )
    return ComparedAnswer(answer.status, headers, body)


def _fields(said: Any, legacy: ComparedAnswer, modern: ComparedAnswer) -> Iterable[FieldValues]:
    if isinstance(said, bool):
        # Neither body: it would be kept, and may hold what no redaction finds outside of its structure.
        return () if said else (FieldValues("compare", _described(legacy), _described(modern)),)
    if isinstance(said, (str, bytes)) or not isinstance(said, Iterable):
        raise TypeError(f"it returned {said!r:.100}, expected {_RETURNS}")
    return map(_field, islice(said, FIELDS_LIMIT))


def _described(answer: ComparedAnswer) -> str:
    return f"status {answer.status}, {len(answer.body)} bytes"


def _field(each: Any) -> FieldValues:
    if isinstance(each, FieldValues):
        each = (each.field, each.legacy, each.modern)
    if isinstance(each, str):
        return FieldValues(each, None, None)
    if not isinstance(each, (tuple, list)) or len(each) != 3 or not isinstance(each[0], str):
        raise TypeError(f"one of what it returned is {each!r:.100}, expected {_RETURNS}")
    return FieldValues(each[0], _text(each[1]), _text(each[2]))


def _text(value: object) -> str | None:
    return value if value is None or isinstance(value, str) else str(value)
