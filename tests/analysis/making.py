"""Small projects, findings and routes, with only what a test is about written out."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent
from typing import Any

from bridge.analysis.model import (
    Category,
    Confidence,
    Context,
    Finding,
    Replacement,
    Root,
    Route,
    Severity,
    Step,
)

__all__ = ["HTTPX", "finding", "route", "write_modules"]

HTTPX = Replacement("httpx", "httpx.AsyncClient.get")


def finding(**given: Any) -> Finding:
    """Return a finding of requests.get in shop.views.order on GET /x, but for what is `given`."""
    told = {
        "id": "F1",
        "rule": "WB201",
        "category": Category.NETWORK,
        "sink": "requests.get",
        "severity": Severity.ERROR,
        "confidence": Confidence.HIGH,
        "context": Context.REQUEST,
        "file": "shop/views.py",
        "line": 3,
        "column": 5,
        "symbol": "shop.views.order",
        "message": "requests.get waits for an answer over HTTP",
        "routes": ("GET /x",),
        "cooperative": True,
        "effort": 1,
        "fingerprint": "f",
        "replacement": HTTPX,
        **given,
    }
    told.setdefault("chain", (Step(told["symbol"], told["file"], told["line"]),))
    return Finding(**told)


def route(**given: Any) -> Route:
    """Return the Flask route GET /x, but for what is `given`."""
    told = {
        "framework": "flask",
        "methods": ("GET",),
        "path": "/x",
        "handler": "shop.views.order",
        "file": "shop/views.py",
        "line": 1,
        "roots": (Root(0, 0, "shop.views.order", "handler", "shop/views.py", 1),),
        **given,
    }
    return Route(**told)


def write_modules(folder: Path, texts: dict[str, str]) -> None:
    """Write modules below `folder`: `main` to main.py, `pkg__mod` to pkg/mod.py."""
    for name, text in texts.items():
        path = folder / f"{name.replace('__', '/')}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text), "utf-8")
