"""Flask and what is built like it: Quart, APIFlask, Flask-RESTful, Flask-RESTX, Flask-smorest.

mounting.py  applications and blueprints, prefixes
rules.py     rules as they are registered
views.py     what a rule leads to
hooks.py     what runs before and after
routes.py    rules, mounts, views and hooks -> routes
reader.py    all of it
"""

from __future__ import annotations

from bridge.analysis.frameworks.flask.reader import FlaskReader

__all__ = ["FlaskReader"]
