"""The command line of `scripts/compare`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from scripts.compare_servers.journey import Limits
from scripts.compare_servers.servers import BRIDGES

__all__ = ["Options", "read_options"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """`load`: seconds, 0 for none. `json`: where to write the findings, None for nowhere."""

    target: str
    folder: Path
    python: str
    environment: dict[str, str]
    server: str
    scenario: Path | None
    limits: Limits
    load: float
    json: Path | None
    keep: Path | None


def read_options(arguments: Sequence[str]) -> Options:
    """Parse; exits with 2 and a message where they make no sense."""
    parser = _parser()
    given = parser.parse_args(arguments)
    return Options(
        target=given.target,
        folder=given.folder.resolve(),
        python=given.python,
        environment=dict(_assignment(parser, text) for text in given.env),
        server=given.server,
        scenario=given.scenario,
        limits=Limits(depth=given.depth, pages=given.pages, per_shape=given.per_shape),
        load=given.load,
        json=given.json,
        keep=given.keep,
    )


def _assignment(parser: argparse.ArgumentParser, text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        parser.error(f"--env {text}: expected NAME=VALUE")
    return name, value


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="scripts/compare",
        description="Serves a WSGI application with waitress twice and with wsgi-bridge once, walks through all "
        "three in step, and reports where the bridge's answers differ from what waitress answers both times. "
        "It visits links, logs in, submits forms and asks for what does not exist: the application gets a copy "
        "of its folder, but what lies outside (mail, other services, a database server) is real.",
    )
    parser.add_argument("target", metavar="TARGET", help="module:attribute or 'module:factory()'")
    parser.add_argument(
        "--folder", type=Path, default=Path(), help="the application's folder, copied for each server [.]"
    )
    parser.add_argument(
        "--python",
        default=sys.executable,
        help="has the application, waitress and wsgi-bridge[serve] [this one]",
    )
    parser.add_argument(
        "--env",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="for the application; {folder} in the value is the server's copy of the folder; repeatable",
    )
    parser.add_argument(
        "--server",
        choices=BRIDGES,
        default="uvicorn",
        help="of `wsgi-bridge serve`; bare-uvicorn: WsgiToAsgi in uvicorn, without `serve` [uvicorn]",
    )
    parser.add_argument("--scenario", type=Path, metavar="FILE", help="login and more: see scenario.py")
    parser.add_argument("--depth", type=int, default=4, help="links away from the start [4]")
    parser.add_argument("--pages", type=int, default=150, help="in each crawl [150]")
    parser.add_argument("--per-shape", type=int, default=3, help="pages that differ in numbers only [3]")
    parser.add_argument(
        "--load", type=float, default=0.0, metavar="SECONDS", help="8 connections at the end [0]"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the findings here as well")
    parser.add_argument(
        "--keep", type=Path, metavar="FOLDER", help="leave copies and logs in this new folder"
    )
    return parser
