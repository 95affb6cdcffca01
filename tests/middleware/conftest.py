"""Behind middleware as without: afterwards nothing runs and nothing waits (tests/faults/conftest.py)."""

import warnings

from tests.faults.conftest import bridged, executor

with warnings.catch_warnings():
    # asgi-correlation-id imports it at its first request, and it imports eventlet, which warns of itself.
    warnings.simplefilter("ignore")
    import sentry_sdk

__all__ = ["bridged", "executor", "sentry_sdk"]
