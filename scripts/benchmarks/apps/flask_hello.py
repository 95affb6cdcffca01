"""Flask's hello world: the framework as it comes, one view."""

from __future__ import annotations

from flask import Flask

from scripts.benchmarks.apps.content import HELLO

__all__ = ["app"]

app = Flask(__name__)


@app.get("/")
def hello() -> str:
    """13 bytes of HTML."""
    return HELLO.decode()
