"""`wsgi-bridge replay TRAFFIC LEGACY MODERN`: the same requests to both, and what differs."""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import click

from bridge.cli.errors import CommandError
from bridge.cli.progress import showing_progress
from bridge.cli.sections import SectionedCommand, option
from bridge.errors import BridgeError
from bridge.incremental.configuration import Configuration, ConfigurationFile, find_configuration
from bridge.incremental.shadow import SAFE_METHODS
from bridge.incremental.traffic.reading import read_traffic
from bridge.incremental.traffic.replay import Replay, ReplayOptions
from bridge.incremental.traffic.requests import RecordedRequest
from bridge.incremental.traffic.targets import AsgiTarget, Target, UrlTarget
from bridge.protocol.asgi_types import AsgiApp

__all__ = ["replay"]

REQUESTS, COMPARING, OUTPUT = "Which requests", "How they are compared", "What is printed"
FORMATS = ("text", "json", "junit")


class ReplayProblem(CommandError):
    """Nothing can be replayed."""

    def __init__(self, problem: str, *advice: str) -> None:
        super().__init__(f"{problem.rstrip('.')}.", advice=advice)


@click.command(
    cls=SectionedCommand,
    short_help="Send recorded requests to two applications, and compare.",
    examples=(
        "wsgi-bridge replay traffic.jsonl shop.wsgi:application shop.asgi:app",
        "wsgi-bridge replay access.log http://127.0.0.1:8000 http://127.0.0.1:8001",
    ),
)
@click.argument("traffic", metavar="TRAFFIC", type=click.Path(path_type=Path))
@click.argument("legacy", metavar="LEGACY")
@click.argument("modern", metavar="MODERN")
@option(REQUESTS, "--unsafe", is_flag=True, help="POST and the like as well: what they do is done, twice.")
@option(REQUESTS, "--limit", metavar="N", type=click.IntRange(1), help="The first N requests only.")
@option(
    REQUESTS,
    "--header",
    "headers",
    metavar="TEXT",
    multiple=True,
    help="Send 'Name: value' along; repeatable.",
)
@option(REQUESTS, "--parallel", metavar="N", type=click.IntRange(1), default=1, help="Clients at one time.")
@option(
    REQUESTS,
    "--timeout",
    metavar="SECONDS",
    type=click.FloatRange(0, min_open=True),
    default=30.0,
    help="What an answer may take.",
)
@option(REQUESTS, "--verify/--no-verify", default=True, help="Check certificates of https targets.")
@option(COMPARING, "--noise/--no-noise", default=True, help="Ask LEGACY twice: what differs by itself.")
@option(COMPARING, "--ignore-header", "ignore_headers", metavar="NAME", multiple=True, help="Repeatable.")
@option(
    COMPARING,
    "--ignore-field",
    "ignore_fields",
    metavar="FIELD",
    multiple=True,
    help="Such as '$.items[*].id'; repeatable.",
)
@option(
    COMPARING,
    "--config",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Group by its routes; else migration.toml here.",
)
@option(
    OUTPUT,
    "--output-format",
    metavar="NAME",
    type=click.Choice(FORMATS),
    default="text",
    help="text, json, junit.",
)
@option(OUTPUT, "--output-file", metavar="FILE", type=click.Path(path_type=Path), help="Write there instead.")
@click.pass_context
def replay(ctx: click.Context, /, traffic: Path, legacy: str, modern: str, **options: Any) -> None:
    """Send recorded requests to two targets, and tell what they answer differently.

    \b
    TRAFFIC is one of
      traffic.har             an HTTP Archive, as browsers save it
      access.log              a log in the combined format
      traffic.jsonl           what serve --record wrote
    LEGACY and MODERN are each one of
      http://host/prefix      a running server
      module:attribute        an application, WSGI or ASGI, as serve takes it

    Requests of one client keep their order, and the cookies that they are given. Without --unsafe only GET and
    other safe methods are sent.

    Exit code 0: all answers are the same, but for noise; 1: some differ; 2: nothing could be replayed.
    """  # noqa: D301 - click reads the backslash-b as "do not wrap"
    try:
        requests, left_out = _requests(traffic, options)
        found = Replay(_target(legacy, options), _target(modern, options), _replay_options(options))
        with showing_progress() as progress:
            asyncio.run(found.run(requests, progress))
    except CommandError:
        raise
    except BridgeError as error:
        raise ReplayProblem(str(error)) from error
    from bridge.cli.replay_report import write_report

    write_report(found, left_out, options["output_format"], options["output_file"])
    ctx.exit(1 if found.different else 0)


def _requests(traffic: Path, options: dict[str, Any]) -> tuple[list[RecordedRequest], Counter[str]]:
    """Return what is to be sent, and what is not, by reason."""
    read = read_traffic(traffic)
    requests = read.requests
    if not options["unsafe"]:
        requests = [request for request in requests if request.method in SAFE_METHODS]
        read.left_out["with an unsafe method (--unsafe sends them)"] += len(read.requests) - len(requests)
    if not requests:
        reasons = ", ".join(f"{number} {reason}" for reason, number in read.left_out.items() if number)
        raise ReplayProblem(f"{traffic} has no request that can be sent: {reasons}")
    return requests[: options["limit"]], +read.left_out


def _target(text: str, options: dict[str, Any]) -> Target:
    if text.startswith(("http://", "https://")):
        return UrlTarget(text, verify=options["verify"], connections=options["parallel"])
    from bridge import WsgiToAsgi
    from bridge.cli.loading import load_any
    from bridge.protocol.callables import is_asgi

    loaded = load_any(text, str(Path.cwd()))
    app: AsgiApp = loaded.application if is_asgi(loaded.application) else WsgiToAsgi(loaded.application)
    return AsgiTarget(app, loaded.name)


def _replay_options(options: dict[str, Any]) -> ReplayOptions:
    rules = _rules(options["config"])
    return ReplayOptions(
        parallel=options["parallel"],
        timeout=options["timeout"],
        noise=options["noise"],
        headers=tuple(map(_header, options["headers"])),
        ignore_headers=tuple(name.lower() for name in options["ignore_headers"]),
        ignore_fields=options["ignore_fields"],
        table=None if rules is None else rules.table,
        secrets=() if rules is None else rules.secrets,
    )


def _header(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon or not name.strip():
        raise ReplayProblem(f"--header {text!r} is no header", "Write name and value: --header 'Accept: */*'")
    return name.strip(), value.strip()


def _rules(file: Path | None) -> Configuration | None:
    path = file or find_configuration(Path.cwd())
    if path is None:
        return None
    if (
        here := str(Path.cwd())
    ) not in sys.path:  # a command has not; there are the functions that rules name
        sys.path.append(here)
    return ConfigurationFile(path).read(load_functions=True)
