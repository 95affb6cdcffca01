"""What can go wrong with one contender without ending the run for the others."""

from __future__ import annotations

__all__ = ["BenchmarkError", "ServerDiedError", "TimedOutError", "WrongAnswerError"]


class BenchmarkError(Exception):
    """A contender could not be measured; the message becomes its note in the table."""


class TimedOutError(BenchmarkError):
    """A transfer or a load outlived its limit."""

    def __init__(self, limit: float) -> None:
        super().__init__(f"timed out after {limit:g} s")
        self.limit = limit


class WrongAnswerError(BenchmarkError):
    """A contender did not send the expected bytes, so its speed means nothing."""

    def __init__(self, what: str) -> None:
        super().__init__(f"wrong answer: {what}")
        self.what = what


class ServerDiedError(BenchmarkError):
    """The server process ended, or never answered; carries the end of its log."""

    def __init__(self, log: str) -> None:
        last = log.strip().splitlines()[-1] if log.strip() else "nothing in its log"
        super().__init__(f"server failed: {last}")
        self.log = log
