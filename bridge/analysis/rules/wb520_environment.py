"""A request that changes an environment variable.

## What it does

Finds assignments to `os.environ`, `os.putenv` and `os.unsetenv`.

## Why it blocks

The environment belongs to the process: every request that runs at the same time sees the change, and C code
that reads it meanwhile may crash.

## Example

    import os

    def report(request):
        os.environ["TZ"] = request.args["zone"]
        return render()

## Use instead

    from zoneinfo import ZoneInfo

    def report(request):
        return render(zone=ZoneInfo(request.args["zone"]))

## References

- https://docs.python.org/3/library/os.html#os.environ
"""

from __future__ import annotations

from collections.abc import Iterator

from bridge.analysis.facts import Opcode
from bridge.analysis.model import Category, Severity
from bridge.analysis.rules.base import Inspection, Obstacle, Rule
from bridge.analysis.rules.request_code import code_on, kin

__all__ = ["RULE"]

NAMES = ("os.environ", "os.environb")


def obstacles(inspection: Inspection) -> Iterator[Obstacle]:
    """Yield each place where a request assigns a variable of the environment."""
    objects = kin(inspection.state, NAMES)
    for spot in code_on(inspection, objects, Opcode.SETITEM):
        yield spot.obstacle(
            sink="os.environ",
            message="changes the environment of the whole process",
            category=Category.PROCESS_STATE,
        )


RULE = Rule(
    code="WB520",
    name="environment",
    message="{sink} belongs to the whole process",
    severity=Severity.WARNING,
    effort=3,
    sinks=(
        "os.putenv",
        "os.unsetenv",
        "os.environ",
    ),
    obstacles=obstacles,
)
