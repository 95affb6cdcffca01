"""Findings and routes for tests of what comes after them, with only what a test is about written out."""

from __future__ import annotations

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

__all__ = ["HTTPX", "finding", "route"]

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
