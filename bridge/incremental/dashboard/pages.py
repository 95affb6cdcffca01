"""The pages as HTML: templates, and the few words that they need."""

from __future__ import annotations

import time
from functools import cached_property
from typing import TYPE_CHECKING, Any

from bridge.errors import MissingExtra
from bridge.incremental.compare import field_key
from bridge.incremental.dashboard.showing import MODES, mode_of
from bridge.incremental.rules import DEFAULT_ROUTE

if TYPE_CHECKING:
    import jinja2

__all__ = ["Pages"]

MEANINGS = {
    "legacy": "legacy answers",
    "shadow": "legacy answers; modern is asked too, and compared",
    "canary": "modern answers {} % of the clients, always the same ones; legacy the others",
    "dark": "modern answers; legacy is asked too, and compared",
    "fallback": "modern answers, and where it has nothing, legacy",
    "modern": "modern answers",
    "unknown": "what the program or the file of rules says",
}
MARKED_LIMIT = 20_000  # characters: what is longer is shown as it is


class Pages:
    """Renders the templates, which it reads when they are first needed; everything is escaped.

    Raises `MissingExtra` without Jinja2, at once.
    """

    def __init__(self) -> None:
        _require_jinja()

    @cached_property
    def _environment(self) -> jinja2.Environment:
        return _environment()

    def render(self, template: str, **context: Any) -> str:
        """Return a page."""
        return self._environment.get_template(template).render(modes=MODES, **context)


def _require_jinja() -> None:
    try:
        import jinja2  # noqa: F401 - whether it is there is all that is asked
    except ImportError:
        raise MissingExtra("html", package="jinja2", feature="the dashboard") from None


def _environment() -> jinja2.Environment:
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("bridge.incremental.dashboard"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters |= {
        "field_key": field_key,
        "marked": marked,
        "meaning": meaning,
        "milliseconds": milliseconds,
        "mode": mode_of,
        "percent": lambda share: f"{share:.1%}",
        "route_name": lambda route: "all other routes" if route == DEFAULT_ROUTE else route,
        "setting": lambda text, field=None: text or ("as configured" if field is None else "compared"),
        "when": lambda at: time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(at)),
    }
    return environment


def meaning(setting: str | None) -> str:
    """Return what a setting means, None being what the configuration says."""
    mode, _, percent = (setting or "unknown").partition(":")
    return MEANINGS[mode].format(percent)


def milliseconds(seconds: float | None) -> str:
    """Return "12 ms", "1.5 s", "-" for None."""
    if seconds is None:
        return "-"
    if seconds >= 1:
        return f"{seconds:.1f} s"
    return f"{seconds * 1000:.{0 if seconds >= 0.01 else 1}f} ms"


def marked(text: str, other: str | None) -> tuple[str, str, str]:
    """Return `text` in three parts, the middle one being where it differs from `other`."""
    if other is None or max(len(text), len(other)) > MARKED_LIMIT:
        return "", text, ""
    start = _alike(text, other)
    one, two = text[start:], other[start:]
    end = _alike(one[::-1], two[::-1])
    return text[:start], one[: len(one) - end], one[len(one) - end :]


def _alike(one: str, other: str) -> int:
    """Return how many characters at the beginning are the same."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (mine, theirs) in pairs if mine != theirs), min(len(one), len(other)))
