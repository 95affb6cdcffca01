"""A FastAPI application behind AsgiToWsgi, apart from the others because FastAPI is slow to import."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel

from bridge import AsgiToWsgi
from tests.adapters.way_back_apps import lifespan

__all__ = ["fastapi_wsgi"]


class Item(BaseModel):
    name: str
    price: float


fastapi = FastAPI(lifespan=lifespan)


@fastapi.get("/items/{number}")
async def read_item(number: int, detail: str = "none") -> dict[str, Any]:
    return {"number": number, "detail": detail}


@fastapi.post("/items", status_code=201)
def create_item(item: Item) -> Item:
    """Run in a thread, as FastAPI does with a plain function."""
    return Item(name=item.name.upper(), price=item.price * 2)


fastapi_wsgi = AsgiToWsgi(fastapi)
