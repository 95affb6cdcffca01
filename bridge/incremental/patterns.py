"""`"GET /users/<int:id>"`: a method and a path pattern, in the spelling of Flask, Django or Starlette.

    /users/<int:id>   /users/<id>     Flask, Django: one segment, of a kind or of any
    /users/{id:int}   /users/{id}     Starlette, FastAPI
    /files/<path:p>   /files/{p:path} the rest, slashes included; one a pattern
    /v<int:n>.<any(json,xml):form>    parameters beside text in a segment

Patterns are matched against the decoded path. The names of parameters say nothing: two patterns that
differ by them only are the same route. Pure.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, replace

from bridge.incremental.converters import Converter, converter_or_error
from bridge.incremental.errors import InvalidPattern

__all__ = ["LITERAL", "METHODS", "MIXED", "MIXED_LIMIT", "TAIL", "RoutePattern", "Segment", "parse_pattern"]

METHODS = (
    *("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY"),
    *("PROPFIND", "PROPPATCH", "MKCOL", "COPY", "MOVE", "LOCK", "UNLOCK", "REPORT", "SEARCH"),
)
# Characters of a segment that is text and parameters: such a regular expression can take quadratic time, and
# no framework's route has that long a segment.
MIXED_LIMIT = 512

_LINE = re.compile(
    r"\s*(?:(?P<methods>[A-Za-z]+(?:\s*,\s*[A-Za-z]+)*)\s+)?(?P<path>\S(?:.*\S)?)\s*", re.DOTALL
)
_PARAMETER = re.compile(
    r"<(?:(?P<kind>[A-Za-z_]\w*)(?:\((?P<arguments>[^()<>]*)\))?:)?(?P<name>[A-Za-z_]\w*)>"
    r"|\{(?P<braced>[A-Za-z_]\w*)(?::(?P<braced_kind>[A-Za-z_]\w*))?\}"
)
_BRACKETS = re.compile(r"[<>{}]")
_QUOTED = re.compile(r"%[0-9A-Fa-f]{2}")

LITERAL, MIXED, _FIRST_CONVERTER = 0, 1, 2  # ranks: the lower, the more specific
TAIL = 99  # the rank of what takes all the rest


@dataclass(frozen=True, slots=True)
class Segment:
    """What stands between two slashes of a pattern; the last one may stand for all the rest.

    `rank` orders by specificity: text, text with parameters, kinds of parameter from narrow to wide, the
    rest. `regex` is None for plain text. `minimum` and `maximum` bound a number (Flask's `int(min=1)`).
    """

    rank: int
    text: str = ""
    regex: str | None = None
    literal_size: int = 0  # characters of text in it: among mixed ones, more is more specific
    minimum: int | None = None
    maximum: int | None = None

    @property
    def order(self) -> tuple[int, int, str]:
        """Return what to sort by, the most specific first."""
        return self.rank, -self.literal_size, self.regex or self.text

    def same(self, other: Segment) -> bool:
        """Tell whether both take the same; parameters may have other names."""
        if LITERAL in {self.rank, other.rank}:
            return self == other
        return replace(self, text="") == replace(other, text="")


@dataclass(frozen=True, slots=True)
class RoutePattern:
    """A parsed route; `methods` empty: all of them. `str()` is the route's id, as the report writes it."""

    methods: tuple[str, ...]
    path: str
    segments: tuple[Segment, ...]

    def __str__(self) -> str:
        return f"{','.join(self.methods) or 'ANY'} {self.path}"

    @property
    def is_static(self) -> bool:
        """Return whether it has no parameter."""
        return all(segment.rank == LITERAL for segment in self.segments)

    @property
    def order(self) -> tuple[tuple[int, int, str], ...]:
        """Return what to sort by, the most specific first: segment by segment, from the left."""
        return tuple(segment.order for segment in self.segments)

    def same(self, other: RoutePattern) -> bool:
        """Tell whether both are for the same requests; parameters may have other names."""
        return (
            self.methods == other.methods
            and len(self.segments) == len(other.segments)
            and all(ours.same(theirs) for ours, theirs in zip(self.segments, other.segments, strict=True))
        )


def parse_pattern(text: str) -> RoutePattern:
    """Return the route that `text` stands for; raises `InvalidPattern`.

    `GET /x`, `GET,POST /x`; `ANY /x` or `/x` alone is every method. GET takes HEAD along, as every
    framework has it.
    """
    match = _LINE.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise InvalidPattern(text, "it is empty or no text", "'GET /users/<int:id>'")
    path = match["path"]
    methods = _methods(text, match["methods"], path)
    _refuse_foreign(text, path)
    return RoutePattern(methods, path, _segments(text, path))


def _methods(text: str, given: str | None, path: str) -> tuple[str, ...]:
    names = {name.strip().upper() for name in (given or "ANY").split(",")}
    for name in sorted(names - {"ANY"}):
        if name not in METHODS:
            near = difflib.get_close_matches(name, METHODS, n=1) or ["GET"]
            raise InvalidPattern(text, f"{name} is no HTTP method that is known", f"'{near[0]} {path}'")
    return () if "ANY" in names else tuple(sorted(names))


def _refuse_foreign(text: str, path: str) -> None:
    """Raise `InvalidPattern` for what other tools call a pattern, with what it is called here."""
    if path.startswith("^") or "(?" in path:
        raise InvalidPattern(text, "it is a regular expression", "parameters: 'GET /users/<int:id>/'")
    if not path.startswith("/"):
        raise InvalidPattern(text, "the path does not begin with a slash", f"'/{path}'")
    if "?" in path or "#" in path:
        raise InvalidPattern(text, "routes have no query and no fragment", repr(re.split("[?#]", path)[0]))
    if _QUOTED.search(path):
        raise InvalidPattern(text, "paths are compared decoded", "the character itself instead of %XX")
    if any(part.startswith("*") for part in path.split("/")):
        raise InvalidPattern(text, "* is no wildcard", f"{re.sub(r'[*]+.*', '<path:rest>', path)!r}")


# ---------------------------------------------------------------- segments


def _segments(text: str, path: str) -> tuple[Segment, ...]:
    segments = []
    parts = _split(path)
    for index, part in enumerate(parts):
        if _is_tail(text, part):
            segments.append(_tail(text, parts[index:]))
            return tuple(segments)
        segments.append(_segment(text, part))
    return tuple(segments)


def _split(path: str) -> list[str]:
    """Split at slashes, but for those in a converter's arguments; without the empty part before the first."""
    return re.split(r"/(?![^<]*\)[^<>]*>)", path[1:])


def _is_tail(text: str, part: str) -> bool:
    return any(_converter(text, found).is_path for found in _PARAMETER.finditer(part))


def _segment(text: str, part: str) -> Segment:
    whole = _PARAMETER.fullmatch(part)
    if whole is not None:
        kind = _converter(text, whole)
        return Segment(_FIRST_CONVERTER + kind.width, part, kind.regex, 0, kind.minimum, kind.maximum)
    regex, literal_size = _mixed(text, part)
    if regex is None:
        return Segment(LITERAL, part, literal_size=literal_size)
    return Segment(MIXED, part, regex, literal_size)


def _mixed(text: str, part: str) -> tuple[str | None, int]:
    """Return the regular expression of a segment and how much of it is text; None where all of it is."""
    pieces, literal_size, end, has_parameter = [], 0, 0, False
    for found in _PARAMETER.finditer(part):
        kind = _converter(text, found)
        if kind.minimum is not None or kind.maximum is not None:
            raise InvalidPattern(text, "min and max need a segment of their own", "the kind without them")
        pieces += [_literal(text, part[end : found.start()]), kind.regex]
        literal_size += found.start() - end
        end, has_parameter = found.end(), True
    pieces.append(_literal(text, part[end:]))
    literal_size += len(part) - end
    return ("".join(pieces) if has_parameter else None), literal_size


def _tail(text: str, parts: list[str]) -> Segment:
    """Return the segment that takes the rest: a path parameter, and what must stand behind it."""
    first, *rest = parts
    if _PARAMETER.fullmatch(first) is None:
        raise InvalidPattern(text, "a path parameter needs a segment of its own", "'/files/<path:rest>'")
    following = [_segment(text, part) for part in rest if not _refuse_second_tail(text, part)]
    if any(segment.rank == MIXED or segment.minimum or segment.maximum for segment in following):
        raise InvalidPattern(text, "behind a path parameter only plain segments can stand", "it without them")
    regex = "".join(f"/(?:{segment.regex or re.escape(segment.text)})" for segment in following)
    return Segment(TAIL, "/".join(parts), f".+?{regex}" if regex else ".+", len(regex))


def _refuse_second_tail(text: str, part: str) -> bool:
    if _is_tail(text, part):
        raise InvalidPattern(text, "it has two path parameters", "one, as the last: '/files/<path:rest>'")
    return False


def _converter(text: str, found: re.Match[str]) -> Converter:
    kind = found["kind"] or found["braced_kind"] or "str"
    return converter_or_error(text, kind, found["arguments"] or "")


def _literal(text: str, piece: str) -> str:
    if _BRACKETS.search(piece):
        raise InvalidPattern(text, f"{piece!r} is no parameter", "'<id>', '<int:id>', '{id}' or '{id:int}'")
    return re.escape(piece)
