"""What takes the shop's routes over: Starlette, on the shop's own database and pictures."""

import asyncio
import os
import sqlite3
import time

from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

LONGEST_WAIT = 5.0  # seconds that a "tell me when it is back" request may hang
POLL = 0.25  # seconds between two looks


def create_app(instance, first_draft=False):
    """The ASGI application. The first draft had a mistake, which shadow requests brought to light."""
    database = os.path.join(instance, "shop.sqlite3")

    def pieces_of(slug):
        connection = sqlite3.connect(database)
        try:
            found = connection.execute("SELECT stock FROM product WHERE slug = ?", (slug,)).fetchone()
        finally:
            connection.close()
        return None if found is None else found[0]

    async def stock(request):
        """As the shop's, but that waiting holds no thread."""
        slug = request.path_params["slug"]
        until = time.monotonic() + min(_seconds(request.query_params.get("wait")), LONGEST_WAIT)
        pieces = await asyncio.to_thread(pieces_of, slug)
        while pieces == 0 and time.monotonic() < until:
            await asyncio.sleep(POLL)
            pieces = await asyncio.to_thread(pieces_of, slug)
        if pieces is None:
            return JSONResponse({"error": "unknown"}, 404)
        if first_draft:
            return JSONResponse({"slug": slug, "stock": pieces or None})
        return JSONResponse({"slug": slug, "stock": pieces})

    return Starlette(
        routes=[
            Route("/product/{slug}/stock", stock),
            Mount("/pictures", Pictures(directory=os.path.join(instance, "pictures"), check_dir=False)),
        ]
    )


def _seconds(text):
    """What `?wait=` says; nonsense is no wait, as Flask's `type=float` has it."""
    try:
        return float(text or 0)
    except ValueError:
        return 0.0


class Pictures(StaticFiles):
    """Files with the headers that the shop gives them."""

    def file_response(self, full_path, stat_result, scope, status_code=200):
        response = super().file_response(full_path, stat_result, scope, status_code)
        name = os.path.basename(full_path)
        response.headers["Content-Type"] = "image/svg+xml; charset=utf-8"
        response.headers["Cache-Control"] = "public, max-age=60"
        response.headers["Content-Disposition"] = f"inline; filename={name}"
        response.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'"
        return response
