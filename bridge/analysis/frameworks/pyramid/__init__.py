"""Pyramid.

configuration.py  configurators: includes, prefixes, scans
directives.py     methods that a project adds to its configurators
views.py          views, by call and by decorator
surroundings.py   tweens, subscribers, the security policy
routes.py         patterns and views -> routes
reader.py         all of it
"""

from __future__ import annotations

from bridge.analysis.frameworks.pyramid.reader import PyramidReader

__all__ = ["PyramidReader"]
