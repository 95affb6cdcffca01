"""The cyclic garbage collector stands still while the analysis builds what it keeps.

A large project has millions of small objects, and all of them live until the end: looking through them again
and again for garbage took half of the time.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["no_collection"]


@contextmanager
def no_collection() -> Iterator[None]:
    """Suspend the collector; nested, the outermost decides when it goes on."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            _grow_old()
            gc.enable()


def _grow_old() -> None:
    """Put what was made meanwhile into the oldest generation, or the next small collection would look through it all.

    Freezing and thawing does that without a look at any object. What somebody else has frozen stays so: then nothing is done.
    """
    if gc.get_freeze_count() == 0:
        gc.freeze()
        gc.unfreeze()
