"""`scripts/external_suites`: run one suite, say what passed, what failed and what may fail and why."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from scripts.external.contenders import BRIDGE_VARIABLE, CONTENDERS
from scripts.external.plugins.recording import RESULTS_VARIABLE
from scripts.external.serving import SERVER_VARIABLE, SERVERS
from scripts.external.suites import SUITES, command
from scripts.external.verdicts import Excuse, Outcome, Verdict, judge, read_excuses, read_outcomes

__all__ = ["main", "report"]

_ROOT = Path(__file__).resolve().parents[2]
_TIME_LIMIT = 1200  # seconds for one suite; the longest takes two minutes


def main(arguments: Sequence[str]) -> int:
    """Run what the arguments say; 0 if every failure is excused and every excuse needed, else 1."""
    options = _parser().parse_args(arguments)
    compared = options.bridge != "wsgi-bridge" or options.server != "uvicorn"
    # The excuses are wsgi-bridge's, on uvicorn; what says nothing about a bridge says nothing about any.
    excuses = [excuse for excuse in read_excuses(options.suite) if not compared or excuse.kind == "outside"]
    outcomes = run(options, options.server)
    if not outcomes:
        print(f"{options.suite}: no test ran; is {options.checkout} its checkout? Look at --verbose.")
        return 1
    verdict = judge(outcomes, excuses)
    contender = f"{options.bridge} on {options.server}"
    if SUITES[options.suite].layer and options.bridge != "none":
        contender = "the cooperative layer"
    print("\n".join(report(options.suite, contender, verdict)))
    if compared:
        return 0
    failed = bool(verdict.failed or verdict.stale)
    if options.second_opinions:
        failed |= not second_opinions(options, verdict)
    return int(failed)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="scripts/external_suites", description=__doc__)
    parser.add_argument("suite", metavar="NAME", choices=SUITES, help=", ".join(SUITES))
    parser.add_argument("checkout", metavar="CHECKOUT", type=Path, help="folder of the suite's repository")
    parser.add_argument("--bridge", choices=[*CONTENDERS, "none"], default="wsgi-bridge")
    parser.add_argument("--server", choices=SERVERS, default="uvicorn", help="for suites that speak TCP")
    parser.add_argument(
        "--second-opinions",
        action="store_true",
        help="run again, on the server that its excuse names, what failed because of uvicorn",
    )
    parser.add_argument(
        "--python",
        default=sys.executable,
        help="with wsgi-bridge and what the suite needs installed (default: the one that runs this)",
    )
    parser.add_argument("--verbose", action="store_true", help="show the suite's own output")
    return parser


def run(options: argparse.Namespace, server: str, only: tuple[str, ...] = ()) -> list[Outcome]:
    """Run a suite, or some of its tests, in a process of its own; return what it recorded."""
    suite = SUITES[options.suite]
    checkout = options.checkout.resolve()
    with tempfile.TemporaryDirectory(prefix="external-") as folder:
        results = Path(folder, "results.jsonl")
        results.touch()
        environment = {
            **os.environ,
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            "PYTHONPATH": os.pathsep.join(
                [str(_ROOT), *([str(checkout / suite.path)] if suite.path else [])]
            ),
            RESULTS_VARIABLE: str(results),
            BRIDGE_VARIABLE: options.bridge,
            SERVER_VARIABLE: server,
        }
        subprocess.run(
            command(suite, checkout, python=options.python, only=only, bridged=options.bridge != "none"),
            cwd=checkout if suite.judged == "tests" else checkout / "tests",
            env=environment,
            stdout=None if options.verbose else subprocess.DEVNULL,
            stderr=None if options.verbose else subprocess.DEVNULL,
            timeout=_TIME_LIMIT,
            check=False,  # its exit status says less than its outcomes
        )
        return read_outcomes(results.read_text("utf-8").splitlines())


def second_opinions(options: argparse.Namespace, verdict: Verdict) -> bool:
    """Whether every test with `passes_on` does pass there; prints which do not."""
    agreed = True
    for server in sorted({excuse.passes_on for _, excuse in verdict.excused} - {""}):
        tests = tuple(outcome.test for outcome, excuse in verdict.excused if excuse.passes_on == server)
        outcomes = run(options, server, tests)
        failed = [outcome for outcome in outcomes if outcome.result != "passed"]
        print(f"second opinion, {server}: {len(outcomes) - len(failed)} of {len(tests)} pass")
        print("".join(f"  FAILED {outcome.test}: {outcome.message}\n" for outcome in failed), end="")
        agreed &= not failed and len(outcomes) == len(tests)
    return agreed


def report(suite: str, contender: str, verdict: Verdict) -> Iterator[str]:
    """The lines that tell a person what happened."""
    yield (
        f"{suite}, {contender}: {len(verdict.passed)} of {verdict.counted} passed, "
        f"{len(verdict.failed)} failed, {len(verdict.excused)} excused "
        f"({len(verdict.outside)} not about a bridge, {len(verdict.skipped)} skipped)"
    )
    for outcome in verdict.failed:
        yield f"  FAILED   {outcome.test}\n           {outcome.message}"
    for outcome, excuse in verdict.excused:
        yield f"  excused  {outcome.test}\n           {_because(excuse)}"
    for pattern in verdict.stale:
        yield f"  STALE    {pattern}\n           passes or does not exist: take its excuse out of excused.toml"


def _because(excuse: Excuse) -> str:
    clause = f" [{excuse.clause}]" if excuse.clause else ""
    elsewhere = f"; passes on {excuse.passes_on}" if excuse.passes_on else ""
    return f"{excuse.kind}: {excuse.reason}{clause}{elsewhere}"
