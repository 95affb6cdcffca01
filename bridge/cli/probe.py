"""What the panel says about an application that this process will not run itself.

With several workers, a reloader or granian, other processes import the application. The parent does not:
it would hold its memory, its threads and its database connections for nothing, and they do not survive a
fork. A short-lived process imports it instead and tells what it found, or what is wrong with it.

    parent                        probe (spawned)
    ------                        ---------------
    Process(probe) -------------> load(target)
    describe() <-- Description or CommandError
    terminate
"""

from __future__ import annotations

import multiprocessing
import signal
from dataclasses import dataclass
from multiprocessing.connection import Connection

from bridge.cli.errors import CommandError
from bridge.cli.loading import Loaded, load
from bridge.cli.settings import ServeSettings

__all__ = ["Description", "ProbeDied", "describe_in_process", "described"]

GRACE = 2.0  # seconds that a probe's own threads get to end before it is killed


@dataclass(frozen=True, slots=True)
class Description:
    """An application in words: its name as a target, its framework or None, the folder it lives in."""

    name: str
    framework: str | None
    home: str


class ProbeDied(CommandError):
    """The process that imported the application ended without an answer."""

    def __init__(self, target: str, exit_code: int | None) -> None:
        super().__init__(
            f"the process that imported {target} ended with exit code {exit_code} and said nothing.",
            advice=[
                "Import it by hand to see why:",
                f"  python -X faulthandler -c 'import {target.partition(':')[0]}'",
            ],
        )
        self.target = target
        self.exit_code_seen = exit_code


def described(loaded: Loaded) -> Description:
    """Return the words for an application that is loaded."""
    framework = None if loaded.framework is None else str(loaded.framework)
    return Description(loaded.name, framework, loaded.home)


def describe_in_process(settings: ServeSettings) -> Description:
    """Return what another process finds at the target of `settings`; raises what `load` raises there."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_probe, args=(settings, theirs), daemon=True)
    process.start()
    theirs.close()
    try:
        answer = ours.recv()
    except EOFError:
        process.join()
        raise ProbeDied(settings.target, process.exitcode) from None
    finally:
        ours.close()
        _end(process)
    if isinstance(answer, CommandError):
        raise answer
    assert isinstance(answer, Description)
    return answer


def _probe(settings: ServeSettings, connection: Connection) -> None:
    # Ctrl+C reaches the parent as well, which says what there is to say.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        answer: Description | CommandError = described(load(settings.target, settings.folder))
    except CommandError as error:
        answer = error
    connection.send(answer)


def _end(process: multiprocessing.process.BaseProcess) -> None:
    """End the probe; the application may have started threads that never do."""
    process.terminate()
    process.join(GRACE)
    if process.is_alive():
        process.kill()
        process.join()
