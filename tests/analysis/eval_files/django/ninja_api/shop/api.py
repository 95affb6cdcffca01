import asyncio
import time

from ninja import Router
from shop.models import Book

router = Router()
inner = Router(auth=None)
router.add_router("{int:pk}", inner)


@router.get("")
def listed(request):  # expect: WB212 django.db.models.QuerySet.__iter__ via GET /api/v1/books/
    return Book.objects.all()


@inner.get("/title", auth=None)
def title(request, pk: int):
    time.sleep(1)  # expect: WB101 time.sleep via GET /api/v1/books/<int:pk>/title
    return "open"


@inner.api_operation(["PUT", "PATCH"], "/lend")
async def lend(request, pk: int):
    await asyncio.sleep(1)  # ok
    return {}


def helper():
    time.sleep(1)  # ok, nobody calls it
