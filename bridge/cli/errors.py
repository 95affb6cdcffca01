"""What a command says when it cannot go on: never a traceback, always what to write instead.

A `CommandError` is shown by `complaint.py` as three parts, so every class fills the same three slots:

    Error: <summary>                one sentence: what was got, what was expected

      <fact>  <value>               what was tried, where, what the cause was
      ...

    <advice>                        what to write instead; a line that is a command stands alone

Exit codes: 2 when the command line or the target is wrong, 1 when the machine is in the way of serving; of `check`
and `replay` 1 says something else, so what analyses or compares ends with 2 only.
"""

from __future__ import annotations

from collections.abc import Sequence

from bridge.errors import BridgeError

__all__ = ["CommandError", "MissingPackage", "OptionConflict", "PackageTooOld"]

Facts = Sequence[tuple[str, str]]


class CommandError(BridgeError):
    """A command cannot go on. `summary`, `facts` and `advice` are what its user is shown."""

    exit_code = 2

    def __init__(self, summary: str, *, facts: Facts = (), advice: Sequence[str] = ()) -> None:
        super().__init__(summary)
        self.summary = summary
        self.facts = tuple(facts)
        self.advice = tuple(advice)

    def __reduce__(self) -> tuple[object, ...]:
        """Cross a process border as a plain `CommandError`: what is shown stays, the attributes go."""
        return _rebuild, (self.summary, self.facts, self.advice, self.exit_code)


def _rebuild(summary: str, facts: Facts, advice: Sequence[str], exit_code: int) -> CommandError:
    error = CommandError(summary, facts=facts, advice=advice)
    error.exit_code = exit_code
    return error


class OptionConflict(CommandError):
    """Two options, or an option and a server, do not go together."""

    def __init__(self, summary: str, *advice: str) -> None:
        super().__init__(summary, advice=advice)


class LanesFileWrong(CommandError):
    """The file that `--lanes` names can't be used."""

    def __init__(self, file: str, problem: str) -> None:
        super().__init__(
            f"--lanes: {problem}",
            facts=[("file", file)],
            advice=["Have one written:", "  wsgi-bridge lanes", "Its format: migration_guide/lanes.md"],
        )


class ReportFileWrong(CommandError):
    """The file that `--dashboard-report` names is no report."""

    def __init__(self, file: str, problem: str) -> None:
        super().__init__(
            f"--dashboard-report: {problem}.",
            facts=[("file", file)],
            advice=[
                "Have one written:",
                "  wsgi-bridge report --output-format json --output-file report.json",
            ],
        )


class PackageTooOld(CommandError):
    """A package is installed, in a version that lacks what `serve` needs of it."""

    exit_code = 1

    def __init__(self, feature: str, package: str, version: str, *, minimum: str, python: str) -> None:
        super().__init__(
            f"{feature} needs {package} {minimum} or newer; {version} is installed.",
            facts=[("Python", python)],
            advice=[f"pip install '{package}>={minimum}'"],
        )
        self.feature = feature
        self.package = package
        self.version = version
        self.minimum = minimum


class MissingPackage(CommandError):
    """Something that was asked for needs a package that is not installed here."""

    exit_code = 1

    def __init__(self, feature: str, package: str, install: str, *, python: str) -> None:
        super().__init__(
            f"{feature} needs the package {package}, which is not installed.",
            facts=[("Python", python)],
            advice=[f"pip install {install}"],
        )
        self.feature = feature
        self.package = package
        self.install = install
