"""Compares the routes that are read from a project's files with those of the application when it runs.

Prints every route that is missing or too many, then recall and precision over pairs of method and path. Routes whose
view stands outside the project (an extension's own pages) are counted on their own, and not against recall; so are
routes that the report says depend on a setting, where the running application hasn't them.

    scripts/route_recall examples/flask_shop wsgi:app
    scripts/route_recall ~/src/redash redash.wsgi:app --python ~/venvs/redash/bin/python
    scripts/route_recall examples/django_library django:library_site.settings

A project with several applications is compared with the routes of all of them:

    scripts/route_recall ~/src/h 'h.app:create_app({})' 'h.streamer:create_app({})'
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from bridge.analysis.frameworks import READERS
from bridge.analysis.frameworks.base import Options, discover
from bridge.analysis.model import Discovery
from bridge.analysis.project import Project, read_project
from bridge.analysis.solving.engine import solve
from bridge.analysis.solving.program import Program

__all__ = ["Comparison", "Pair", "compare", "main", "pairs_of"]

Pair = tuple[str, str]  # method ("ANY"), path

TIME_LIMIT = 300.0  # seconds; for the application to start


@dataclass(frozen=True, slots=True)
class Comparison:
    """Pairs of method and path. `foreign` are found at run time only, and their view is not the project's.

    `conditional` are read only, and said to depend on a setting.
    """

    both: frozenset[Pair]
    missing: frozenset[Pair]
    extra: frozenset[Pair]
    foreign: frozenset[Pair]
    conditional: frozenset[Pair] = frozenset()

    @property
    def recall(self) -> float:
        """Return which share of the application's own routes was found."""
        return _share(len(self.both), len(self.missing))

    @property
    def precision(self) -> float:
        """Return which share of what was found the application has."""
        return _share(len(self.both), len(self.extra))


def _share(good: int, bad: int) -> float:
    return good / (good + bad) if good + bad else 1.0


def _conditional(discovery: Discovery) -> frozenset[Pair]:
    return pairs_of(replace(discovery, routes=tuple(each for each in discovery.routes if each.condition)))


def pairs_of(discovery: Discovery) -> frozenset[Pair]:
    """Return the pairs of method and path of what was discovered."""
    return frozenset(
        (method, route.path) for route in discovery.routes for method in route.methods or ("ANY",)
    )


def compare(
    found: frozenset[Pair],
    running: Iterable[tuple[str, str, str]],
    modules: frozenset[str],
    conditional: frozenset[Pair] = frozenset(),
) -> Comparison:
    """Return how `found` differs from the rows (method, path, module of the view) of the running application.

    `modules` are the project's own, `conditional` those of `found` that depend on a setting.
    """
    rows = {(method, path): module for method, path, module in running}
    own = frozenset(pair for pair, module in rows.items() if _is_own(module, modules))
    both = found & rows.keys()
    extra = found - rows.keys()
    foreign = frozenset(rows) - own - found
    return Comparison(frozenset(both), own - found, extra - conditional, foreign, extra & conditional)


def _is_own(module: str, modules: frozenset[str]) -> bool:
    return module in modules or any(each.endswith(f".{module}") for each in modules)


def running_routes(folder: Path, target: str, python: str) -> list[tuple[str, str, str]]:
    """Return the rows of the running application; `target` "django:SETTINGS" for a Django project.

    Raises CalledProcessError if the application doesn't start.
    """
    name = "runtime_django_routes.py" if target.startswith("django:") else "runtime_routes.py"
    script = Path(__file__).parent / name
    done = subprocess.run(
        [python, str(script.resolve()), target],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder.resolve())},
        stdout=subprocess.PIPE,
        timeout=TIME_LIMIT,
        check=True,
    )
    return [tuple(row) for row in json.loads(done.stdout.decode().splitlines()[-1])]


def _read(folder: Path, app: str) -> tuple[Project, Discovery, float]:
    started = time.perf_counter()
    project = read_project(folder, workers=2)
    state = solve(Program(project.modules, package=project.package))
    discovery = discover(state, project, Options(app=app), readers=READERS)
    return project, discovery, time.perf_counter() - started


def _print(comparison: Comparison, *, quiet: bool) -> None:
    for name in ("missing", "extra", "foreign", "conditional"):
        pairs: frozenset[Pair] = getattr(comparison, name)
        for method, path in sorted(pairs, key=lambda pair: pair[::-1]) if not quiet else ():
            print(f"{name:<8} {method} {path}")


def main(arguments: list[str] | None = None) -> int:
    """Print the comparison; return 1 if recall or precision is below --floor."""
    parser = argparse.ArgumentParser(prog="route_recall", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path, help="the folder that the project's imports start from")
    parser.add_argument(
        "targets",
        nargs="+",
        help="module:expression of the application, as `wsgi:create_app()`; several are united",
    )
    parser.add_argument("--python", default=sys.executable, help="the Python that can import the application")
    parser.add_argument("--app", default="", help="as the report's --app: a plain WSGI callable, module:name")
    parser.add_argument(
        "--floor", type=float, default=0.0, help="the least recall and precision that is well"
    )
    parser.add_argument("--quiet", action="store_true", help="only the figures")
    options = parser.parse_args(arguments)
    project, discovery, took = _read(options.folder, options.app)
    running = [
        row for target in options.targets for row in running_routes(options.folder, target, options.python)
    ]
    modules = frozenset(each.name for each in project.modules)
    found = compare(pairs_of(discovery), running, modules, _conditional(discovery))
    _print(found, quiet=options.quiet)
    for remark in () if options.quiet else (*discovery.unread, *discovery.crashed):
        print(f"unread   {remark}")
    print(
        f"{project.lines} lines, {took:.1f} s, {len(found.both) + len(found.missing)} pairs of method and path: "
        f"{len(found.missing)} missing, {len(found.extra)} extra, {len(found.conditional)} by a setting, {len(found.foreign)} of libraries; "
        f"recall {found.recall:.4f}, precision {found.precision:.4f}"
    )
    return int(min(found.recall, found.precision) < options.floor)


if __name__ == "__main__":
    sys.exit(main())
