"""`--trace FILE`: the file that `wsgi-bridge trace` wrote, read, and why not."""

from __future__ import annotations

from pathlib import Path

from bridge.analysis.traces import InvalidTrace, Trace, read_trace
from bridge.cli.errors import CommandError

__all__ = ["NoTrace", "trace_or_error"]


class NoTrace(CommandError):
    """The file of `--trace` cannot be read as a trace."""

    def __init__(self, file: Path, problem: str) -> None:
        super().__init__(
            f"--trace {file}: {problem}.",
            advice=["A trace is written with:", f"  wsgi-bridge trace -o {file.name} -- pytest"],
        )
        self.file = file


def trace_or_error(file: Path) -> Trace:
    """Return the trace in `file`."""
    try:
        return read_trace(file)
    except FileNotFoundError:
        raise NoTrace(file, "there is no such file") from None
    except InvalidTrace as error:
        raise NoTrace(file, error.problem) from None
    except OSError as error:
        raise NoTrace(file, f"it cannot be read ({error.strerror or error})") from None
