"""What is to happen with a route: its mode, and the options that go with it. Pure.

legacy        the legacy application answers
modern        the modern one does
shadow        legacy answers, modern is asked too, and the two are compared
dark          modern answers, legacy is asked too, and the two are compared
canary:30     modern answers 30 % of the clients, always the same ones; legacy the others
fallback      modern is asked first; legacy answers what modern has not (404, 405)
"""

from __future__ import annotations

import difflib
import enum
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from bridge.incremental.compare.own import OwnComparison, own_comparison
from bridge.incremental.errors import InvalidSetting
from bridge.incremental.patterns import RoutePattern, parse_pattern

__all__ = ["DEFAULT_ROUTE", "GuardBounds", "Mode", "Rule", "Setting", "Sticky", "parse_rule", "parse_setting"]

DEFAULT_ROUTE = "*"  # the name, in statistics and settings, of what no rule is for


class Mode(str, enum.Enum):
    """Who answers; `str(mode)` is how it is written."""

    LEGACY = "legacy"
    MODERN = "modern"
    SHADOW = "shadow"
    DARK = "dark"
    CANARY = "canary"
    FALLBACK = "fallback"

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True, slots=True)
class Setting:
    """A mode, and for a canary how many per cent of the clients; `str()` is read by `parse_setting`."""

    mode: Mode
    percent: float = 0.0

    def __str__(self) -> str:
        return f"canary:{self.percent:g}" if self.mode is Mode.CANARY else self.mode.value


_PERCENT = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,4})?")
_EXPECTED = "legacy, modern, shadow, dark, fallback, or canary:N with N from 0 to 100 per cent"


def parse_setting(text: object, *, route: str | None = None) -> Setting:
    """Return the setting that `text` stands for, such as `shadow` or `canary:2.5`; raises `InvalidSetting`."""
    if isinstance(text, Setting):
        return text
    name, colon, percent = str(text).strip().lower().removesuffix("%").partition(":")
    if name == "canary":
        if not _PERCENT.fullmatch(percent.strip()) or float(percent) > 100:
            raise InvalidSetting(
                text, "canary:N with N from 0 to 100 per cent, such as canary:5", route=route
            )
        return Setting(Mode.CANARY, float(percent))
    if colon or name not in set(map(str, Mode)):
        near = difflib.get_close_matches(name, list(map(str, Mode)), n=1)
        hint = f" (did you mean {near[0]}?)" if near and not colon else ""
        raise InvalidSetting(text, _EXPECTED + hint, route=route)
    return Setting(Mode(name))


