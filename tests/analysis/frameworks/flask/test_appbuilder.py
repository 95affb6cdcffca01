"""Flask-AppBuilder: what `app.url_map` has of the same program, version 5.3."""

from __future__ import annotations

import pytest

from tests.analysis.frameworks.conftest import Read

START = """
from flask import Flask
from flask_appbuilder import AppBuilder, BaseView, ModelView, expose, has_access
from flask_appbuilder.actions import action
from flask_appbuilder.api import BaseApi, ModelRestApi
from flask_appbuilder.charts.views import GroupByChartView
from flask_appbuilder.security.sqla.manager import SecurityManager
from flask_appbuilder.security.views import UserDBModelView, UserStatsChartView
from flask_appbuilder.views import CompactCRUDMixin, IndexView, MasterDetailView
"""

CRUD = {
    "GET {}/list/",
    "GET {}/show/<pk>",
    "GET,POST {}/add",
    "GET,POST {}/edit/<pk>",
    "GET,POST {}/delete/<pk>",
    "GET {}/download/<string:filename>",
    "GET,POST {}/action/<string:name>/<pk>",
    "POST {}/action_post",
}
REST = {
    "GET {}/",
    "GET {}/_info",
    "GET {}/<int:pk>",
    "POST {}/",
    "PUT {}/<pk>",
    "DELETE {}/<pk>",
}
FORM = {"GET {}/form", "POST {}/form"}
CHART = {"GET {}/chart/", "GET {}/chart/<group_by>"}
ALWAYS = {
    "GET /static/appbuilder/<path:filename>",
    "GET /back",
    "GET /lang/<string:locale>",
    "GET /api/v1/menu/",
}
USERS = {"GET /users/userinfo/"}


def at(prefix: str, *shapes: set[str]) -> set[str]:
    """Return route ids of a view that stands at `prefix`."""
    return {each.format(prefix) for shape in shapes for each in shape}


SECURITY = (
    {"POST /api/v1/security/login", "POST /api/v1/security/refresh", *USERS}
    | at("/userinfoeditview", FORM)
    | at("/userstatschartview", CHART)
)
for place in ("/users", "/roles", "/groups", "/permissions", "/viewmenus", "/permissionviews"):
    SECURITY |= at(place, CRUD)
BY_PASSWORD = {"GET,POST /login/", "GET /logout/"} | at("/resetpassword", FORM) | at("/resetmypassword", FORM)
HOME = {"GET /"}


def ids(read: Read, source: str, **files: str) -> set[str]:
    """Return the route ids of a program, which must have been read without a remark."""
    found = read(main=START + source, **files)
    assert found.unread == ()
    return {route.id for route in found.routes}


def test_views_stand_at_their_names_or_bases_with_what_they_and_their_bases_expose(read: Read) -> None:
    found = read(
        main=START
        + """
class Groups(ModelView): pass
class Contacts(ModelView):
    route_base = "/people"
    related_views = [Groups]
    include_route_methods = {"list", "show", "mine"}
    @expose("/mine")
    @expose("/own/<int:pk>", methods=["POST", "GET"])
    @has_access
    def mine(self, pk=None): return ""
    @expose("/hidden")
    def hidden(self): return ""
class Inline(CompactCRUDMixin, ModelView):
    exclude_route_methods = {"download", "action", "action_post"}
    def show(self, pk): return "behind no URL"
class Both(MasterDetailView): pass
class Figures(GroupByChartView): pass
class Plain(BaseView):
    route_base = ""
    @expose("/plain")
    def plain(self): return ""
class Greeting(BaseApi):
    @expose("/hello/<name>")
    def hello(self, name): return ""
class Things(ModelRestApi):
    resource_name = "stuff"
    version = "v2"
app = Flask(__name__, static_folder=None)
app.config["FAB_ADD_SECURITY_VIEWS"] = False
appbuilder = AppBuilder(app, None)
for view in (Groups, Contacts): appbuilder.add_view(view, "name")
appbuilder.add_separator("Contacts")
appbuilder.add_view(Inline(), "inline")
appbuilder.add_view_no_menu(Both)
appbuilder.add_view_no_menu(Plain)
appbuilder.add_view(baseview=Figures, name="chart")
appbuilder.add_api(Greeting)
appbuilder.add_api(Things)
"""
    )
    assert found.unread == ()
    assert {route.id for route in found.routes} == (
        ALWAYS
        | HOME
        | at("/groups", CRUD)
        | {"GET /people/list/", "GET /people/show/<pk>", "GET /people/mine", "GET,POST /people/own/<int:pk>"}
        | {"GET,POST /inline/list/", "GET,POST /inline/add/"}
        | {"GET,POST /inline/edit/<pk>", "GET,POST /inline/delete/<pk>"}
        | {"GET /both/list/", "GET /both/list/<pk>"}
        | at("/figures", CHART)
        | {"GET /plain", "GET /api/v1/greeting/hello/<name>"}
        | at("/api/v2/stuff", REST)
    )
    handlers = {route.id: route.handler for route in found.routes}
    assert handlers["GET /people/mine"] == "main.Contacts.mine"
    assert handlers["GET /people/list/"] == "main.Contacts.list"
    assert handlers["GET /back"] == "flask_appbuilder.UtilView.back"


