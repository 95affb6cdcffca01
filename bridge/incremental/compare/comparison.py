"""Which fields of two answers differ, and how.

status                      the number
error                       one of them broke off, or there was none
header.cache-control        order of headers says nothing
cookie.session              a cookie that is set: its value; cookie.session.path: an attribute
$.items[3].price            JSON, by structure
html/body/p[2]/@class       HTML, by tree
line 12                     text
body                        anything else, by digest
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from itertools import islice

from bridge.incremental.compare.answers import Answer
from bridge.incremental.compare.headers import header_differences
from bridge.incremental.compare.html_tree import html_differences
from bridge.incremental.compare.ignoring import FIELD_LIMIT, is_ignored
from bridge.incremental.compare.json_tree import json_differences
from bridge.incremental.compare.own import OwnComparison, own_differences
from bridge.incremental.compare.text import text_differences
from bridge.incremental.store.base import FieldValues, storable

__all__ = ["FIELDS_LIMIT", "compare", "field_key"]

FIELDS_LIMIT = 100  # of one pair of answers; more tells nobody more
_VALUE_LIMIT = 400  # characters of a value

_INDEX = re.compile(r"\[\d+\]|(?<=line )\d+")


def compare(
    legacy: Answer,
    modern: Answer,
    *,
    ignore_headers: Iterable[str] = (),
    ignore_fields: Iterable[str] = (),
    by: OwnComparison | None = None,
) -> tuple[FieldValues, ...]:
    """Return the fields that differ, at most `FIELDS_LIMIT`; () means: the same answer.

    `ignore_headers` come on top of those that every server writes by itself. `ignore_fields` are field
    paths, in which `*` stands for any one step. `by`: a function of the user's that is asked first; what it finds
    goes by `ignore_fields`, too. Raises `ComparisonFailed` where that function does.
    """
    ignored = tuple(ignore_fields)
    own = None if by is None else own_differences(by, legacy, modern)
    differing = _differences(legacy, modern, frozenset(ignore_headers)) if own is None else own
    found = (each for each in differing if not is_ignored(each.field, ignored))
    return tuple(_shortened(each) for each in islice(found, FIELDS_LIMIT))


def field_key(field: str) -> str:
    """Return a field's path without its indices: what is counted, so that all rows of a list are one."""
    return _INDEX.sub(lambda found: "[*]" if found[0].startswith("[") else "*", field)


def _differences(legacy: Answer, modern: Answer, ignore_headers: frozenset[str]) -> Iterator[FieldValues]:
    if legacy.error != modern.error:
        yield FieldValues("error", legacy.error or None, modern.error or None)
        return
    if legacy.status != modern.status:
        yield FieldValues("status", str(legacy.status), str(modern.status))
    yield from header_differences(legacy.headers, modern.headers, ignore_headers)
    yield from _body_differences(legacy, modern)


def _body_differences(legacy: Answer, modern: Answer) -> Iterator[FieldValues]:
    if legacy.digest and legacy.digest == modern.digest:
        return
    ours, theirs = legacy.unpacked(), modern.unpacked()
    if ours is None or theirs is None:
        yield from _by_digest(legacy, modern)
    elif ours != theirs:
        yield from _by_type(legacy, modern, ours, theirs)


def _by_digest(legacy: Answer, modern: Answer) -> Iterator[FieldValues]:
    """Compare what is known only by its digest; where that is not known either, nothing can be said.

    Nor where the same bytes may have been packed in two ways.
    """
    if legacy.coding != modern.coding:
        return
    ours, theirs = _digest(legacy), _digest(modern)
    if ours and theirs and ours != theirs:
        yield FieldValues("body", _described(legacy.size, ours), _described(modern.size, theirs))


def _digest(answer: Answer) -> str:
    if answer.digest or answer.body is None:
        return answer.digest
    return hashlib.sha256(answer.body).hexdigest()


def _described(size: int, digest: str) -> str:
    return f"{size} bytes, SHA-256 {digest[:16]}"


def _by_type(legacy: Answer, modern: Answer, ours: bytes, theirs: bytes) -> Iterator[FieldValues]:
    media, other = legacy.media, modern.media
    if media.is_json and other.is_json:
        found = json_differences(ours, theirs)
    elif media.is_html and other.is_html:
        found = html_differences(_decoded(legacy, ours), _decoded(modern, theirs))
    else:
        found = None
    if found is None and all(each.is_text or each.is_json or each.is_html for each in (media, other)):
        found = text_differences(_decoded(legacy, ours), _decoded(modern, theirs))
    if found is not None:
        yield from found
        return
    digests = [hashlib.sha256(body).hexdigest() for body in (ours, theirs)]
    yield FieldValues("body", _described(len(ours), digests[0]), _described(len(theirs), digests[1]))


def _decoded(answer: Answer, body: bytes) -> str:
    try:
        return body.decode(answer.media.charset or "utf-8", "replace")
    except LookupError:  # no such charset
        return body.decode("utf-8", "replace")


def _shortened(each: FieldValues) -> FieldValues:
    return FieldValues(storable(each.field[:FIELD_LIMIT]), _short(each.legacy), _short(each.modern))


def _short(value: str | None) -> str | None:
    if value is None:
        return None
    if len(value) <= _VALUE_LIMIT:
        return storable(value)
    return f"{storable(value[:_VALUE_LIMIT])}... ({len(value)} characters)"
