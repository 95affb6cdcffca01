"""`--output-file`: written whole, or a message that says why not."""

from __future__ import annotations

from pathlib import Path

from bridge.cli.errors import CommandError

__all__ = ["CannotWrite", "write_file"]


class CannotWrite(CommandError):
    """A file that the command was to write cannot be written.

    Exit code 2, as any wrong option: 1 is what `check` and `replay` say of an application.
    """

    def __init__(self, file: Path, error: OSError) -> None:
        super().__init__(
            f"{file} cannot be written: {error.strerror or error}.",
            facts=[("folder", str(file.parent.resolve()))],
            advice=["Name a file in a folder that exists and that you may write to."],
        )
        self.file = file


def write_file(file: Path, text: str) -> None:
    """Write `text` to `file` in UTF-8; what has no place in UTF-8, a lone surrogate, becomes a question mark."""
    try:
        file.write_bytes(text.encode("utf-8", "replace"))
    except OSError as error:
        raise CannotWrite(file, error) from None
