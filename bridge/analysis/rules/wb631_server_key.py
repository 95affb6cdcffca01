"""Code that asks the WSGI server itself.

## What it does

Finds reads of `wsgi.input`, `wsgi.file_wrapper`, `wsgi.multithread`, `werkzeug.socket`, `gunicorn.socket`,
`uwsgi.*` and other keys of `environ` that a server puts there.

## Why it blocks

ASGI has no `environ`. The bridge gives the keys that PEP 3333 names, but none of a particular server, and an
async application gets none at all.

## Example

    def download(environ, start_response):
        start_response("200 OK", [])
        return environ["wsgi.file_wrapper"](open("big.bin", "rb"))

## Use instead

    from starlette.responses import FileResponse

    async def download(request):
        return FileResponse("big.bin")

## References

- https://peps.python.org/pep-3333/#environ-variables
- https://asgi.readthedocs.io/en/latest/specs/www.html
"""

from __future__ import annotations

from collections.abc import Iterator

from bridge.analysis.facts import Opcode
from bridge.analysis.model import Severity
from bridge.analysis.rules.base import Inspection, Obstacle, Rule
from bridge.analysis.rules.request_code import code_on, constants
from bridge.analysis.solving.values import CONSTANT

__all__ = ["RULE"]

KEY = 3  # where ITEM names the register of its key
PREFIXES = (
    "wsgi.",
    "werkzeug.s",
    "gunicorn.",
    "uwsgi.",
    "mod_wsgi.",
    "waitress.",
    "eventlet.",
    "gevent.",
    "paste.",
)


def obstacles(inspection: Inspection) -> Iterator[Obstacle]:
    """Yield each place where such a key is read by `[...]`."""
    values = inspection.state.values
    keys = [
        value
        for value, kind in enumerate(values.kinds)
        if kind == CONSTANT and str(values.parts[value][1]).startswith(PREFIXES)
    ]
    seen: set[tuple[str, int, str]] = set()
    for spot in code_on(inspection, keys, Opcode.ITEM, operands={Opcode.ITEM: KEY}):
        for key in sorted(map(str, constants(spot, spot.instruction[KEY]))):
            if key.startswith(PREFIXES) and (spot.file, spot.line, key) not in seen:
                seen.add((spot.file, spot.line, key))
                message = f"reads {key} from the WSGI server; an ASGI application has no environ"
                yield spot.obstacle(sink=key, message=message)


RULE = Rule(
    code="WB631",
    name="server-key",
    message="{sink} is the WSGI server's own",
    severity=Severity.WARNING,
    effort=3,
    obstacles=obstacles,
)
