"""Makes and fills the database when there is none yet, so that the demonstration just starts."""

import sqlite3

from django.conf import settings
from django.core.management import call_command
from django.db import connection


def first_start():
    """Run the migrations and the seed command once. Safe when several workers start at once."""
    # An exclusive SQLite transaction is a lock that every platform has and that a crash releases.
    lock = sqlite3.connect(settings.INSTANCE / "first_start.sqlite3", timeout=60, isolation_level=None)
    try:
        lock.execute("BEGIN EXCLUSIVE")
        lock.execute("CREATE TABLE IF NOT EXISTS filled (done INTEGER)")
        if not lock.execute("SELECT 1 FROM filled").fetchone():
            call_command("migrate", verbosity=0)
            call_command("seed_library", verbosity=0)
            lock.execute("INSERT INTO filled VALUES (1)")
        lock.execute("COMMIT")
    finally:
        lock.close()
        connection.close()  # SQLite connections must not live through a fork
