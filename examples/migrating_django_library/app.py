"""The library while it moves: `uvicorn app:app`, in this folder."""

import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.append(os.path.join(os.path.dirname(HERE), "django_library"))

import modern  # noqa: E402 - this and the rest are found by the line above
from django.conf import settings  # noqa: E402
from library_site.wsgi import application  # noqa: E402

from bridge import Migration  # noqa: E402

RULES = os.path.join(HERE, "migration.toml")


def moved():
    """Everything that has moved or will, for replay: modern answers, and can still ask Django who is there."""
    rules = dict.fromkeys(modern.ROUTES, "modern")
    return Migration(application, modern.create_app(settings.INSTANCE), routes=rules, store="memory:")


app = Migration(application, modern.create_app(settings.INSTANCE), config=RULES)
