"""Medians, percentiles and the steady rate of a closed loop: pure arithmetic."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["percentile", "steady_rate"]


def percentile(ordered: Sequence[float], share: float) -> float:
    """The value below which `share` (0 to 1) of an ordered sequence lies: nearest rank.

    Raises ValueError when there are no values.
    """
    if not ordered:
        raise ValueError("no values to take a percentile of: no request was answered")
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def steady_rate(completions: Sequence[float], *, batch: int, seconds: float) -> float:
    """Answers per second between the end of the first `batch` answers and the end of the last whole batch.

    200 clients of an endpoint that waits come back in waves, and a window cut at a wave's edge is off by a whole
    wave. Counting from batch end to batch end has no such edge. With fewer than two batches it is the plain rate
    over `seconds`. `completions` are ordered times in seconds.
    """
    whole = len(completions) - len(completions) % batch
    if whole < 2 * batch:
        return len(completions) / seconds
    elapsed = completions[whole - 1] - completions[batch - 1]
    return (whole - batch) / elapsed
