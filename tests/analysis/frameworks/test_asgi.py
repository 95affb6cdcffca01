from __future__ import annotations

from tests.analysis.frameworks.conftest import Agree, Read, handlers, roles


def test_fastapi_routers_prefixes_and_dependencies(agree: Agree) -> None:
    found = agree(
        main="""
        from fastapi import APIRouter, Depends, FastAPI
        app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
        def session(): pass
        def user(session=Depends(session)): pass
        def admin(): pass
        items = APIRouter(prefix="/items", dependencies=[Depends(admin)])
        @items.get("/{id}")
        async def one(id: int): pass
        @items.api_route("", methods=["PUT", "POST"])
        def many(user=Depends(user)): pass
        @app.delete("/x")
        def x(): pass
        app.add_api_route("/y", x, methods=["GET"])
        app.include_router(items, prefix="/v1")
        """
    )
    assert {each.id: (each.handler, each.is_async, each.framework) for each in found.routes} == {
        "GET /v1/items/{id}": ("main.one", True, "fastapi"),
        "POST,PUT /v1/items": ("main.many", False, "fastapi"),
        "DELETE /x": ("main.x", False, "fastapi"),
        "GET /y": ("main.x", False, "fastapi"),
    }
    assert roles(found, "POST,PUT /v1/items") == [
        "dependency main.admin",
        "dependency main.session",
        "dependency main.user",
        "handler main.many",
    ]


def test_starlette_lists_mounts_and_endpoints(agree: Agree) -> None:
    found = agree(
        main="""
        from starlette.applications import Starlette
        from starlette.endpoints import HTTPEndpoint
        from starlette.routing import Mount, Route
        async def home(request): pass
        def page(request): pass
        inner = Starlette(routes=[Route("/deep", page)])
        app = Starlette(routes=[
            Route("/", home, methods=["GET", "POST"]),
            Mount("/pages", routes=[Route("/{name}", page)]),
            Mount("/inner", app=inner),
        ])
        """
    )
    assert {each.id: (each.handler, each.is_async) for each in found.routes} == {
        "GET,POST /": ("main.home", True),
        "GET /pages/{name}": ("main.page", False),
        "GET /inner/deep": ("main.page", False),
    }
    assert found.frameworks == ("starlette",)


def test_starlette_endpoint_classes_and_middleware(read: Read) -> None:
    found = read(
        main="""
        from starlette.applications import Starlette
        from starlette.endpoints import HTTPEndpoint
        from starlette.middleware.base import BaseHTTPMiddleware
        from starlette.routing import Route
        class Thing(HTTPEndpoint):
            async def get(self, request): pass
            def post(self, request): pass
        class Timer(BaseHTTPMiddleware):
            async def dispatch(self, request, call_next): pass
        app = Starlette(routes=[Route("/thing", Thing)])
        app.add_middleware(Timer)
        """
    )
    assert handlers(found) == {"GET /thing": "main.Thing.get", "POST /thing": "main.Thing.post"}
    assert [(each.name, each.async_capable) for each in found.middleware] == [("main.Timer", True)]


def test_quart_is_read_as_flask_is(read: Read) -> None:
    found = read(
        main="""
        from quart import Blueprint, Quart
        app = Quart(__name__, static_folder=None)
        bp = Blueprint("bp", __name__, url_prefix="/bp")
        @bp.get("/x")
        async def x(): return ""
        app.register_blueprint(bp)
        """
    )
    assert [(each.id, each.framework, each.is_async) for each in found.routes] == [
        ("GET /bp/x", "quart", True)
    ]
    assert found.frameworks == ("quart",)
