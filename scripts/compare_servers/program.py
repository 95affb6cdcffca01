"""Starts the servers, goes on the journey, prints the report."""

from __future__ import annotations

import contextlib
import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from scripts.compare_servers.exchange import Client
from scripts.compare_servers.journey import Journey, LoginError
from scripts.compare_servers.load import put_load
from scripts.compare_servers.options import Options, read_options
from scripts.compare_servers.report import Result, as_json, as_text
from scripts.compare_servers.scenario import Scenario, read_scenario
from scripts.compare_servers.servers import Application, Server, ServerError, complaints, serving
from scripts.compare_servers.trio import Clients, Trio

__all__ = ["main"]


def main(arguments: Sequence[str]) -> int:
    """Return 0 where nothing unexpected was found, 1 where something was, 2 where it could not be tried."""
    options = read_options(arguments)
    try:
        scenario = read_scenario(options.scenario) if options.scenario else Scenario()
        with _folder(options) as folder:
            result = compare_in(folder, options, scenario)
    except (LoginError, OSError, ServerError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    print("\n".join(as_text(result)))
    if options.json:
        options.json.write_text(json.dumps(as_json(result), indent=1) + "\n", "utf-8")
    return 0 if result.good else 1


def compare_in(folder: Path, options: Options, scenario: Scenario) -> Result:
    """Do all of it, with copies and logs in `folder`."""
    application = Application(
        target=options.target, folder=options.folder, python=options.python, environment=options.environment
    )
    with contextlib.ExitStack() as stack:
        servers = [
            stack.enter_context(serving(application, name, server, folder))
            for name, server in (("first", "waitress"), ("other", options.server), ("again", "waitress"))
        ]
        return _walk(servers, options, scenario)


def _walk(servers: list[Server], options: Options, scenario: Scenario) -> Result:
    first, other, again = (Client(server.port, scenario.headers) for server in servers)
    clients = Clients(first, other, again)
    trio = Trio(clients, ignored=scenario.ignore_headers)
    try:
        journey = Journey(trio, scenario, options.limits)
        journey.run()
        loads = {}
        for place, name in ((0, "waitress"), (1, "bridge")) if options.load else ():
            expected = {
                targets[place]: answers[place].status for targets, answers in journey.last_crawl.values()
            }
            loads[name] = put_load(clients[place], expected, options.load)
    finally:
        for client in clients:
            client.close()
    return Result(
        target=options.target,
        server=options.server,
        findings=trio.findings,
        expected=scenario.expected,
        complaints={
            name: complaints(server.log)
            for name, server in zip(("waitress", "bridge"), servers, strict=False)
        },
        loads=loads,
    )


@contextlib.contextmanager
def _folder(options: Options) -> Iterator[Path]:
    if options.keep:
        options.keep.mkdir(parents=True)
        yield options.keep.resolve()
    else:
        with tempfile.TemporaryDirectory(prefix="compare-") as folder:
            yield Path(folder)
