"""The shop while it moves: `uvicorn app:app`, in this folder."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "flask_shop"))

import modern
from shop import create_app, settings

from bridge import Migration

RULES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "migration.toml")
app = Migration(create_app(), modern.create_app(settings.INSTANCE), config=RULES)
