"""What the servers under test are pointed at: the example that the environment names, through the bridge.

EXAMPLE_FOLDER is the example's folder, EXAMPLE_MODULE the module in it that holds `application`.
"""

from __future__ import annotations

import importlib
import os
import sys

from bridge import WsgiToAsgi

__all__ = ["app"]

sys.path.insert(0, os.environ["EXAMPLE_FOLDER"])
app = WsgiToAsgi(importlib.import_module(os.environ["EXAMPLE_MODULE"]).application)
