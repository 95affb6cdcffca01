from __future__ import annotations

from tests.analysis.frameworks.conftest import Agree, Read, handlers, roles


def test_flask_restful_resources(agree: Agree) -> None:
    found = agree(
        main="""
        from flask import Blueprint, Flask
        from flask_restful import Api, Resource
        def checked(view):
            def inner(*args, **kwargs): return view(*args, **kwargs)
            return inner
        class Base(Resource):
            method_decorators = [checked]
        class Item(Base):
            def get(self, id): return {}
            def delete(self, id): return {}
        class Items(Base):
            def post(self): return {}
        class Scoped(Api):
            def add_scoped(self, resource, *urls, **options):
                return self.add_resource(resource, *["/scoped" + url for url in urls], **options)
        bp = Blueprint("bp", __name__, url_prefix="/api")
        api = Scoped(bp, prefix="/v1")
        api.add_resource(Item, "/items/<int:id>", "/things/<int:id>")
        api.add_scoped(Items, "/items")
        app = Flask(__name__, static_folder=None)
        app.register_blueprint(bp)
        """
    )
    assert handlers(found) == {
        "GET /api/v1/items/<int:id>": "main.Item.get",
        "DELETE /api/v1/items/<int:id>": "main.Item.delete",
        "GET /api/v1/things/<int:id>": "main.Item.get",
        "DELETE /api/v1/things/<int:id>": "main.Item.delete",
        "POST /api/v1/scoped/items": "main.Items.post",
    }
    assert roles(found, "POST /api/v1/scoped/items") == [
        "decorator main.checked.inner",
        "handler main.Items.post",
    ]


def test_flask_restx_namespaces(read: Read) -> None:  # whose own pages are no routes of the project
    found = read(
        main="""
        from flask import Flask
        from flask_restx import Api, Namespace, Resource
        cats = Namespace("cats")
        dogs = Namespace("dogs", path="/hounds")
        @cats.route("/", "/all")
        class Cats(Resource):
            def get(self): return []
        @dogs.route("/<id>")
        class Dog(Resource):
            def put(self, id): return {}
        app = Flask(__name__, static_folder=None)
        api = Api(app, prefix="/api", doc=False, add_specs=False)
        api.add_namespace(cats)
        api.add_namespace(dogs, path="/kennel")
        birds = api.namespace("birds")
        @birds.route("/<id>")
        class Bird(Resource):
            def get(self, id): return {}
        """
    )
    assert handlers(found) == {
        "GET /api/cats/": "main.Cats.get",
        "GET /api/cats/all": "main.Cats.get",
        "PUT /api/kennel/<id>": "main.Dog.put",
        "GET /api/birds/<id>": "main.Bird.get",
    }


def test_flask_smorest_blueprints(agree: Agree) -> None:
    found = agree(
        main="""
        from flask import Flask
        from flask.views import MethodView
        from flask_smorest import Api, Blueprint
        app = Flask(__name__, static_folder=None)
        app.config.update(API_TITLE="x", API_VERSION="1", OPENAPI_VERSION="3.0.2")
        api = Api(app)
        bp = Blueprint("pets", "pets", url_prefix="/pets")
        @bp.route("/")
        class Pets(MethodView):
            def get(self): return []
            def post(self): return {}
        @bp.route("/count")
        def count(): return {}
        api.register_blueprint(bp)
        """
    )
    assert handlers(found) == {
        "GET /pets/": "main.Pets.get",
        "POST /pets/": "main.Pets.post",
        "GET /pets/count": "main.count",
    }
