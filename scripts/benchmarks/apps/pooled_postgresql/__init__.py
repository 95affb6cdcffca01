"""A Django database backend: PostgreSQL through psycopg2 and a pool. Django itself has a pool for psycopg 3 only."""

import sys

# Django prefers psycopg 3 where both are installed; this package is imported before its backend is.
sys.modules["psycopg"] = None  # type: ignore[assignment]  # what makes the import fail (sys.modules' documentation)
