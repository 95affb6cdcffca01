"""What the samples of a soak say: pure, and so is what is printed of it."""

from __future__ import annotations

from statistics import median

from scripts.soaking.sampling import Samples

__all__ = ["faults", "report"]

HOUR = 3600  # seconds
MEBIBYTE = 1024 * 1024
# Resident memory is the allocator's business as well: what it holds wanders by about a mebibyte under
# this mix. A leak of 100 bytes a request is 10 MiB after 100,000.
GROWTH = 3 * MEBIBYTE
SPARE_THREADS = 6  # beside the pool: the main thread, and those that asyncio and asgiref start


def faults(samples: Samples) -> list[str]:
    """Return what is wrong, one sentence each; [] means that the server is as it was."""
    before, after = samples.before, samples.after
    found = [f"wrong answer: {answer}" for answer in samples.wrong[:10]]
    if growth(samples) > GROWTH:
        found.append(f"resident memory grew by {growth(samples) / MEBIBYTE:.1f} MiB between the two halves")
    most = max(sample.threads for sample in samples.during)
    if most > samples.max_threads + SPARE_THREADS:
        found.append(f"{most} threads, with a pool of {samples.max_threads}")
    if after.threads > samples.max_threads + SPARE_THREADS:
        found.append(f"{after.threads} threads are left")
    found += [
        f"{name} grew from {getattr(before, name)} to {getattr(after, name)}"
        for name in ("tasks", "descriptors")
        if getattr(after, name) > getattr(before, name)
    ]
    if after.greenlets > samples.max_threads:
        found.append(f"{after.greenlets} greenlets are left, of {samples.max_threads} at most")
    if not after.settled:
        found.append(f"requests are left: {after}")
    return found


def growth(samples: Samples) -> float:
    """Return by how many bytes the median of resident memory rose from the first half to the second."""
    resident = [sample.resident for sample in samples.during]
    middle = len(resident) // 2
    return median(resident[middle:]) - median(resident[:middle] or resident)


def report(samples: Samples) -> str:
    """Return the figures as text, a line each."""
    total = sum(samples.requests.values())
    resident = [sample.resident / MEBIBYTE for sample in samples.during]
    kinds = "  ".join(f"{name} {count}" for name, count in sorted(samples.requests.items()))
    lines = {
        "requests": f"{total} in {samples.seconds:.0f} s, as many as {total / HOUR:.0f} a second for an hour",
        "of kind": kinds,
        "resident MiB": f"{resident[0]:.1f} at first, {resident[-1]:.1f} at last, {max(resident):.1f} at most; "
        f"second half {growth(samples) / MEBIBYTE:+.2f} to the first",
        "threads": f"{samples.before.threads} before, {samples.after.threads} after, "
        f"{max(sample.threads for sample in samples.during)} at most (pool {samples.max_threads})",
        "greenlets": f"{samples.before.greenlets} before, {samples.after.greenlets} after",
        "tasks": f"{samples.before.tasks} before, {samples.after.tasks} after",
        "descriptors": f"{samples.before.descriptors} before, {samples.after.descriptors} after",
        "executor": f"{samples.after.started} started, {samples.after.finished} finished, "
        f"{samples.after.abandoned} abandoned in the queue, {samples.after.rejected} rejected",
    }
    return "\n".join(f"{name:14}{text}" for name, text in lines.items())
