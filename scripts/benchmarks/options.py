"""The command line of `scripts/bench`, and the settings that it stands for."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING

from scripts.benchmarks.contenders import CONTENDERS
from scripts.benchmarks.load.closed_loop import available_generator
from scripts.benchmarks.pinning import choose
from scripts.benchmarks.scenarios import SCENARIOS
from scripts.benchmarks.scenarios.analysis import ANALYSERS
from scripts.benchmarks.scenarios.base import MIB, Settings
from scripts.benchmarks.scenarios.changes import STORES
from scripts.benchmarks.scenarios.imports import STATEMENTS
from scripts.benchmarks.scenarios.migration import ROWS

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["contender_names", "describe", "parse", "settings"]

_EPILOG = "Exit status: 0, or 1 with --check when a target is missed, or 2 for a wrong command line."


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """The options given. Ends the program with status 2, after a message, when they are wrong."""
    parser = argparse.ArgumentParser(
        prog="scripts/bench", description="Measures wsgi-bridge beside the alternatives.", epilog=_EPILOG
    )
    add = parser.add_argument
    add("--only", action="append", choices=SCENARIOS, metavar="SCENARIO", help=", ".join(SCENARIOS))
    add("--contenders", type=_names, default=[], metavar="A,B", help=", ".join(CONTENDERS))
    add(
        "--quick",
        action="store_true",
        help="short rounds and small bodies: to see that it runs, not to quote",
    )
    add("--rounds", type=int, help="interleaved rounds (5; quick: 2)")
    add("--seconds", type=float, help="seconds of load a round, whole ones for wrk (4; quick: 1)")
    add("--connections", type=int, default=32, help="connections of a closed loop (32)")
    add("--threads", type=int, default=40, help="threads of each contender that has the option (40)")
    add("--limit", type=float, default=120.0, help="seconds that one transfer may take (120)")
    add("--generator", choices=("auto", "wrk", "python"), default="auto", help="the closed-loop client")
    add("--tree", type=Path, metavar="FOLDER", help="what the analysers read (this bridge/ and examples/)")
    add("--no-pin", action="store_true", help="leave server and generator to the scheduler")
    add("--json", type=Path, action="append", default=[], metavar="FILE", help="also write the report here")
    add("--markdown", type=Path, action="append", default=[], metavar="FILE", help="likewise")
    add("--document", action="store_true", help="rewrite migration_guide/performance.md")
    add("--from-json", type=Path, metavar="FILE", help="measure nothing: show an earlier report")
    add("--check", action="store_true", help="exit 1 when a target is missed or could not be measured")
    return parser.parse_args(arguments)


def settings(options: argparse.Namespace, files: Path) -> Settings:
    """What the options mean for a run whose files are served from the folder `files`."""
    quick = options.quick
    return Settings(
        quick=quick,
        rounds=options.rounds or (2 if quick else 5),
        seconds=options.seconds or (1.0 if quick else 4.0),
        connections=options.connections,
        threads=options.threads,
        blocks=2_000 if quick else 10_000,
        body=(32 if quick else 256) * MIB,
        generator=available_generator(options.generator),
        limit=options.limit,
        pinning=choose(_cores(), wanted=not options.no_pin),
        files=files,
        tree=options.tree.resolve() if options.tree else None,
    )


def describe(chosen: Settings) -> dict[str, str]:
    """The settings in words, for the report's head."""
    return {
        "server": "uvicorn, uvloop, httptools, one process (gunicorn: its own gthread worker; granian: its WSGI mode)",
        "load": f"{chosen.generator}, {chosen.connections} connections, {chosen.threads} threads",
        "quality": "quick run: to see that it works, not to quote" if chosen.quick else "full run",
        "rounds": f"{chosen.rounds} interleaved, {chosen.seconds:g} s each, medians shown",
        "sizes": f"{chosen.blocks:,} blocks, bodies of {chosen.body // MIB} MiB",
        "cores": chosen.pinning.describe(),
    }


def contender_names(options: argparse.Namespace) -> list[str]:
    """Who takes part. Rows of other kinds, statements, tables and stores, always do."""
    return [*(options.contenders or CONTENDERS), *STATEMENTS, *ROWS, *STORES, *ANALYSERS]


def _names(text: str) -> list[str]:
    names = text.split(",")
    if unknown := [name for name in names if name not in CONTENDERS]:
        raise argparse.ArgumentTypeError(
            f"got {', '.join(unknown)}; expected some of {', '.join(CONTENDERS)}"
        )
    return names


def _cores() -> list[int]:
    return sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
