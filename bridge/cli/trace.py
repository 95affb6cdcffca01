"""`wsgi-bridge trace -o FILE -- COMMAND`: run a command and record what its requests really wait for."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from errno import ENOENT
from pathlib import Path
from typing import Any

import click

import bridge
from bridge.analysis.knowledge import Cooperative, load_knowledge
from bridge.analysis.model import Category, Severity
from bridge.cli.analysing import configuration_or_error
from bridge.cli.errors import CommandError
from bridge.cli.output_file import CannotWrite
from bridge.cli.sections import SectionedCommand, option
from bridge.observe.trace.parts import merge, read_parts
from bridge.reports.wording import counted

__all__ = ["trace"]

INJECTED = Path(bridge.__file__).resolve().parent / "observe" / "trace" / "injected"
STATE = {Category.THREAD_LOCAL, Category.PROCESS_STATE}  # they do not wait
SHOWN = 10  # lines of the summary

# Asks once a request, and has all permissions of the user from then on.
PERMITTED = "django.contrib.auth.models.PermissionsMixin.has_perm"

# Validating a form of texts waits for nothing; of relations and unique fields it asks.
ASKING_SOMETIMES = frozenset(
    {
        PERMITTED,
        "django.forms.ModelForm.is_valid",
        "django.db.models.Model.full_clean",
        "django.db.models.Model.validate_unique",
    }
)

# What waits on behalf of something that the report speaks of -> its name there. `iterator()` asks while its rows are
# taken (the choices of a form's field are), and what a transaction's end sends belongs to the `atomic` that began it.
SPOKEN_OF_AS = {
    "django.db.models.QuerySet.iterator": "django.db.models.QuerySet.__iter__",
    "django.db.transaction.Atomic.__exit__": "django.db.transaction.Atomic.__enter__",
    "django.contrib.auth.models.PermissionsMixin.has_perms": PERMITTED,
    "django.contrib.auth.models.PermissionsMixin.has_module_perms": PERMITTED,
}


class NoCommand(CommandError):
    """There is nothing to run."""

    def __init__(self) -> None:
        super().__init__(
            "no command was given.",
            advice=[
                "Write it behind --, as you would start it without us:",
                "  wsgi-bridge trace -o trace.json -- pytest",
            ],
        )


class UnknownProgram(CommandError):
    """The command's program is not there, or cannot be started."""

    def __init__(self, program: str, reason: str) -> None:
        super().__init__(
            f"cannot start {program!r}: {reason}.",
            facts=[("PATH", os.environ.get("PATH", ""))],
            advice=[
                "Write the command as you would start it without us:",
                "  wsgi-bridge trace -- python -m pytest",
            ],
        )


@click.command(
    cls=SectionedCommand,
    short_help="Run a command, and record what its requests really wait for.",
    examples=(
        "wsgi-bridge trace -- pytest",
        "wsgi-bridge trace --output-file trace.json -- python manage.py test",
        "wsgi-bridge report --trace trace.json",
    ),
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
)
@click.argument("command", metavar="-- COMMAND...", nargs=-1, type=click.UNPROCESSED)
@option(
    "What is written",
    "--output-file",
    "-o",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("trace.json"),
    show_default="trace.json",
    help="The trace, for `report --trace`.",
)
@option(
    "What is traced",
    "--root",
    metavar="FOLDER",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    default=Path(),
    show_default="here",
    help="Where the project's own code is: what lies elsewhere is a library's.",
)
@click.pass_context
def trace(context: click.Context, command: tuple[str, ...], output_file: Path, root: Path) -> None:
    """Run COMMAND and record which blocking calls happen under which route, how often and for how long.

    Every Python that COMMAND starts is traced, forks and test workers included. Its output and its exit code
    are passed on.
    """
    if not command:
        raise NoCommand
    _require_folder(output_file)
    with tempfile.TemporaryDirectory(prefix="wsgi-bridge-trace-") as folder:
        started = time.perf_counter()
        code = _run(command, _environment(Path(folder), root))
        seconds = time.perf_counter() - started
        parts = read_parts(Path(folder, "parts"))
    found = _document(command, code, seconds, parts)
    _write(output_file, found)
    _summarise(found, output_file)
    context.exit(code)


def _require_folder(file: Path) -> None:
    if not file.parent.is_dir():
        raise CannotWrite(file, FileNotFoundError(ENOENT, os.strerror(ENOENT)))


