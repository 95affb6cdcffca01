"""What the counts of a route say: how sure one may be that modern answers as legacy does."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bridge.incremental.compare.ignoring import is_ignored
from bridge.incremental.compare.noise import NOISE, RAW, NoiseBook

__all__ = ["READY", "Verdict", "verdict_of", "wilson_interval"]

READY = 0.99  # share of same answers that the lower bound has to reach; 381 requests without a difference do
Z = 1.959964  # standard normal quantile of a two-sided interval of 95 %


def wilson_interval(successes: int, trials: int, z: float = Z) -> tuple[float, float]:
    """Return the bounds of Wilson's score interval (1927); (0, 1) without trials.

    Unlike the textbook's p +- z * s it stays within 0 and 1 and is honest at p = 1, where most routes are.
    """
    if trials <= 0:
        return 0.0, 1.0
    share, z2 = successes / trials, z * z
    centre = share + z2 / (2 * trials)
    spread = z * math.sqrt(share * (1 - share) / trials + z2 / (4 * trials * trials))
    scale = 1 + z2 / trials
    # Exact at both ends, where rounding would be a hair off.
    lower = (centre - spread) / scale if successes else 0.0
    upper = (centre + spread) / scale if successes < trials else 1.0
    return lower, upper


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """How the answers of a route compare. `lower` and `upper` bound the share of same answers, 95 % sure.

    `noisy` are fields that differ by themselves, `differing` the others: field and how many requests. What is
    ignored by now is in neither, whatever was counted before.
    """

    compared: int
    equal: int
    noise: int
    different: int
    lower: float
    upper: float
    ready: bool
    noisy: tuple[tuple[str, int], ...]
    differing: tuple[tuple[str, int], ...]


def verdict_of(counters: Mapping[str, int], *, ready: float = READY, ignored: Sequence[str] = ()) -> Verdict:
    """Return the verdict from a route's counters; it is ready when the lower bound reaches `ready`.

    `ignored`: fields that are not compared any more.
    """
    compared = counters.get("compared", 0)
    same = counters.get("equal", 0) + counters.get("noise", 0)
    lower, upper = wilson_interval(same, compared)
    book = NoiseBook(counters)
    fields = {
        name.removeprefix(prefix) for name in counters for prefix in (RAW, NOISE) if name.startswith(prefix)
    }
    fields = {field for field in fields if not is_ignored(field, ignored)}
    seen = sorted(
        ((key, counters.get(f"{RAW}{key}", 0)) for key in fields), key=lambda entry: (-entry[1], entry[0])
    )
    return Verdict(
        compared=compared,
        equal=counters.get("equal", 0),
        noise=counters.get("noise", 0),
        different=counters.get("different", 0),
        lower=lower,
        upper=upper,
        ready=compared > 0 and lower >= ready,
        noisy=tuple(entry for entry in seen if book.is_noise(entry[0])),
        differing=tuple(entry for entry in seen if entry[1] and not book.is_noise(entry[0])),
    )
