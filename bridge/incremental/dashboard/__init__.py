"""The web page of a migration: `Dashboard` is an ASGI application that talks to the store alone.

access        who may see it: a token, or nobody but this machine; forged requests are refused
pages         what is shown, as HTML
application   which request gets what
"""

from __future__ import annotations

from bridge.incremental.dashboard.application import Dashboard

__all__ = ["Dashboard"]
