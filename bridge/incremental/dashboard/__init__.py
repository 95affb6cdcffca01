"""The web page of a migration: `Dashboard` is an ASGI application that talks to the store alone.

access        who may see it: a token, or nobody but this machine; forged requests are refused
analysed      the analyser's verdicts, from its JSON report
showing       what there is to see of each route, worked out
pages         as HTML
live          parts of an open page, whenever they have changed
requests      a request taken apart, a whole response
application   which request gets what
mounting      below a path of another application
"""

from __future__ import annotations

from bridge.incremental.dashboard.application import Dashboard

__all__ = ["Dashboard"]
