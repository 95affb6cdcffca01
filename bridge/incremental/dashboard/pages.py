"""What the dashboard shows, as HTML: templates, and the few words that they need."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from bridge.errors import MissingExtra
from bridge.incremental.counters import SideNumbers
from bridge.incremental.overview import RouteStatus
from bridge.incremental.rules import DEFAULT_ROUTE, Mode

if TYPE_CHECKING:
    import jinja2

__all__ = ["Pages", "progress"]

MODES = (Mode.LEGACY, Mode.SHADOW, Mode.CANARY, Mode.DARK, Mode.MODERN, Mode.FALLBACK)


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
        return self._environment.get_template(template).render(modes=[str(mode) for mode in MODES], **context)


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
        "milliseconds": lambda seconds: "-" if seconds is None else f"{seconds * 1000:.0f} ms",
        "percent": lambda share: f"{share:.1%}",
        "route_name": lambda route: "all other routes" if route == DEFAULT_ROUTE else route,
        "setting": lambda text: text or "as configured",
        "side": side,
        "when": lambda at: time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(at)),
    }
    return environment


def side(numbers: SideNumbers) -> str:
    """Return what one application did, in a few words."""
    if not numbers.requests:
        return "no request yet"
    p95 = "-" if numbers.p95 is None else f"{numbers.p95 * 1000:.0f} ms"
    errors = f", {numbers.error_rate:.1%} errors" if numbers.errors else ""
    return f"{numbers.requests} requests, p95 {p95}{errors}"


def progress(statuses: Sequence[RouteStatus]) -> list[tuple[str, int, float]]:
    """Return each mode with its number of routes, and the share of all in per cent, for the bar."""
    modes = [(status.setting or "unknown").partition(":")[0] for status in statuses]
    names = [str(mode) for mode in MODES] + (["unknown"] if "unknown" in modes else [])
    counted = [(name, modes.count(name)) for name in names]
    return [(name, number, number / max(len(modes), 1) * 100) for name, number in counted if number]
