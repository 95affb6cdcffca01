"""Legacy and modern side by side: which application answers a route, and proof that both say the same.

patterns rules table paths      which rule is a request's (pure)
canary                          who is in the percentage (pure)
migration fallback lifespans    the ASGI application
store/                          what all workers share: settings, counters, differences
compare/                        two responses, and what differs (pure)
shadow guard                    ask both; roll back
"""

from __future__ import annotations

__all__: list[str] = []
