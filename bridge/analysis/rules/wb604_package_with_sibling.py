"""A package that has an async sibling.

## What it does

Finds dependencies that work under WSGI only or block, and for which the knowledge base names another package.

## Why it blocks

As long as the old package is there, what it does waits on threads.

## Example

    from flask_cors import CORS

    CORS(app)

## Use instead

    from quart_cors import cors

    app = cors(app)

## References

- https://quart.palletsprojects.com/en/latest/reference/quart_extensions/
"""

from __future__ import annotations

from collections.abc import Iterator

from bridge.analysis.model import DependencyStatus, Replacement, Severity
from bridge.analysis.rules.base import Inspection, Obstacle, Rule

__all__ = ["RULE"]


def obstacles(inspection: Inspection) -> Iterator[Obstacle]:
    """Yield each such framework extension; blocking libraries are reported where they are called."""
    for each in inspection.extensions(DependencyStatus.WSGI_ONLY):
        if each.replacement:
            yield Obstacle(
                sink=each.name,
                message=f"{each.name} works under WSGI only; {each.replacement} takes its place",
                file=each.file,
                line=each.line,
                replacement=Replacement(each.replacement, ""),
            )


RULE = Rule(
    code="WB604",
    name="package-with-sibling",
    message="{sink} has an async sibling",
    severity=Severity.INFO,
    effort=0,
    obstacles=obstacles,
)