def _environment(folder: Path, root: Path) -> dict[str, str]:
    """Return the environment in which every Python traces itself, with the plan written down for it."""
    parts = folder / "parts"
    parts.mkdir()
    plan = folder / "plan.txt"
    plan.write_text(
        json.dumps({"root": str(root.resolve()), "folder": str(parts), **_targets(root)}), "utf-8"
    )
    path = [str(INJECTED), *filter(None, [os.environ.get("PYTHONPATH", "")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(path), "WSGI_BRIDGE_TRACE": str(plan)}


def _targets(root: Path) -> dict[str, Any]:
    """Return the callables that are watched, which of them are lazy or minor, and which go by another's name."""
    knowledge = load_knowledge(configuration_or_error(root).rows)
    calls = [call for call in knowledge.calls() if call.category not in STATE and not call.is_pattern]
    lazy = [
        call.name
        for call in calls
        if (call.cooperative is Cooperative.DRIVER and call.implicit) or call.name in ASKING_SOMETIMES
    ]
    minor = [call.name for call in calls if call.severity is Severity.INFO]
    targets = [*(call.name for call in calls), *SPOKEN_OF_AS]
    return {"targets": targets, "lazy": [*lazy, *SPOKEN_OF_AS], "minor": minor, "names": SPOKEN_OF_AS}


def _run(command: tuple[str, ...], environment: dict[str, str]) -> int:
    """Return the exit code as a shell has it: 128 and the signal's number for a command that a signal ended."""
    program = shutil.which(command[0])
    if program is None:
        raise UnknownProgram(command[0], "there is no such program")
    # Ctrl-C goes to the whole group: the command decides what becomes of it, and its trace is kept. A handler of ours,
    # because a signal that is ignored stays ignored in the command.
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        code = subprocess.call([program, *command[1:]], env=environment)  # noqa: S603 - what the user asked for
    except OSError as error:
        raise UnknownProgram(command[0], error.strerror or str(error)) from None
    finally:
        signal.signal(signal.SIGINT, before)
    return code if code >= 0 else 128 - code


def _document(
    command: tuple[str, ...], code: int, seconds: float, parts: list[dict[str, Any]]
) -> dict[str, Any]:
    return {
        "schema_version": 1,
        "tool": {"name": "wsgi-bridge", "version": bridge.__version__},
        "command": list(command),
        "exit_code": code,
        "seconds": round(seconds, 3),
        "processes": len(parts),
        **merge(parts),
    }


def _write(file: Path, found: dict[str, Any]) -> None:
    new = file.with_name(f"{file.name}.new")
    try:
        new.write_text(json.dumps(found, indent=1) + "\n", "utf-8")
        new.replace(file)
    except OSError as error:
        raise CannotWrite(file, error) from None


def _summarise(found: dict[str, Any], file: Path) -> None:
    """Say on standard error what was seen: standard output is the command's."""
    requests = sum(each["count"] for each in found["requests"])
    calls = [call for call in found["calls"] if call["phase"] == "request" and call["stack"]]
    for line in (*_complaint(found, requests), _total(calls, requests, file), *map(_line, calls[:SHOWN])):
        click.echo(line, err=True)


def _complaint(found: dict[str, Any], requests: int) -> list[str]:
    if not found["processes"]:
        return [
            f"wsgi-bridge trace: nothing was traced: {found['command'][0]} ran no Python that looks at PYTHONPATH.",
            "It is no Python program, or older than Python 3.10, or started with -I or -E, or runs in a container.",
        ]
    if not requests:
        return [
            f"wsgi-bridge trace: processes traced: {found['processes']}, and none served a request.",
            "Run what sends requests to the application: its tests, or a server with a client beside it.",
        ]
    return []


def _total(calls: list[dict[str, Any]], requests: int, file: Path) -> str:
    routes = {call["route"] for call in calls}
    count = sum(call["count"] for call in calls)
    return (
        f"wsgi-bridge trace: {counted(requests, 'request')}, {counted(count, 'blocking call')} "
        f"on {counted(len(routes), 'route')}; see {file}"
    )


def _line(call: dict[str, Any]) -> str:
    return f"  {call['seconds']:8.3f} s {call['count']:6} x  {call['sink']}  on {call['route']}"
