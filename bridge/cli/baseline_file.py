"""The file that `check` compares with: which one, read, written, pruned."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import click

from bridge.analysis.baseline import Baseline, InvalidBaseline, read_baseline
from bridge.analysis.configuration import Configuration
from bridge.analysis.gate import Outcome
from bridge.cli.errors import CommandError, OptionConflict
from bridge.cli.output_file import write_file

__all__ = ["DEFAULT", "BaselineFile"]

DEFAULT = "wsgi-bridge-baseline.json"


class NoBaseline(CommandError):
    """The baseline that is asked for is not there."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"there is no baseline {path}.",
            advice=[
                "Make one from today's findings:",
                f"  wsgi-bridge check --baseline {path} --update-baseline",
            ],
        )
        self.path = path


class CorruptBaseline(CommandError):
    """The baseline is there and cannot be read."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(
            f"the baseline {path} cannot be read: {reason}.",
            advice=[
                "Take it back from version control, or make it anew:",
                f"  wsgi-bridge check --baseline {path} --update-baseline",
            ],
        )
        self.path = path


@dataclass(frozen=True, slots=True)
class BaselineFile:
    """A path, None for no baseline at all, and what is to be done with it."""

    path: Path | None
    update: bool = False
    prune: bool = False

    @classmethod
    def chosen(
        cls, option: Path | None, configuration: Configuration, *, update: bool, prune: bool
    ) -> BaselineFile:
        """Return the file of the option, else of the configuration; to update, there is a default."""
        if update and prune:
            raise OptionConflict(
                "--update-baseline and --prune-baseline do not go together.",
                "An update takes out what is no longer found, too.",
            )
        path = option
        if path is None and configuration.baseline:
            path = configuration.folder / configuration.baseline
        if path is None and (update or prune):
            path = Path(DEFAULT)
        return cls(path, update, prune)

    def read(self) -> Baseline:
        """Return what the file knows: nothing where there is none, or where it is written anew."""
        if self.path is None or self.update:
            return Baseline()
        try:
            return read_baseline(self.path)
        except FileNotFoundError:
            raise NoBaseline(self.path) from None
        except InvalidBaseline as error:
            raise CorruptBaseline(self.path, error.reason) from None

    def write(self, outcome: Outcome) -> bool:
        """Write the file if that was asked for; return whether it was."""
        if self.path is None or not (self.update or self.prune):
            return False
        if self.update:
            baseline = Baseline.of(outcome.selected)
        else:
            stale = set(outcome.stale)
            baseline = Baseline(tuple(each for each in self.read().entries if each not in stale))
        write_file(self.path, baseline.text)
        click.echo(f"{self.path}: {len(baseline.entries)} findings", err=True)
        return True
