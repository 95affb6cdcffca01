"""What `gunicorn --preload` imports: an application that has served already, in the process that will fork."""

from __future__ import annotations

import asyncio

from bridge import WsgiToAsgi
from tests.asgi_driver import AsgiCall
from tests.faults.applications import application as wsgi_application

__all__ = ["application"]

application = WsgiToAsgi(wsgi_application, max_threads=4)


async def _serve_in_the_master() -> None:
    answers = await asyncio.gather(*[AsgiCall(application).run() for _ in range(4)])
    assert [answer.status for answer in answers] == [200] * 4


asyncio.run(_serve_in_the_master())
