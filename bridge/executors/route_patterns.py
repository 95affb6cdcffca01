r"""Which routes a line of the lanes file names: `"GET,POST /users/<int:id>"`.

Paths are spelled as the frameworks spell them:

    <int:id>  <id>  <path:rest>        Flask, Django
    {id}  {id:int}  {rest:path}        Pyramid, Starlette
    (?P<id>[0-9]+)  ([0-9]+)           Django's re_path: a regular expression in a group

A parameter takes one segment, a `path` any number, a group what it matches. A pattern is compiled once; of
those that match a request the more specific counts: text before parameters, then the one that stands first.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

__all__ = ["RoutePattern", "pattern_or_error"]

ANY = "ANY"
_METHOD = re.compile(r"[A-Z]+\Z")
_PARAMETER = re.compile(
    r"<(?:(?P<converter>[^:<>(]+)(?:\([^)]*\))?:)?[^<>]+>"  # Flask and Django
    r"|\{[^{}:*]+(?::(?P<kind>[^{}]+))?\}"  # Pyramid and Starlette
    r"|\*(?P<rest>\w+)"  # Pyramid's remainder
)
_TEXT, _SEGMENT, _REST = 0, 1, 2  # from the most specific
# Characters of a segment with several parameters, as `<name>.<format>`: where the path does not match, trying out
# where one ends and the next begins takes time with the square of its length, or worse. No framework's route is so long.
_MIXED_LIMIT = 512


@dataclass(frozen=True, slots=True)
class RoutePattern:
    """One route: methods (None: any), what matches its path, and how specific it is (less is more).

    `mixed`: a segment of it has several parameters.
    """

    text: str
    methods: frozenset[str] | None
    regex: re.Pattern[str]
    rank: tuple[int, ...] = field(default=())
    mixed: bool = False

    def matches(self, method: str, path: str) -> bool:
        """Tell whether a request is this route's; a route for GET serves HEAD, too."""
        if self.methods is not None and method not in self.methods:
            return False
        if self.mixed and len(path) > _MIXED_LIMIT and max(map(len, path.split("/"))) > _MIXED_LIMIT:
            return False
        return self.regex.fullmatch(path) is not None


def pattern_or_error(text: str) -> RoutePattern:
    """Return what `METHODS PATH` names. Raises ValueError that says what is wrong with it."""
    methods, _, path = text.strip().partition(" ")
    path = path.strip()
    if not path.startswith("/"):
        raise ValueError(
            'a route is METHODS, a space and a path that begins with a slash: "GET /users/<int:id>"'
        )
    regex, rank, mixed = _compiled(path)
    return RoutePattern(text, _methods(methods), regex, rank, mixed)


def _methods(text: str) -> frozenset[str] | None:
    names = text.split(",")
    if names == [ANY]:
        return None
    for name in names:
        if not _METHOD.match(name) or name == ANY:
            raise ValueError(f"{name!r} is no method; write GET, or GET,POST, or {ANY} alone")
    return frozenset([*names, "HEAD"] if "GET" in names else names)


def _compiled(path: str) -> tuple[re.Pattern[str], tuple[int, ...], bool]:
    """Return the regular expression of a path, its rank, and whether it is mixed.

    Its rank is the kind of each of its parts, text by length.
    """
    source, rank, position, shape = "", [], 0, ""
    while position < len(path):
        if path[position] == "(":
            end = _end_of_group(path, position)
            source += re.sub(r"\?P<\w+>", "", path[position:end])
            rank.append(_REST if ".*" in path[position:end] or ".+" in path[position:end] else _SEGMENT)
        elif found := _PARAMETER.match(path, position):
            end = found.end()
            greedy = found["converter"] == "path" or found["kind"] == "path" or found["rest"] is not None
            own = (
                found["kind"]
                if found["kind"] not in {None, "path"} and not found["kind"].isidentifier()
                else None
            )
            source += ".*" if greedy else f"(?:{own})" if own else "[^/]+"
            rank.append(_REST if greedy else _SEGMENT)
        else:
            end = position + 1
            source += re.escape(path[position])
            rank.append(_TEXT)
        shape += path[position] if rank[-1] == _TEXT else "*"
        position = end
    mixed = any(segment.count("*") > 1 for segment in shape.split("/"))
    try:
        return re.compile(source, re.DOTALL), tuple(rank), mixed
    except re.error as error:
        raise ValueError(f"its regular expression is not valid: {error}") from None


def _end_of_group(path: str, start: int) -> int:
    """Return the position behind the parenthesis that closes the one at `start`."""
    depth, in_class, position = 0, False, start
    while position < len(path):
        character = path[position]
        if character == "\\":
            position += 1
        elif in_class:
            in_class = character != "]"
        elif character == "[":
            in_class = True
        elif character in "()":
            depth += 1 if character == "(" else -1
            if depth == 0:
                return position + 1
        position += 1
    raise ValueError(f"the parenthesis at {path[start:]!r} is never closed")
