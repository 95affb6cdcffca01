import time

from ninja_extra import ControllerBase, api_controller, http_get, http_post, route
from ninja_extra.permissions import BasePermission
from shop.models import Book


class Open(BasePermission):
    def has_permission(self, request, controller):
        time.sleep(1)  # expect: WB101 time.sleep via GET /api/books/, GET /api/books/<int:pk>
        return True


class Store:
    def __init__(self):
        self.name = open("name").read()  # expect: WB301 open via GET /api/books/, GET /api/books/<int:pk>, POST /api/books/; WB301 io.TextIOWrapper.read via GET /api/books/, GET /api/books/<int:pk>, POST /api/books/


class Listing(ControllerBase):
    @http_get("/")
    def listed(self):  # expect: WB212 django.db.models.QuerySet.__iter__ via GET /api/books/
        return Book.objects.all()


@api_controller("/books", permissions=[Open])
class Books(Listing):
    def __init__(self):
        self.store = Store()

    @route.get("/{int:pk}")
    def one(self, pk: int):
        return self.named(pk)

    @http_post("/", permissions=[])
    def add(self):
        return {}

    def named(self, pk):
        return Book.objects.get(pk=pk)  # expect: WB212 django.db.models.QuerySet.get via GET /api/books/<int:pk>

    def unused(self):
        time.sleep(1)  # ok, it is no operation


@api_controller("/hidden", auto_import=False)
class Hidden(ControllerBase):
    @http_get("/")
    def listed(self):
        time.sleep(1)  # ok, nobody registers the controller
