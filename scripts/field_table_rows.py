"""Reports on checkouts of applications, each without a cache and again with it, and prints a Markdown table.

Seconds are of the processor, of all processes of the command: they say less about what else the machine does.

    scripts/field_table healthchecks@29b5ec25=~/src/healthchecks NetBox@43fe81f9=~/src/netbox/netbox
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["Run", "main", "row"]

# Read in a process of its own: what this one once held would count for the processes that it starts later.
HEADS = """
import json, sys
report = json.load(open(sys.argv[1], encoding="utf-8"))
print(json.dumps({key: report[key] for key in ("project", "summary")}))
"""
CACHE = ".wsgi-bridge-cache"
HEAD = (
    "| application | commit | lines | routes | verdicts | findings | resolved | cold s | warm s | MiB |",
    "| --- | --- | ---: | ---: | --- | ---: | ---: | ---: | ---: | ---: |",
)


@dataclass(frozen=True, slots=True)
class Run:
    """What a report said, and what it took: seconds of the processor, and MiB of the largest process."""

    report: dict[str, Any]
    seconds: float
    memory: int


def row(name: str, cold: Run, warm: Run) -> str:
    """Return the row of an application; `name` may end in "@commit"."""
    application, _, commit = name.partition("@")
    summary = cold.report["summary"]
    verdicts = ", ".join(f"{count} {verdict}" for verdict, count in summary["verdicts"].items() if count)
    figures = (
        f"{cold.report['project']['lines']:,}",
        f"{summary['routes']:,}",
        verdicts,
        f"{summary['findings']:,}",
        f"{summary['resolved_calls']:.3f}",
        f"{cold.seconds:.1f}",
        f"{warm.seconds:.1f}",
        str(max(cold.memory, warm.memory)),
    )
    return f"| {' | '.join((application, commit, *figures))} |"


def _run(folder: Path) -> Run:
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch, "report.json")
        command = [sys.executable, "-m", "bridge", "report", "--output-file", str(file), str(folder)]
        process = os.posix_spawn(sys.executable, command, os.environ)
        _, status, used = os.wait4(process, 0)
        if os.waitstatus_to_exitcode(status):
            raise SystemExit(f"{folder}: the report failed")
        report = json.loads(subprocess.check_output([sys.executable, "-c", HEADS, str(file)]))
    return Run(report, used.ru_utime + used.ru_stime, used.ru_maxrss // 1024)


def main(arguments: list[str] | None = None) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="field_table", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("applications", nargs="+", metavar="NAME[@COMMIT]=FOLDER")
    applications = [each.partition("=") for each in parser.parse_args(arguments).applications]
    for name, _, path in applications:
        if not path or not Path(path).expanduser().is_dir():
            parser.error(f"got {name!r} with the folder {path!r}: write NAME=FOLDER, a folder that is there")
    print(*HEAD, sep="\n")
    for name, _, path in applications:
        folder = Path(path).expanduser()
        shutil.rmtree(folder / CACHE, ignore_errors=True)
        cold = _run(folder)
        print(row(name, cold, _run(folder)), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
