import time

from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route


async def x(request):
    time.sleep(1)  # expect: WB751 time.sleep via GET /x
    return PlainTextResponse("late")


app = Starlette(routes=[Route("/x", x)])
