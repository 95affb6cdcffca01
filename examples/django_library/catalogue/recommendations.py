"""Readers who borrowed this also borrowed that: counted in Python, kept behind a lock."""

import threading
import time
from itertools import combinations

from django.contrib.auth import get_user_model

KEEP = 30.0  # seconds
_found = {}
_lock = threading.Lock()


def pairs(limit=6):
    """Pairs of books with the number of readers who had both, most first. Others wait while we count."""
    with _lock:
        made, rows = _found.get("pairs", (0.0, None))
        if rows is None or time.monotonic() - made > KEEP:
            rows = _count()
            _found["pairs"] = (time.monotonic(), rows)
    return rows[:limit]


def forget():
    """Count again next time."""
    with _lock:
        _found.clear()


def _count():
    together = {}
    for (
        reader
    ) in get_user_model().objects.all():  # a query, then one per reader, one per loan and one per copy
        books = {loan.copy.book for loan in reader.loan_set.all()}
        for pair in combinations(sorted(books, key=lambda book: book.pk), 2):
            together[pair] = together.get(pair, 0) + 1
    return sorted(((n, a, b) for (a, b), n in together.items()), key=lambda row: (-row[0], row[1].title))
