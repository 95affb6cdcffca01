"""The kinds of path parameters that Flask, Django and Starlette know: one table for all three.

Where they disagree the wider meaning is taken: a request that only one of them would have taken gets
to an application, which decides for itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from bridge.incremental.errors import InvalidPattern

__all__ = ["CONVERTERS", "Converter", "converter_or_error"]


@dataclass(frozen=True, slots=True)
class Converter:
    """What a parameter matches within one segment; `width` orders kinds from narrow to wide."""

    width: int
    regex: str
    is_path: bool = False
    minimum: int | None = None
    maximum: int | None = None


_TEXT = r"[^/]+"
_DIGITS = r"[0-9]+"
_WIDTHS = ("any", "uuid", "int", "float", "slug", "string", "path")

# Flask: werkzeug.routing.converters; Django: django.urls.converters; Starlette: starlette.convertors.
CONVERTERS: Mapping[str, str] = MappingProxyType(
    {
        "any": "",
        "uuid": r"[0-9A-Fa-f]{8}-?(?:[0-9A-Fa-f]{4}-?){3}[0-9A-Fa-f]{12}",
        "int": _DIGITS,
        "float": r"[0-9]+(?:\.[0-9]+)?",
        "slug": r"[-a-zA-Z0-9_]+",
        "string": _TEXT,
        "path": r".+",
    }
)
_ALIASES = {"str": "string", "default": "string", "integer": "int"}


def converter_or_error(route: str, kind: str, arguments: str) -> Converter:
    """Return the converter called `kind`, made narrower by Flask's arguments; raises `InvalidPattern`."""
    name = _ALIASES.get(kind, kind)
    if name not in CONVERTERS:
        raise InvalidPattern(
            route,
            f"{kind!r} is no kind of parameter that is known",
            f"one of {', '.join(CONVERTERS)}, or '<name>' for any segment",
        )
    plain = Converter(_WIDTHS.index(name), CONVERTERS[name], is_path=name == "path")
    narrow = _NARROWER.get(name)
    if name == "any" or (narrow is not None and arguments.strip()):
        assert narrow is not None
        return narrow(route, plain, arguments)
    if arguments.strip():
        raise InvalidPattern(route, f"{kind!r} takes no arguments", f"'<{kind}:name>'")
    return plain


def _any(route: str, plain: Converter, arguments: str) -> Converter:
    choices = [choice.strip().strip("'\"") for choice in arguments.split(",") if choice.strip()]
    if not choices or any("/" in choice for choice in choices):
        raise InvalidPattern(route, "'any' needs its choices, without slashes", "'<any(json, xml):form>'")
    return Converter(plain.width, f"(?:{'|'.join(re.escape(choice) for choice in choices)})")


def _string(route: str, plain: Converter, arguments: str) -> Converter:
    given = _numbers(route, "string", arguments, ("length", "minlength", "maxlength"))
    least, most = given.get("minlength", 1), given.get("maxlength", "")
    size = given.get("length", f"{least},{most}")
    return Converter(plain.width, f"[^/]{{{size}}}")


def _int(route: str, plain: Converter, arguments: str) -> Converter:
    given = _numbers(route, "int", arguments, ("fixed_digits", "min", "max", "signed"))
    digits = f"[0-9]{{{given['fixed_digits']}}}" if given.get("fixed_digits") else _DIGITS
    regex = f"-?{digits}" if given.get("signed") else digits
    return Converter(plain.width, regex, minimum=given.get("min"), maximum=given.get("max"))


def _float(route: str, plain: Converter, arguments: str) -> Converter:
    given = _numbers(route, "float", arguments, ("signed",))
    return Converter(plain.width, f"-?{plain.regex}" if given.get("signed") else plain.regex)


def _numbers(route: str, kind: str, arguments: str, known: tuple[str, ...]) -> dict[str, int]:
    """Return Flask's keyword arguments; True and False are 1 and 0."""
    found = {}
    for argument in arguments.split(","):
        name, _, value = (part.strip() for part in argument.partition("="))
        value = {"True": "1", "False": "0"}.get(value, value)
        if name not in known or not re.fullmatch(r"-?[0-9]{1,18}", value):
            raise InvalidPattern(
                route, f"{kind!r} does not take {argument.strip()!r}", f"{kind}({known[0]}=2), say"
            )
        found[name] = int(value)
    return found


_NARROWER: Mapping[str, Callable[[str, Converter, str], Converter]] = MappingProxyType(
    {"any": _any, "string": _string, "int": _int, "float": _float}
)