def test_what_the_library_calls_of_a_view_runs_on_its_routes(read: Read) -> None:
    found = read(
        main=START
        + """
class Contacts(ModelView):
    def pre_add(self, item): pass
    def post_delete(self, item): pass
    @action("mail", "Mail all")
    def mail(self, items): pass
app = Flask(__name__, static_folder=None)
app.config["FAB_ADD_SECURITY_VIEWS"] = False
AppBuilder(app).add_view(Contacts, "contacts")
"""
    )
    ran = {route.id: [root.symbol for root in route.roots] for route in found.routes if route.roots}
    assert ran == {
        "GET,POST /contacts/add": ["main.Contacts.pre_add"],
        "GET,POST /contacts/delete/<pk>": ["main.Contacts.post_delete"],
        "GET,POST /contacts/action/<string:name>/<pk>": ["main.Contacts.mail"],
        "POST /contacts/action_post": ["main.Contacts.mail"],
    }


def test_a_factory_registers_the_librarys_own_views(read: Read) -> None:
    found = ids(
        read,
        """
from ext import appbuilder
def create_app():
    app = Flask(__name__, static_folder=None)
    appbuilder.init_app(app, None)
    return app
""",
        ext="from flask_appbuilder import AppBuilder\nappbuilder = AppBuilder()",
    )
    assert found == ALWAYS | HOME | SECURITY | BY_PASSWORD


OAUTH = {"GET /login/", "GET /login/<provider>", "GET /oauth-authorized/<provider>", "GET /logout/"}


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        pytest.param(
            "from flask_appbuilder.security.manager import AUTH_OAUTH\nAUTH_TYPE = AUTH_OAUTH",
            SECURITY | OAUTH,
            id="by oauth",
        ),
        pytest.param("AUTH_TYPE = 3", SECURITY | {"GET /login/", "GET /logout/"}, id="by the server"),
        pytest.param(
            "AUTH_USER_REGISTRATION = True",
            SECURITY
            | BY_PASSWORD
            | at("/registeruser", CRUD)
            | at("/register", FORM)
            | {"GET /register/activation/<string:activation_hash>"},
            id="registration",
        ),
        pytest.param(
            "FAB_ADD_SECURITY_VIEWS = False\nFAB_API_SWAGGER_UI = True",
            {"GET /swagger/<version>", "GET /api/<version>/_openapi"},
            id="swagger",
        ),
        pytest.param(
            "FAB_ADD_SECURITY_PERMISSION_VIEW = False",
            (SECURITY | BY_PASSWORD) - at("/permissions", CRUD),
            id="no permissions",
        ),
    ],
)
def test_settings_decide_about_the_librarys_own_views(read: Read, config: str, expected: set[str]) -> None:
    found = ids(
        read,
        """
app = Flask(__name__, static_folder=None)
app.config.from_object("config")
AppBuilder(app, None)
""",
        config=config,
    )
    assert found == ALWAYS | HOME | expected


