"""A request that asks a cache whose backend may be on the network.

## What it does

Finds `django.core.cache`, Flask-Caching, Beaker, dogpile.cache and cachelib.

## Why it blocks

What a `get` costs depends on the settings: nothing in local memory, a file, a query or a round trip elsewhere.
Under a stampede, caches with locks wait for the one that fills them.

## Example

    from django.core.cache import cache

    def menu(request):
        return cache.get_or_set("menu", build_menu, 60)

## Use instead

    from django.core.cache import cache

    async def menu(request):
        return await cache.aget_or_set("menu", build_menu, 60)

## References

- https://docs.djangoproject.com/en/stable/topics/cache/#asynchronous-support
"""

from __future__ import annotations

from bridge.analysis.model import Severity
from bridge.analysis.rules.base import Rule

__all__ = ["RULE"]

RULE = Rule(
    code="WB225",
    name="cache-framework",
    message="{sink} asks a cache that may be far away",
    severity=Severity.WARNING,
    sinks=(
        "django.core.cache",
        "flask_caching",
        "flask_cache",
        "beaker",
        "dogpile",
        "cachelib",
        "werkzeug.contrib.cache",
        "diskcache",
        "cacheops",
        "flask_session",
        "aiocache",
        "cashews",
    ),
)
