"""What is counted of a route, under which names, and what the numbers say. Pure.

    legacy.requests legacy.errors legacy.latency.N     the same for modern
    legacy.in.MODE                                     those requests by the mode that the route was in
    fallback.fell                                      modern had it not, legacy was asked
    compared equal noise different                     requests by what their two answers were
    skipped.REASON                                     requests whose second answer was not asked for
    noise.asked field.raw:FIELD field.noise:FIELD      how often a field differed, modern's and legacy's own
    guard.rollbacks                                    canaries that the guard has taken back

Latency is the time until the response began. N is a bucket, four to an octave: a percentile is right to 19 %.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

__all__ = ["LATENCY_BUCKETS", "SideNumbers", "bucket_bound", "bucket_of", "percentile", "side_numbers"]

LATENCY_BUCKETS = 72  # from half a millisecond to about two minutes
_FINEST = 0.0005  # seconds
_TO_OCTAVE = 4
_BOUNDS = tuple(_FINEST * 2 ** (bucket / _TO_OCTAVE) for bucket in range(LATENCY_BUCKETS))

# The number of the bucket that a latency (seconds) falls in; no function of Python's, for every request's is asked.
bucket_of: Callable[[float], int] = partial(bisect_left, _BOUNDS)


def bucket_bound(bucket: int) -> float:
    """Return the longest latency of a bucket, in seconds."""
    return float(_FINEST * 2 ** (bucket / _TO_OCTAVE))


def percentile(buckets: Mapping[int, int], share: float) -> float | None:
    """Return the latency in seconds that `share` of the requests did not exceed; None without requests."""
    total = sum(buckets.values())
    if not total:
        return None
    rank, seen = math.ceil(share * total), 0
    for bucket in sorted(buckets):
        seen += buckets[bucket]
        if seen >= rank:
            return bucket_bound(bucket)
    return None


@dataclass(frozen=True, slots=True)
class SideNumbers:
    """What one application has done on one route; p50 and p95 in seconds, None without requests."""

    requests: int
    errors: int
    p50: float | None
    p95: float | None

    @property
    def error_rate(self) -> float:
        """Return the share of errors, 0 without requests."""
        return self.errors / self.requests if self.requests else 0.0


def side_numbers(counters: Mapping[str, int], side: str) -> SideNumbers:
    """Return the numbers of `side`, "legacy" or "modern", from a route's counters."""
    prefix = f"{side}.latency."
    buckets = {
        int(name.removeprefix(prefix)): number for name, number in counters.items() if name.startswith(prefix)
    }
    return SideNumbers(
        counters.get(f"{side}.requests", 0),
        counters.get(f"{side}.errors", 0),
        percentile(buckets, 0.5),
        percentile(buckets, 0.95),
    )
