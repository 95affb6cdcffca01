"""A file that could not be read.

## What it does

Lists files that cannot be decoded or parsed, Python 2 among them, and files too large to be written by hand.

## Why it blocks

Nothing is known of what stands in it: a route that runs through it may block without a finding.

## Example

    # legacy/report.py
    print_statement = "print 'Python 2'"

## Use instead

Correct the file, or exclude it in `[tool.wsgi-bridge]` if it does not belong to the application.

    # legacy/report.py
    print("Python 3")

## References

- https://docs.python.org/3/howto/pyporting.html
"""

from __future__ import annotations

from collections.abc import Iterator

from bridge.analysis.model import Severity
from bridge.analysis.rules.base import Inspection, Obstacle, Rule

__all__ = ["RULE"]


def obstacles(inspection: Inspection) -> Iterator[Obstacle]:
    """Yield each file with a diagnostic."""
    for each in inspection.project.diagnostics:
        yield Obstacle(sink=each.file, message=each.message, file=each.file, line=each.line)


RULE = Rule(
    code="WB901",
    name="unreadable-file",
    message="{sink} could not be read",
    severity=Severity.WARNING,
    effort=13,
    obstacles=obstacles,
)
