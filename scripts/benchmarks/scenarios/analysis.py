"""The analyser beside the tools that look for something alike: one tree, one process each, its CPU and its peak memory.

All read the same copy of the tree (`--tree`, default: this repository's own bridge/ and examples/), so that no cache of
theirs lands in it. Each looks for something else: flake8-async and hydroid for blocking calls in async code, mypy for
types; what they cost on the same lines is what is compared. Those that are not installed, or that have not ended after
`MOST_CPU` seconds of the processor, have a note in place of figures.
"""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from functools import lru_cache
from pathlib import Path

from scripts.benchmarks.errors import BenchmarkError, WrongAnswerError
from scripts.benchmarks.results import Metric
from scripts.benchmarks.scenarios.base import Figures, Scenario, Settings
from scripts.benchmarks.server import ROOT
from scripts.benchmarks.targets import Target, value

__all__ = ["ANALYSERS", "ANALYSIS"]

OTHERS = "ANALYSERS_BIN"  # scripts/bench says where it has installed them
KIB = 1024
MOST_CPU = (
    120  # seconds of the processor, whatever else runs here; a contender that needs more has a note for a row
)
REPORT = ("-m", "bridge", "report", "--output-format", "json", "--output-file", os.devnull)

# Row -> command; {python} is this interpreter, {bin} where the others are, {tree} the copy, {files} its Python files.
ANALYSERS: dict[str, tuple[str, ...]] = {
    "report, cold": ("{python}", *REPORT, "--no-cache", "{tree}"),
    "report, one process": ("{python}", *REPORT, "--no-cache", "--workers", "1", "{tree}"),
    "report, warm": ("{python}", *REPORT, "{tree}"),
    "flake8-async": ("{bin}/flake8-async", "{files}"),
    "hydroid, cold": ("{bin}/hydroid", "--no-cache", "{tree}"),
    "hydroid, warm": ("{bin}/hydroid", "{tree}"),  # it keeps its facts in the tree, as the report does
    "mypy, cold": (
        "{python}",
        "-m",
        "mypy",
        "--no-incremental",
        "--explicit-package-bases",
        "--ignore-missing-imports",
        "--config-file=",
        "{tree}",
    ),
}
FINDS = frozenset({0, 1})  # exit codes: nothing found, something found


def _check(name: str, settings: Settings) -> None:
    """Run once: the warm row needs a cache, and all of them the files in the page cache."""
    _run(name, settings)


def _measure(name: str, settings: Settings) -> Figures:
    wall, used = _run(name, settings)
    lines = _lines(settings)
    cpu = used.ru_utime + used.ru_stime
    return {
        "seconds": wall,
        "cpu": cpu,
        "cpu_per_100k": cpu * 100_000 / lines,
        "peak_mib": used.ru_maxrss / (KIB * KIB if sys.platform == "darwin" else KIB),
        "lines": lines,
    }


def _run(name: str, settings: Settings) -> tuple[float, resource.struct_rusage]:
    """Return the seconds and what the process used, with those that it has waited for."""
    tree = _copied(settings)
    places = {"python": sys.executable, "bin": os.environ.get(OTHERS, ""), "tree": str(tree)}
    files = sorted(map(str, tree.rglob("*.py")))
    parts = (files if part == "{files}" else [part.format(**places)] for part in ANALYSERS[name])
    command = [each for part in parts for each in part]
    if shutil.which(command[0]) is None:
        raise BenchmarkError(f"{Path(command[0]).name} is not installed")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    log = settings.files / "analysis.log"
    began = time.perf_counter()
    with log.open("wb") as said:
        process = subprocess.Popen(
            command,
            cwd=tree,
            env=environment,
            stdout=said,
            stderr=subprocess.STDOUT,
            preexec_fn=_limit,  # noqa: PLW1509 - one thread runs here, and the limit must not be the bench's own
        )
        _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode in {-signal.SIGXCPU, -signal.SIGKILL}:
        raise BenchmarkError(f"had not ended after {MOST_CPU} s of the processor")
    if process.returncode not in FINDS:
        last = log.read_text(errors="replace").strip().splitlines()[-1:]
        raise WrongAnswerError(f"{name} ended with {process.returncode}: {' '.join(last)}")
    return wall, used


def _limit() -> None:
    """Let the system end this process behind `MOST_CPU`."""
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_CPU, MOST_CPU))


@lru_cache(maxsize=1)
def _copy(source: Path | None, folder: Path) -> Path:
    tree = folder / "tree"
    roots = {source.name: source} if source else {name: ROOT / name for name in ("bridge", "examples")}
    for name, root in roots.items():
        shutil.copytree(
            root,
            tree / name,
            ignore=shutil.ignore_patterns(".*", "__pycache__", "node_modules"),
            ignore_dangling_symlinks=True,
        )
    return tree


def _copied(settings: Settings) -> Path:
    return _copy(settings.tree, settings.files)


def _lines(settings: Settings) -> int:
    files = _copied(settings).rglob("*.py")
    return sum(path.read_bytes().count(b"\n") for path in files if path.is_file())


ANALYSIS = Scenario(
    name="analysis",
    title="The analysis beside flake8-async, hydroid and mypy, on one tree",
    contenders=tuple(ANALYSERS),
    metrics=(
        Metric("seconds", "seconds", 2),
        Metric("cpu", "user + sys CPU s", 2),
        Metric("cpu_per_100k", "CPU s / 100,000 lines", 2),
        Metric("peak_mib", "peak MiB"),
        Metric("lines", "lines"),
    ),
    targets=(
        Target(
            "report, cold: <= 10 s for 100,000 lines", value("report, cold", "cpu_per_100k"), 10.0, unit="s"
        ),
        Target(
            "report, warm: <= 1 s for 100,000 lines", value("report, warm", "cpu_per_100k"), 1.0, unit="s"
        ),
        Target("report, cold: <= 1 GiB", value("report, cold", "peak_mib"), 1024.0, unit="MiB"),
    ),
    check=_check,
    measure=_measure,
)
