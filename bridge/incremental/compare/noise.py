"""Which fields differ by themselves: dates, tokens, the order of rows nobody ordered.

As Diffy does it: legacy is asked twice, and a field that differs between legacy and legacy about as often
as between legacy and modern is noise. One that differs clearly more often for modern is a difference, however
noisy it is. Diffy's thresholds: more than 20 % of the sum of both, and more than 0.03 % of the requests.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

__all__ = ["NoiseBook", "Outcome", "is_noise"]

RELATIVE = 0.2  # |raw - noise| / (raw + noise)
ABSOLUTE = 0.0003  # |raw - noise| / requests
FIELDS_LIMIT = 300  # fields a route; beyond them a field is only judged within its own request
SEEN_ENOUGH = 20  # times a field has differed before its frequency overrules what one request shows

RAW, NOISE = "field.raw:", "field.noise:"


class Outcome(str, enum.Enum):
    """What two answers to one request are; also the counter's name."""

    EQUAL = "equal"
    NOISE = "noise"  # but for what differs by itself they are equal
    DIFFERENT = "different"


def is_noise(raw: float, noise: float, requests: int) -> bool:
    """Tell whether a field differs by itself: `raw` times for modern, `noise` times (as if always asked)."""
    if not noise:
        return False
    apart = abs(raw - noise)
    clearly = raw > noise and apart / (raw + noise) > RELATIVE and apart / max(requests, 1) > ABSOLUTE
    return not clearly


@dataclass(slots=True)
class _Field:
    raw: int = 0
    noise: int = 0


class NoiseBook:
    """What has been learned of one route's fields; begins with what the store's counters say."""

    def __init__(self, counters: Mapping[str, int] | None = None) -> None:
        counters = counters or {}
        self._requests = counters.get("compared", 0)
        self._asked = counters.get("noise.asked", 0)
        self._fields: dict[str, _Field] = {}
        for name, number in counters.items():
            if name.startswith(RAW):
                self._field(name.removeprefix(RAW)).raw = number
            elif name.startswith(NOISE):
                self._field(name.removeprefix(NOISE)).noise = number

    def _field(self, key: str) -> _Field:
        return self._fields.setdefault(key, _Field())

    def judge(self, raw: Iterable[str], noise: Iterable[str] | None) -> tuple[Outcome, dict[str, int]]:
        """Return what a pair of answers is, and by what to raise the counters.

        `raw`: the fields (keys) in which legacy and modern differ; `noise`: those in which legacy differs from
        itself, None where it was not asked twice.
        """
        differing, own = set(raw), set(noise or ())
        self._requests += 1
        self._asked += noise is not None
        increments = {"compared": 1, "noise.asked": int(noise is not None)}
        for key in differing | own:
            if key in self._fields or len(self._fields) < FIELDS_LIMIT:
                known = self._field(key)
                known.raw += key in differing
                known.noise += key in own
                increments |= {f"{RAW}{key}": int(key in differing), f"{NOISE}{key}": int(key in own)}
        left = [key for key in differing if not self._set_aside(key, key in own)]
        outcome = Outcome.DIFFERENT if left else Outcome.NOISE if differing else Outcome.EQUAL
        increments[outcome.value] = 1
        return outcome, {name: number for name, number in increments.items() if number}

    def is_noise(self, key: str) -> bool:
        """Tell whether a field differs by itself, by all that has been seen."""
        known = self._fields.get(key)
        if known is None or not self._asked:
            return False
        return is_noise(known.raw, known.noise * self._requests / self._asked, self._requests)

    def _set_aside(self, key: str, differs_by_itself: bool) -> bool:  # noqa: FBT001 - of this request
        """Decide by all requests where the field has been seen often, else by this one as well."""
        known = self._fields.get(key)
        seen = 0 if known is None else known.raw
        return self.is_noise(key) or (differs_by_itself and seen < SEEN_ENOUGH)
