"""Scores the call graph on PyCG's micro-benchmark: folders of Python files beside a callgraph.json.

As PyCG and Jarvis count: a case is sound if no expected edge is missing, complete if no edge is found that is
not expected. Two spellings are made equal first, and nothing else: the benchmark's `<**PyStr**>` is our
`<builtin>.str`, its `<**PyDict**>` our `<builtin>.dict`. With --strict they are not.

The benchmark (Apache 2.0) is not part of this repository: github.com/vitsalis/PyCG, micro-benchmark/snippets.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass
from pathlib import Path

from bridge.analysis.callgraph import build_call_graph
from bridge.analysis.project import read_project

__all__ = ["Case", "main", "score"]

SPELLINGS = {"<**PyStr**>": "<builtin>.str", "<**PyDict**>": "<builtin>.dict"}

Edges = frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Case:
    """One folder of the benchmark: the edges that are missing and those that are too many."""

    name: str
    missing: Edges
    extra: Edges

    @property
    def category(self) -> str:
        """Return the folder that the case stands in."""
        return self.name.partition("/")[0]


def score(folder: Path, *, strict: bool = False) -> list[Case]:
    """Return every case under `folder`, sorted by name."""
    found = sorted(folder.rglob("callgraph.json"))
    return [_case(folder, path, strict=strict) for path in found]


def _case(folder: Path, expectation: Path, *, strict: bool) -> Case:
    table = json.loads(expectation.read_text("utf-8"))
    expected = frozenset(
        (caller, callee if strict else _respelled(callee)) for caller in table for callee in table[caller]
    )
    callees = build_call_graph(read_project(expectation.parent)).callees()
    actual = frozenset((caller, callee) for caller in callees for callee in callees[caller])
    name = expectation.parent.relative_to(folder).as_posix()
    return Case(name, expected - actual, actual - expected)


def _respelled(name: str) -> str:
    for theirs, ours in SPELLINGS.items():
        name = name.replace(theirs, ours)
    return name


def _print_table(cases: list[Case]) -> None:
    print(f"{'category':<16} {'cases':>5} {'sound':>5} {'complete':>8}")
    for category in sorted({case.category for case in cases}):
        _print_row(category, [case for case in cases if case.category == category])
    _print_row("all", cases)


def _print_row(name: str, cases: list[Case]) -> None:
    sound = sum(not case.missing for case in cases)
    complete = sum(not case.extra for case in cases)
    print(f"{name:<16} {len(cases):>5} {sound:>5} {complete:>8}")


def main(arguments: list[str] | None = None) -> int:
    """Print the score; return 1 if a --sound or --complete floor is not reached, 2 if there is no case."""
    parser = argparse.ArgumentParser(prog="pycg_benchmark", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path, help="the benchmark's folder of snippets")
    parser.add_argument(
        "--strict", action="store_true", help="keep the benchmark's spelling of builtin types"
    )
    parser.add_argument("--sound", type=int, default=0, metavar="N", help="fail below N sound cases")
    parser.add_argument("--complete", type=int, default=0, metavar="N", help="fail below N complete cases")
    chosen = parser.parse_args(arguments)
    cases = score(chosen.folder, strict=chosen.strict)
    if not cases:
        print(f"no callgraph.json under {chosen.folder}", file=sys.stderr)
        return 2
    _print_table(cases)
    for case in cases:
        for edge in sorted(case.missing):
            print(f"{case.name}: missing {edge[0]} -> {edge[1]}")
        for edge in sorted(case.extra):
            print(f"{case.name}: extra {edge[0]} -> {edge[1]}")
    sound = sum(not case.missing for case in cases)
    complete = sum(not case.extra for case in cases)
    return int(sound < chosen.sound or complete < chosen.complete)


if __name__ == "__main__":
    sys.exit(main())
