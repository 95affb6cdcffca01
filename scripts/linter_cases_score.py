"""Runs the analysis on the cases of flake8-async's and ruff's rules ASYNC210 to ASYNC251, and says what it misses.

A case is a line with a comment `# ASYNC210: ...`. It is found if the analysis has a finding of the family WB7 on that
line. What is missed must be in `EXCUSED`, each with its reason; the exit code is 1 otherwise. What the analysis
finds on other lines of the same files is counted: those are calls that the linters cannot see, or leave alone.

The linters compare names as they are written, and some of their files import nothing. So that such a file means what its
authors meant, the modules that it names without an import are imported in its first line, which is a comment.

Neither linter's cases are part of this repository (flake8-async: tests/eval_files; ruff: crates/ruff_linter/resources/
test/fixtures/flake8_async).
"""

from __future__ import annotations

import argparse
import ast
import re
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bridge.analysis.analyse import analyse

__all__ = ["Case", "cases_in", "main", "score"]

FILE = re.compile(r"(async|ASYNC)2[1-5].*\.py")
COMMENT = re.compile(r"(?<=\S)\s*#\s*(?:error: \d+, )?(?=ASYNC)(?P<codes>.*)$")
CODE = re.compile(r"ASYNC2(?:1[02]|2[012]|3[012]|40|50|51)(?!\d)")
IMPORTED = ("httpx", "httpx2", "io", "os", "requests", "subprocess", "time", "urllib.request", "urllib3")

# Reason -> what "file:line: text" looks like.
EXCUSED = {
    "the name is bound nowhere: the linter takes any function of that name": r": (request\.)?urlopen\(\)",
    "there is no such method: the linter takes any method of these classes": r": \w+\.(anything|(aoeu)+)\(\)",
    "closing a client waits for nobody": r": client\.close\(\)",
    "it computes with text and never asks the file system": r": (os\.path\.)?(normpath|_path_normpath)\(",
    "it asks for the working directory only, which the kernel has at hand": r": (os\.path\.)?(relpath|abspath)\(",
    "it is private, and what calls it is found": r": os\.path\._joinrealpath\(",
    "the variable holds something else by then: the linter says that it should not flag this": (
        r"async232(_asyncio)?\.py:20\d: f\.read\(\)"
    ),
}


@dataclass(frozen=True, slots=True)
class Case:
    """A line that a linter flags. `excuse` is "" where it is found, or where nothing excuses its absence."""

    file: str
    line: int
    code: str
    text: str
    found: tuple[str, ...]  # our rules
    excuse: str = ""

    @property
    def is_missed(self) -> bool:
        """Return whether it is neither found nor excused."""
        return not self.found and not self.excuse


@dataclass(frozen=True, slots=True)
class Scored:
    """The cases of a file, and how many findings stand on other lines."""

    cases: tuple[Case, ...]
    others: int


def score(path: Path) -> Scored:
    """Return what the analysis makes of one file."""
    lines = path.read_text("utf-8").splitlines()
    with tempfile.TemporaryDirectory(prefix="linter-cases-") as folder:
        copy = Path(folder, path.name)
        copy.write_text("\n".join(_with_imports(lines)) + "\n", "utf-8")
        findings = [each for each in analyse(copy).findings if each.rule.startswith("WB7")]
    by_line: dict[int, tuple[str, ...]] = {}
    for each in findings:
        by_line[each.line] = (*by_line.get(each.line, ()), each.rule)
    cases = tuple(_case(path.name, *flagged, by_line) for flagged in cases_in(lines))
    flagged_lines = {each.line for each in cases}
    return Scored(cases, sum(each.line not in flagged_lines for each in findings))


def cases_in(lines: list[str]) -> Iterator[tuple[int, str, str]]:
    """Yield (line, code, text) for each line that a comment says is flagged."""
    for number, line in enumerate(lines, start=1):
        comment = COMMENT.search(line)
        code = CODE.search(comment["codes"]) if comment else None
        if code is not None:
            yield number, code[0], line.strip()


def _case(file: str, line: int, code: str, text: str, by_line: dict[int, tuple[str, ...]]) -> Case:
    found = by_line.get(line, ())
    place = f"{file}:{line}: {text}"
    excuse = next((reason for reason, pattern in EXCUSED.items() if re.search(pattern, place)), "")
    return Case(file, line, code, text, found, "" if found else excuse)


def _with_imports(lines: list[str]) -> list[str]:
    """Return the lines with imports of what is used and never bound, in place of a comment in the first line."""
    tree = ast.parse("\n".join(lines))
    bound = {
        alias.asname or alias.name.partition(".")[0]
        for node in ast.walk(tree)
        for alias in getattr(node, "names", ())
        if isinstance(alias, ast.alias)
    }
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    wanted = [name for name in IMPORTED if name.partition(".")[0] in used - bound]
    if not wanted or not lines[0].lstrip().startswith("#"):
        return lines
    return [f"import {', '.join(wanted)}", *lines[1:]]


def main(arguments: list[str] | None = None) -> int:
    """Print a line for each file and each case that is not found; return 1 if one of them is not excused."""
    parser = argparse.ArgumentParser(prog="linter_cases", description=(__doc__ or "").partition("\n")[0])
    parser.epilog = "ASYNC211 is left out: it takes any method called request of anything."
    parser.add_argument(
        "folders", nargs="+", type=Path, metavar="FOLDER", help="a checkout, or the folder of its cases"
    )
    options = parser.parse_args(arguments)
    paths = sorted(
        path for folder in options.folders for path in folder.rglob("*.py") if FILE.fullmatch(path.name)
    )
    if not paths:
        print("there are no cases: name a checkout of flake8-async or ruff", file=sys.stderr)
        return 2
    scored = [score(path) for path in paths]
    for path, each in zip(paths, scored, strict=True):
        found = sum(bool(case.found) for case in each.cases)
        print(f"{path.name:<28} {found:>3} of {len(each.cases):>3} found, {each.others:>2} on other lines")
    cases = [case for each in scored for case in each.cases]
    _print_absent(cases)
    missed = sum(case.is_missed for case in cases)
    excused = sum(bool(case.excuse) for case in cases)
    print(f"\n{len(cases)} cases, {len(cases) - excused - missed} found, {excused} excused, {missed} missed")
    return int(missed > 0)


def _print_absent(cases: list[Case]) -> None:
    for reason in EXCUSED:
        lines = [case for case in cases if case.excuse == reason]
        if lines:
            print(f"\nexcused, {reason}:")
            for case in lines:
                print(f"  {case.file}:{case.line}: {case.text[:70]}")
    for case in cases:
        if case.is_missed:
            print(f"\nMISSED {case.file}:{case.line}: {case.text[:90]}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
