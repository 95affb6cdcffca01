"""The run from command line to exit status."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from scripts.benchmarks import machine, options
from scripts.benchmarks.reports.document import performance_page
from scripts.benchmarks.reports.markdown import as_markdown
from scripts.benchmarks.reports.table import show
from scripts.benchmarks.results import Report, from_json, to_json
from scripts.benchmarks.rounds import run_scenario
from scripts.benchmarks.scenarios import SCENARIOS
from scripts.benchmarks.server import ROOT

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence

__all__ = ["main"]

RESULTS = ROOT / "bench-results"  # ignored by git: figures of one machine on one day
PAGE = ROOT / "migration_guide" / "performance.md"
_PATTERN = bytes(range(256)) * 4096  # 1 MiB
WIDTH = 130  # columns of a table that no terminal bounds
_SMALL = 1 << 16  # bytes of small.bin


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures, shows, writes; returns the exit status."""
    chosen = options.parse(arguments)
    console = _console()
    report = from_json(chosen.from_json.read_text()) if chosen.from_json else _measure(chosen, console)
    show(report, console)
    _write(report, chosen)
    return 1 if chosen.check and not all(verdict.met for verdict in report.verdicts) else 0


def _console() -> Console:
    """The terminal, or a wide page when the output goes to a file."""
    console = Console()
    return console if console.is_terminal else Console(width=WIDTH)


def _measure(chosen: argparse.Namespace, console: Console) -> Report:
    with _files() as folder, console.status("starting") as status:
        settings = options.settings(chosen, folder)
        where = machine.describe()
        settings.pinning.pin_generator()
        _fill(folder, settings.body)
        found = [
            run_scenario(SCENARIOS[name], options.contender_names(chosen), settings, status.update)
            for name in chosen.only or SCENARIOS
        ]
    return Report(where, options.describe(settings), tuple(found))


@contextmanager
def _files() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        yield Path(folder)


def _fill(folder: Path, size: int) -> None:
    """The files to send; written now, so they are in the page cache and no disk is measured."""
    (folder / "small.bin").write_bytes(_PATTERN[:_SMALL])
    with (folder / "whole.bin").open("wb") as whole:
        for _ in range(size // len(_PATTERN)):
            whole.write(_PATTERN)


def _write(report: Report, chosen: argparse.Namespace) -> None:
    jsons, markdowns = list(chosen.json), list(chosen.markdown)
    if not chosen.from_json:
        stamp = datetime.now(timezone.utc).strftime("%Y%m%d-%H%M%S")
        RESULTS.mkdir(exist_ok=True)
        jsons.append(RESULTS / f"{stamp}.json")
        markdowns.append(RESULTS / f"{stamp}.md")
    for path in jsons:
        path.write_text(to_json(report))
    for path in markdowns:
        path.write_text(as_markdown(report))
    if chosen.document:
        PAGE.write_text(performance_page(report))
