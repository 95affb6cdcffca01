from __future__ import annotations

from tests.analysis.frameworks.django.conftest import Analysed

MODELS = """
import uuid
from django.db import models

class Book(models.Model):
    title = models.CharField(max_length=9)

class Loan(models.Model):
    code = models.UUIDField(primary_key=True, default=uuid.uuid4)
"""

ABOUT = {"ANY /api/", "ANY /api/docs", "ANY /api/openapi.json"}  # what every API has


def operations(found: object) -> set[str]:
    return {each.id for each in found.survey.discovery.routes} - ABOUT  # type: ignore[attr-defined] # an Analysis


def test_controllers_have_the_operations_of_their_class_and_its_bases(read: Analysed) -> None:
    found = read(
        shop__controllers="""
        from ninja_extra import ControllerBase, api_controller, http_delete, http_generic, http_get, paginate, route

        class Listing(ControllerBase):
            @http_get("/all")
            def all(self): return 1
            @http_get("/first")
            def first(self): return 1

        @api_controller("/books", tags=["x"])
        class Books(Listing):
            @http_get("/{int:book_id}")
            def one(self, book_id: int): return 1
            @http_delete("/{int:book_id}")
            def drop(self, book_id: int): return 1
            @route.post()
            def add(self): return 1
            @route.get("/more")
            @paginate()
            def more(self): return [1]
            @http_generic("/any", methods=["PUT", "PATCH"])
            def any(self): return 1
            @http_get("/second")
            def first(self): return 1
            def plain(self): return 1

        @api_controller("/loans/{int:year}")
        class Loans:
            @route.post("/{code}")
            def lend(self, year: int, code: str): return 1

        @api_controller("/hidden")
        class Hidden:
            @route.get("/")
            def seen(self): return 1
        """,
        urls="""
        from django.urls import path
        from ninja_extra import NinjaExtraAPI
        from shop.controllers import Books
        api = NinjaExtraAPI()
        api.register_controllers(Books, "shop.controllers.Loans")
        api.register_controllers(Books)
        @api.get("/plain")
        def plain(request): return 1
        urlpatterns = [path("api/", api.urls)]
        """,
    )
    assert operations(found) == {
        "GET /api/plain",
        "GET /api/books/all",
        "GET /api/books/second",
        "GET /api/books/<int:book_id>",
        "DELETE /api/books/<int:book_id>",
        "POST /api/books",
        "GET /api/books/more",
        "PATCH,PUT /api/books/any",
        "POST /api/loans/<int:year>/<code>",
    }
    assert not found.survey.discovery.unread


def test_model_controllers_answer_for_the_rows_of_their_model(read: Analysed) -> None:
    found = read(
        shop__models=MODELS,
        shop__api="""
        from ninja_extra import ModelConfig, ModelControllerBase, api_controller, http_get
        from shop.models import Book, Loan

        @api_controller("/books")
        class Books(ModelControllerBase):
            model_config = ModelConfig(model=Book)
            @http_get("/count")
            def count(self): return 1

        @api_controller("/loans")
        class Loans(ModelControllerBase):
            model_config = ModelConfig(model=Loan, allowed_routes=["list", "find_one"])
        """,
        urls="""
        from django.urls import path
        from ninja_extra import NinjaExtraAPI
        api = NinjaExtraAPI()
        api.auto_discover_controllers()
        urlpatterns = [path("api/", api.urls)]
        """,
    )
    assert operations(found) == {
        "GET /api/books/count",
        "GET /api/books/",
        "POST /api/books/",
        "GET /api/books/<int:id>",
        "PUT /api/books/<int:id>",
        "PATCH /api/books/<int:id>",
        "DELETE /api/books/<int:id>",
        "GET /api/loans/",
        "GET /api/loans/<uuid:code>",
    }


def test_what_is_no_controller_is_said(read: Analysed) -> None:
    found = read(
        shop__api="class Plain: ...\n",
        urls="""
        from django.urls import path
        from ninja_extra import NinjaExtraAPI
        from shop.api import Plain
        api = NinjaExtraAPI()
        api.register_controllers(Plain)
        urlpatterns = [path("api/", api.urls)]
        """,
    )
    assert operations(found) == set()
    assert found.survey.discovery.unread == ("the controller registered at urls.py:6",)
