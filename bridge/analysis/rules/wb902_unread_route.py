"""A registration of routes that could not be followed.

## What it does

Lists what the frameworks' readers saw and could not resolve: a path that is computed, a router from a package
that is not there, middleware by a name that leads nowhere.

## Why it blocks

The routes behind it are missing in this report.

## Example

    for name in load_plugins():
        app.register_blueprint(import_module(name).blueprint)

## Use instead

Nothing has to change. Where it is easy, write the registration out; otherwise look at these routes by hand.

    from plugins.reports import blueprint as reports

    app.register_blueprint(reports)

## References

- https://flask.palletsprojects.com/en/stable/blueprints/
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bridge.analysis.model import Severity
from bridge.analysis.rules.base import Inspection, Obstacle, Rule

__all__ = ["RULE"]

PLACE = re.compile(r"(?P<file>[^\s:]+\.\w+):(?P<line>\d+)")


def obstacles(inspection: Inspection) -> Iterator[Obstacle]:
    """Yield each thing that a reader could not follow."""
    for words in inspection.discovery.unread:
        place = PLACE.search(words)
        file, line = (place["file"], int(place["line"])) if place else ("", 0)
        yield Obstacle(
            sink=PLACE.sub(r"\g<file>", words),  # without the line, which must not be in a fingerprint
            message=f"not followed: {words}",
            file=file,
            line=line,
        )


RULE = Rule(
    code="WB902",
    name="unread-route",
    message="{sink} could not be followed",
    severity=Severity.INFO,
    effort=0,
    obstacles=obstacles,
)
