"""The application that the servers of the matrix are told to serve."""

from __future__ import annotations

import os

from tests.conformance.application import EXECUTOR, create, create_bridge

__all__ = ["application"]

application = create(create_bridge(os.environ[EXECUTOR]))
