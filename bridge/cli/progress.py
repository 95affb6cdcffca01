"""Says on a terminal what a long command is doing; anywhere else it says nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console

__all__ = ["showing_progress"]


@contextmanager
def showing_progress(*, console: Console | None = None) -> Iterator[Callable[[str], None]]:
    """Return what is told the name of each stage. `console` None: standard error, so that output can be piped.

    The line is gone when the block ends, however it ends.
    """
    console = console or Console(stderr=True)
    if not console.is_terminal or console.is_dumb_terminal:
        yield _silent
        return
    with console.status("starting") as status:
        yield lambda stage: status.update(f"{stage} ...")


def _silent(_stage: str) -> None:
    """Say nothing."""