def test_a_setting_that_is_not_known_is_the_condition(read: Read) -> None:
    found = read(
        main=START
        + """
import os
app = Flask(__name__, static_folder=None)
app.config["FAB_ADD_SECURITY_VIEWS"] = False
app.config["FAB_ADD_SECURITY_API"] = os.environ.get("API") == "1"
AppBuilder(app, None)
"""
    )
    conditions = {route.path: route.condition for route in found.routes}
    assert conditions["/api/v1/security/users/"] == "FAB_ADD_SECURITY_API"
    assert conditions["/back"] == ""
    permissions = {route.id for route in found.routes if "/security/permissions/" in route.path}
    assert permissions == {f"GET /api/v1/security/permissions/{end}" for end in ("", "_info", "<int:pk>")}


def test_the_projects_own_index_and_security_views_take_the_librarys_places(read: Read) -> None:
    source = """
class Home(IndexView):
    route_base = "/home"
class Users(UserDBModelView):
    route_base = "/people"
    include_route_methods = {"list"}
class Manager(SecurityManager):
    userdbmodelview = Users
    userstatschartview = None
app = Flask(__name__, static_folder=None)
"""
    given = ids(read, source + "AppBuilder(app, None, indexview=Home, security_manager_class=Manager)")
    expected = (SECURITY - at("/users", CRUD) - USERS - at("/userstatschartview", CHART)) | BY_PASSWORD
    assert given == ALWAYS | {"GET /home/", "GET /people/list/"} | expected
    assigned = "builder = AppBuilder()\nbuilder.indexview, builder.security_manager_class = Home, Manager\n"
    assert ids(read, f"{source}{assigned}builder.init_app(app, None)") == given
    named = "app.config['FAB_SECURITY_MANAGER_CLASS'] = 'main.Manager'\napp.config['FAB_INDEX_VIEW'] = 'main.Home'"
    assert ids(read, f"{source}{named}\nAppBuilder(app, None)") == given


def test_what_the_projects_security_manager_adds_is_followed(read: Read) -> None:
    found = ids(
        read,
        """
class SignUp(BaseView):
    route_base = "/sign-up"
    @expose("/")
    def form(self): return ""
class Manager(SecurityManager):
    def register_views(self):
        self.appbuilder.add_view_no_menu(SignUp)
        super().register_views()
app = Flask(__name__, static_folder=None)
AppBuilder(app, None, security_manager_class=Manager)
""",
    )
    assert found == ALWAYS | HOME | SECURITY | BY_PASSWORD | {"GET /sign-up/"}


def test_a_view_that_is_added_under_a_setting_has_its_condition(read: Read) -> None:
    found = read(
        main=START
        + """
class Beta(BaseView):
    @expose("/")
    def page(self): return ""
app = Flask(__name__, static_folder=None)
appbuilder = AppBuilder(app, None)
if app.config["BETA_FEATURES"]:
    appbuilder.add_view_no_menu(Beta)
"""
    )
    conditions = {route.path: route.condition for route in found.routes}
    assert conditions["/beta/"] == 'app.config["BETA_FEATURES"]'
    assert conditions["/back"] == ""


def test_views_and_bases_that_are_not_known_are_said(read: Read) -> None:
    found = read(
        main=START
        + """
import os
class Contacts(BaseView):
    route_base = os.environ["BASE"]
    @expose("/x")
    def x(self): return ""
app = Flask(__name__, static_folder=None)
appbuilder = AppBuilder(app, None)
appbuilder.add_view(Contacts, "contacts")
appbuilder.add_view(os.environ["VIEW"], "view")
"""
    )
    assert sorted(found.unread) == [
        "the route_base of Contacts at main.py:18",
        "the view that Flask-AppBuilder is given at main.py:19",
    ]
