"""A package that works under WSGI only and has no async sibling.

## What it does

Finds dependencies that the knowledge base knows as bound to WSGI, without a replacement.

## Why it blocks

What the package does has to be done otherwise in an async application, or stays on the WSGI side of the bridge.

## Example

    from flask_admin import Admin

    admin = Admin(app)

## Use instead

Keep the part that needs it on the WSGI side: mount it, or serve it through the bridge beside the async part.

    from bridge import WsgiToAsgi

    application = WsgiToAsgi(app)

## References

- https://flask.palletsprojects.com/en/stable/async-await/#extensions
"""

from __future__ import annotations

from collections.abc import Iterator

from bridge.analysis.model import DependencyStatus, Severity
from bridge.analysis.rules.base import Inspection, Obstacle, Rule

__all__ = ["RULE"]


def obstacles(inspection: Inspection) -> Iterator[Obstacle]:
    """Yield each such dependency."""
    for each in inspection.extensions(DependencyStatus.WSGI_ONLY):
        if not each.replacement:
            yield Obstacle(
                sink=each.name,
                message=f"{each.name} works under WSGI only; keep what needs it on the WSGI side",
                file=each.file,
                line=each.line,
            )


RULE = Rule(
    code="WB603",
    name="wsgi-only-package",
    message="{sink} works under WSGI only",
    severity=Severity.INFO,
    effort=0,
    obstacles=obstacles,
)
