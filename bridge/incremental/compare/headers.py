"""Response headers of two answers: which differ in what they mean. Order between names says nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bridge.incremental.store.base import FieldValues

__all__ = ["WRITTEN_BY_SERVERS", "header_differences"]

Headers = Iterable[tuple[bytes, bytes]]

# What the server or the transport writes, and what follows from the body, which is compared itself.
WRITTEN_BY_SERVERS = frozenset(
    {
        *("connection", "content-encoding", "content-length", "date", "keep-alive", "server"),
        *("transfer-encoding", "via", "x-powered-by", "x-request-id", "x-response-time", "x-runtime"),
        *("server-timing", "x-process-time", "alt-svc", "age"),
    }
)
# Lists whose order says nothing (RFC 9110 and the Fetch standard).
_SETS = frozenset(
    {
        *("allow", "vary", "cache-control", "content-language", "link"),
        *("access-control-allow-headers", "access-control-allow-methods", "access-control-expose-headers"),
    }
)
_MEDIA = frozenset({"content-type"})


def header_differences(legacy: Headers, modern: Headers, ignored: frozenset[str]) -> Iterator[FieldValues]:
    """Yield `header.NAME` and `cookie.NAME` for what differs."""
    ours, theirs = _by_name(legacy), _by_name(modern)
    for name in sorted((ours.keys() | theirs.keys()) - WRITTEN_BY_SERVERS - ignored - {"set-cookie"}):
        one, other = ours.get(name), theirs.get(name)
        if _meaning(name, one) != _meaning(name, other):
            yield FieldValues(f"header.{name}", _text(one), _text(other))
    if "set-cookie" not in ignored:
        yield from _cookie_differences(ours.get("set-cookie", []), theirs.get("set-cookie", []))


def _by_name(headers: Headers) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in headers:
        found.setdefault(name.decode("latin-1").lower(), []).append(value.decode("latin-1").strip())
    return found


def _text(values: list[str] | None) -> str | None:
    return None if values is None else ", ".join(values)


def _meaning(name: str, values: list[str] | None) -> object:
    """Return what is equal where the header means the same."""
    if values is None:
        return None
    if name in _SETS:
        return sorted(part.strip().lower() for value in values for part in value.split(","))
    if name in _MEDIA:
        return [_media(value) for value in values]
    return values


def _media(value: str) -> tuple[str, list[str]]:
    """Return type and parameters; they are case-insensitive, quotes are spelling (RFC 9110 section 8.3.1).

    JSON has no charset: it is UTF-8, said or unsaid (RFC 8259 section 11).
    """
    kind, *parameters = (part.strip().lower() for part in value.split(";"))
    spelled = {parameter.replace('"', "").replace(" ", "") for parameter in parameters}
    default = {"charset=utf-8"} if kind == "application/json" or kind.endswith("+json") else set[str]()
    return kind, sorted(spelled - default - {""})


# ---------------------------------------------------------------- cookies


def _cookie_differences(legacy: list[str], modern: list[str]) -> Iterator[FieldValues]:
    """Yield a cookie's value, and each of its attributes, on its own: values are often noise, HttpOnly never."""
    ours, theirs = dict(map(_cookie, legacy)), dict(map(_cookie, modern))
    for name in sorted(ours.keys() | theirs.keys()):
        one, other = ours.get(name), theirs.get(name)
        if one is None or other is None:
            yield FieldValues(f"cookie.{name}", one[""] if one else None, other[""] if other else None)
            continue
        for attribute in sorted(one.keys() | other.keys()):
            if one.get(attribute) != other.get(attribute):
                field = f"cookie.{name}.{attribute}" if attribute else f"cookie.{name}"
                yield FieldValues(field, one.get(attribute), other.get(attribute))


def _cookie(header: str) -> tuple[str, dict[str, str]]:
    """Return a Set-Cookie header as a name and its attributes; the value stands under ""."""
    pair, *attributes = header.split(";")
    name, _, value = pair.partition("=")
    found = {"": value.strip()}
    for attribute in attributes:
        key, _, setting = attribute.partition("=")
        key, setting = key.strip().lower(), setting.strip()
        found[key] = setting.lower() if key in {"samesite", "domain"} else setting
    return name.strip(), found
