"""What an import costs: time over an empty interpreter, and the modules it loads."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

from scripts.benchmarks.errors import WrongAnswerError
from scripts.benchmarks.results import Metric
from scripts.benchmarks.scenarios.base import Figures, Scenario, Settings
from scripts.benchmarks.server import ROOT
from scripts.benchmarks.targets import Target, value

__all__ = ["IMPORTS", "STATEMENTS"]

RUNS = 20  # interpreters of each kind, empty and loaded in turn
STATEMENTS = {
    "import bridge": "import bridge",
    "bridge.WsgiToAsgi": "from bridge import WsgiToAsgi",
    "a2wsgi.WSGIMiddleware": "from a2wsgi import WSGIMiddleware",
    "asgiref.WsgiToAsgi": "from asgiref.wsgi import WsgiToAsgi",
    "hypercorn.AsyncioWSGI": "from hypercorn.middleware import AsyncioWSGIMiddleware",
}
UNWANTED = ("rich", "greenlet", "a2wsgi")
_LIST = "import sys; before = set(sys.modules); {}; print(*(set(sys.modules) - before))"


def _check(name: str, settings: Settings) -> None:
    _modules(STATEMENTS[name])


def _measure(name: str, settings: Settings) -> Figures:
    statement = STATEMENTS[name]
    modules = _modules(statement)  # also writes the .pyc files, so that the first timed run has them
    over = [_seconds(statement) - _seconds("pass") for _ in range(RUNS)]
    return {
        "ms": 1000 * statistics.median(over),
        "modules": len(modules),
        "unwanted": len({module.partition(".")[0] for module in modules} & set(UNWANTED)),
    }


def _seconds(statement: str) -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", statement], check=True, cwd=ROOT)
    return time.perf_counter() - began


def _modules(statement: str) -> list[str]:
    """Names of the modules that the statement loads. Raises WrongAnswerError when it fails."""
    command = [sys.executable, "-c", _LIST.format(statement)]
    done = subprocess.run(command, check=False, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        raise WrongAnswerError(f"{statement!r} failed: {done.stderr.strip().splitlines()[-1]}")
    return sorted(done.stdout.split())


IMPORTS = Scenario(
    name="imports",
    title="Import, over an empty interpreter",
    contenders=tuple(STATEMENTS),
    metrics=(
        Metric("ms", "ms over empty", 1),
        Metric("modules", "modules loaded"),
        Metric("unwanted", "of rich, greenlet, a2wsgi"),
    ),
    targets=(
        Target(
            "import bridge <= 60 ms over an empty interpreter", value("import bridge", "ms"), 60.0, unit="ms"
        ),
        Target("from bridge import WsgiToAsgi likewise", value("bridge.WsgiToAsgi", "ms"), 60.0, unit="ms"),
        Target(
            "loads neither rich nor greenlet nor a2wsgi",
            value("bridge.WsgiToAsgi", "unwanted"),
            0.0,
            unit="loaded",
        ),
    ),
    check=_check,
    measure=_measure,
    max_rounds=1,  # it is a median of 20 runs already
)