@dataclass(frozen=True, slots=True)
class Sticky:
    """What a canary knows a client by: `cookie` or `header` of this name, or the `client`'s address."""

    by: str = "client"
    name: str = ""

    @classmethod
    def parse(cls, text: object, *, route: str | None = None) -> Sticky:
        """Return what `cookie:session`, `header:x-user` or `client` stands for; raises `InvalidSetting`."""
        by, _, name = str(text).partition(":")
        if (by == "client") == bool(name) or by not in {"client", "cookie", "header"}:
            raise InvalidSetting(text, "sticky: client, cookie:NAME or header:NAME", route=route)
        return cls(by, name.lower() if by == "header" else name)

    def __str__(self) -> str:
        return f"{self.by}:{self.name}" if self.name else self.by


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardBounds:
    """When a canary goes back to legacy by itself.

    Over the last `window` seconds, with at least `min_requests` answers of modern: its share of errors is
    more than `error_rate` above legacy's, or its p95 is more than `p95_ratio` times legacy's and at least
    `p95_floor` seconds. An error is a 5xx or a response that broke off.
    """

    error_rate: float = 0.02
    p95_ratio: float = 1.5
    p95_floor: float = 0.05
    min_requests: int = 50
    window: float = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One route and what is to happen with it.

    `sample`: the share of requests whose second answer is asked for. `noise`: the share of those for which
    legacy is asked twice, to learn what differs by itself. `unsafe`: ask the second application for POST and
    the like, too: its side effects happen twice. `timeout`: seconds that the second call gets.
    `ignore_headers`, `ignore_fields`: what is not compared, by header name and by field path (`$.id`, `*` for
    any step). `compare`: a function that is asked what differs, None for the usual comparison; a string names one,
    "module:function". `guard` None: no automatic rollback.
    """

    route: RoutePattern | None  # None: what no other rule is for
    setting: Setting
    sticky: Sticky = field(default_factory=Sticky)
    sample: float = 1.0
    noise: float = 1.0
    unsafe: bool = False
    timeout: float = 10.0
    ignore_headers: tuple[str, ...] = ()
    ignore_fields: tuple[str, ...] = ()
    compare: OwnComparison | None = None
    guard: GuardBounds | None = None
    # Computed once: it is part of every request's statistics.
    name: str = field(init=False)

    def __post_init__(self) -> None:
        """Name it."""
        object.__setattr__(self, "name", DEFAULT_ROUTE if self.route is None else str(self.route))

    @property
    def mode(self) -> Mode:
        """Return who answers."""
        return self.setting.mode


def parse_rule(route: str | None, given: object) -> Rule:
    """Return the rule for `route` (None: the default) as a setting or a table of options says.

    `"shadow"`, or `{"mode": "canary", "percent": 5, "sticky": "cookie:session", "guard": True}`.
    Raises `InvalidPattern` and `InvalidSetting`.
    """
    pattern = None if route is None else parse_pattern(route)
    name = DEFAULT_ROUTE if route is None else route
    if isinstance(given, Rule):
        return given
    if not isinstance(given, Mapping):
        return Rule(route=pattern, setting=parse_setting(given, route=name))
    options = dict(given)
    setting = _setting_of(options, name)
    _refuse_unknown(options, _OPTIONS, name)
    checked = {key: _OPTIONS[key](value, key, name) for key, value in options.items()}
    return Rule(route=pattern, setting=setting, **checked)


def _setting_of(options: dict[str, Any], route: str) -> Setting:
    """Take `mode` and `percent` out of the options."""
    mode, percent = options.pop("mode", "legacy"), options.pop("percent", None)
    if percent is None:
        return parse_setting(mode, route=route)
    if mode != "canary":
        raise InvalidSetting(percent, 'percent beside mode = "canary" only', route=route)
    return parse_setting(f"canary:{percent}", route=route)


def _refuse_unknown(options: Mapping[str, Any], known: Mapping[str, Any], route: str) -> None:
    for key in options:
        if key not in known:
            raise InvalidSetting(key, f"one of the options mode, percent, {', '.join(known)}", route=route)


def _share(value: Any, key: str, route: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 1:
        raise InvalidSetting(value, f"{key}: a share from 0 to 1", route=route)
    return float(value)


def _positive(value: Any, key: str, route: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not value > 0:
        raise InvalidSetting(value, f"{key}: a number above 0", route=route)
    return float(value)


def _flag(value: Any, key: str, route: str) -> bool:
    if not isinstance(value, bool):
        raise InvalidSetting(value, f"{key}: true or false", route=route)
    return value


def _words(value: Any, key: str, route: str) -> tuple[str, ...]:
    words = value.split(",") if isinstance(value, str) else value
    if not isinstance(words, (list, tuple)) or not all(isinstance(word, str) for word in words):
        raise InvalidSetting(value, f'{key}: a list of names, such as ["etag"]', route=route)
    stripped = (word.strip() for word in words)
    return tuple(word.lower() if key == "ignore_headers" else word for word in stripped)


def _compare(value: Any, key: str, route: str) -> OwnComparison | None:  # noqa: ARG001 - the table's signature
    return own_comparison(value, route=route)


def _sticky(value: Any, key: str, route: str) -> Sticky:  # noqa: ARG001 - the table's signature
    return value if isinstance(value, Sticky) else Sticky.parse(value, route=route)


def _guard(value: Any, key: str, route: str) -> GuardBounds | None:  # noqa: ARG001 - the table's signature
    if isinstance(value, GuardBounds) or value is None:
        return value
    if isinstance(value, bool):
        return GuardBounds() if value else None
    if not isinstance(value, Mapping):
        raise InvalidSetting(value, "guard: true, or a table of bounds", route=route)
    known = {each.name: _share if each.name == "error_rate" else _positive for each in fields(GuardBounds)}
    _refuse_unknown(value, known, route)
    bounds: dict[str, Any] = {name: known[name](bound, name, route) for name, bound in value.items()}
    if "min_requests" in bounds:
        bounds["min_requests"] = int(bounds["min_requests"])
    return GuardBounds(**bounds)


_OPTIONS: Mapping[str, Any] = {
    "sticky": _sticky,
    "sample": _share,
    "noise": _share,
    "unsafe": _flag,
    "timeout": _positive,
    "ignore_headers": _words,
    "ignore_fields": _words,
    "compare": _compare,
    "guard": _guard,
}
