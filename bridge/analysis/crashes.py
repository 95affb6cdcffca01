"""A mistake in one rule or reader costs its own findings and nothing else, and the report names it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["Crashes"]


class Crashes:
    """What crashed so far, in words."""

    def __init__(self) -> None:
        self.named: list[str] = []

    @contextmanager
    def naming(self, what: str) -> Iterator[None]:
        """Swallow what the block raises, and remember it as a crash of `what`."""
        try:
            yield
        except Exception as error:  # this module's purpose
            self.named.append(f"{what}: {type(error).__name__}: {error}{_place(error)}")


def _place(error: Exception) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f" ({trace.tb_frame.f_code.co_name}, line {trace.tb_lineno})" if trace else ""
