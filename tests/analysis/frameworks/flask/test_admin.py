"""Flask-Admin: what `app.url_map` has of the same program, but for the files of the index view."""

from __future__ import annotations

from tests.analysis.frameworks.conftest import Read, handlers

MODEL = {
    "GET /": "index_view",
    "GET,POST /new/": "create_view",
    "GET,POST /edit/": "edit_view",
    "GET /details/": "details_view",
    "POST /delete/": "delete_view",
    "POST /action/": "action_view",
    "GET /export/<export_type>/": "export",
    "GET /ajax/lookup/": "ajax_lookup",
    "POST /ajax/update/": "ajax_update",
}


def model_view(prefix: str, symbol: str, **own: str) -> dict[str, str]:
    """Return route id -> handler of a model view at `prefix`; `own` are methods that stand elsewhere, "" nowhere."""
    found = {}
    for route, method in MODEL.items():
        methods, _, path = route.partition(" ")
        if own.get(method, method):
            found[f"{methods} {prefix}{path}"] = f"{own.get(method, symbol)}.{method}"
    return found


def test_views_stand_below_the_index_view_by_endpoint_model_or_url(read: Read) -> None:
    found = read(
        main="""
        from flask import Flask
        from flask_admin import Admin, AdminIndexView, BaseView, expose
        from flask_admin.contrib.sqla import ModelView
        class Tag: pass
        class Post: pass
        class Home(AdminIndexView):
            @expose("/")
            def index(self): return ""
            @expose("/help", methods=["GET", "POST"])
            @expose("/aid")
            def help(self): return ""
        class Figures(BaseView):
            @expose("/")
            def index(self): return ""
            def helper(self): return ""
        class Posts(ModelView):
            def __init__(self, session): super().__init__(Post, session, endpoint="articles")
            def index_view(self): return super().index_view()
        app = Flask(__name__, static_folder=None)
        admin = Admin(app, index_view=Home(url="/desk"))
        admin.add_views(Figures(), Figures(endpoint="more"))
        admin.add_view(Figures(endpoint="far", url="/elsewhere"))
        admin.add_view(ModelView(Tag, None))
        admin.add_view(Posts(None))
        """
    )
    assert handlers(found) == {
        "GET /desk/": "main.Home.index",
        "GET,POST /desk/help": "main.Home.help",
        "GET /desk/aid": "main.Home.help",
        "GET /desk/figures/": "main.Figures.index",
        "GET /desk/more/": "main.Figures.index",
        "GET /elsewhere/": "main.Figures.index",
        **model_view("/desk/tag", "flask_admin.contrib.sqla.ModelView"),
        **model_view("/desk/articles", "main.Posts", index_view=""),
    }
    assert found.unread == ()


def test_an_admin_without_an_index_view_of_its_own_has_the_librarys(read: Read) -> None:
    found = read(
        main="""
        from flask import Flask
        from flask_admin import Admin
        admin = Admin(url="/office")
        def create():
            app = Flask(__name__, static_folder=None)
            admin.init_app(app)
            admin.add_view(load())
            return app
        """
    )
    assert handlers(found) == {"GET /office/": "flask_admin.AdminIndexView.index"}
    assert found.unread == ("the view that Flask-Admin is given at main.py:8",)


def test_view_classes_that_a_view_exposes_have_a_route_for_each_method(read: Read) -> None:
    found = read(
        main="""
        from flask import Flask
        from flask.views import MethodView, View
        from flask_admin import Admin, BaseView, expose, expose_plugview
        from shop import load

        class Api(BaseView):
            @expose("/")
            def index(self): return ""

            @expose_plugview("/_api/1")
            class First(MethodView):
                def get(self, cls): return ""
                def post(self, cls): return ""

            @expose_plugview("/_api/2")
            @expose_plugview("/_api/two")
            class Second(MethodView):
                def delete(self, cls): return ""

            @expose_plugview("/_page")
            class Page(View):
                def dispatch_request(self, cls): return ""

            @expose_plugview("/_form")
            class Form(View):
                methods = ["POST"]
                def dispatch_request(self, cls): return ""

            class Hidden(MethodView):
                def get(self, cls): return ""

            Lost = expose_plugview("/_lost")(load())

        app = Flask(__name__, static_folder=None)
        Admin(app).add_view(Api())
        """
    )
    assert handlers(found) == {
        "GET /admin/": "flask_admin.AdminIndexView.index",
        "GET /admin/api/": "main.Api.index",
        "GET /admin/api/_api/1": "main.Api.First.get",
        "POST /admin/api/_api/1": "main.Api.First.post",
        "DELETE /admin/api/_api/2": "main.Api.Second.delete",
        "DELETE /admin/api/_api/two": "main.Api.Second.delete",
        "GET /admin/api/_page": "main.Api.Page.dispatch_request",
        "POST /admin/api/_form": "main.Api.Form.dispatch_request",
    }
    assert found.unread == ("the view class behind @expose_plugview at main.py:33",)
