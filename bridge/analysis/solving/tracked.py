"""Which objects of libraries are told apart by where they are made, and which calls on them are recorded.

Elsewhere a library's object is no more than its name: one `flask.Blueprint` is like another. What registers routes,
hooks and tasks must be told apart, or every rule would belong to every blueprint. A row is a class (a function that
makes one, a method that gives one) and the attributes that count; other attributes are plain names, as everywhere.
"""

from __future__ import annotations

from types import MappingProxyType

__all__ = ["ALIASES", "REGISTERING", "TRACKED", "TRACKED_TABLES"]

# Dictionaries of libraries whose elements are recorded: `app.jinja_env.filters["money"] = money`.
TRACKED_TABLES = (".jinja_env.globals", ".jinja_env.filters", ".jinja_env.tests")

VERBS = ("get", "post", "put", "delete", "patch")

SCAFFOLD = (
    *VERBS,
    "route",
    "add_url_rule",
    "before_request",
    "after_request",
    "teardown_request",
    "errorhandler",
    "register_error_handler",
    "context_processor",
    "url_value_preprocessor",
    "register_blueprint",
    "endpoint",
    "cli",
    "websocket",
    "before_websocket",
    "after_websocket",
)

TEMPLATES = tuple(
    f"{prefix}{kind}"
    for prefix in ("", "add_", "app_", "add_app_")
    for kind in ("template_filter", "template_global", "template_test")
)

FLASK = frozenset(
    [
        *SCAFFOLD,
        *TEMPLATES,
        "before_first_request",
        "before_serving",
        "after_serving",
        "while_serving",
        "teardown_appcontext",
        "shell_context_processor",
        "wsgi_app",
        "asgi_app",
        "jinja_env",
        "register_api",  # flask-openapi3
    ]
)

BLUEPRINT = frozenset(
    [
        *SCAFFOLD,
        *TEMPLATES,
        "record",
        "record_once",
        "before_app_request",
        "after_app_request",
        "teardown_app_request",
        "before_app_first_request",
        "app_errorhandler",
        "app_context_processor",
        "app_url_value_preprocessor",
    ]
)

COMMANDS = frozenset(["command", "group", "add_command"])

RESTFUL_API = frozenset(
    ["add_resource", "resource", "init_app", "add_namespace", "namespace", "route", "errorhandler"]
)

STARLETTE = frozenset(
    [
        *VERBS,
        "options",
        "head",
        "api_route",
        "add_api_route",
        "route",
        "add_route",
        "websocket",
        "websocket_route",
        "add_websocket_route",
        "add_api_websocket_route",
        "include_router",
        "mount",
        "host",
        "middleware",
        "add_middleware",
        "on_event",
        "add_event_handler",
        "exception_handler",
        "add_exception_handler",
        "router",
        "routes",
    ]
)

BOTTLE = frozenset(
    [*VERBS, "route", "hook", "add_hook", "error", "mount", "merge", "install", "add_route", "wsgi"]
)

PYRAMID = frozenset(
    [
        "add_route",
        "add_view",
        "add_static_view",
        "add_notfound_view",
        "add_forbidden_view",
        "add_exception_view",
        "add_tween",
        "add_subscriber",
        "add_request_method",
        "add_directive",
        "add_renderer",
        "include",
        "scan",
        "make_wsgi_app",
        "route_prefix_context",
        "action",
        "set_authentication_policy",
        "set_authorization_policy",
        "set_security_policy",
        "set_root_factory",
        "set_session_factory",
    ]
)

NOTHING: frozenset[str] = frozenset()

TRACKED: MappingProxyType[str, frozenset[str]] = MappingProxyType(
    {
        # Flask and its kin
        "flask.Flask": FLASK,
        "flask.Blueprint": BLUEPRINT,
        "flask.Flask.cli": COMMANDS,
        "flask.Blueprint.cli": COMMANDS,
        "flask.Flask.cli.group": COMMANDS,
        "flask.Blueprint.cli.group": COMMANDS,
        "flask.cli.AppGroup": COMMANDS,
        "flask.views.View": frozenset(["as_view"]),
        "flask_restful.Api": RESTFUL_API,
        "flask_restful.Resource": frozenset(["as_view"]),
        "flask_restx.Api": RESTFUL_API,
        "flask_restx.Namespace": RESTFUL_API,
        "flask_smorest.Api": frozenset(["register_blueprint", "init_app"]),
        "flask_smorest.Blueprint": BLUEPRINT,
        "flask_classful.FlaskView": frozenset(["register"]),
        "flask_classful.route": NOTHING,
        "flask_classful.method": NOTHING,
        "flask_login.LoginManager": frozenset(
            ["user_loader", "request_loader", "unauthorized_handler", "needs_refresh_handler", "init_app"]
        ),
        "flask_appbuilder.AppBuilder": frozenset(
            ["add_view", "add_view_no_menu", "add_api", "init_app", "add_separate_view"]
        ),
        "flask_appbuilder.expose": NOTHING,
        "flask_appbuilder.action": NOTHING,
        "flask_admin.Admin": frozenset(["add_view", "init_app", "add_views"]),
        "flask_admin.expose": NOTHING,
        "flask_admin.expose_plugview": NOTHING,
        "flask_admin.BaseView": NOTHING,
        "flask_admin.AdminIndexView": NOTHING,
        "flask_admin.model.BaseModelView": NOTHING,
        "flask_admin.contrib.sqla.ModelView": NOTHING,
        "flask_admin.contrib.fileadmin.FileAdmin": NOTHING,
        "flask_socketio.SocketIO": frozenset(["on", "event", "on_event", "init_app"]),
        "flask_httpauth.HTTPBasicAuth": frozenset(["verify_password", "login_required", "get_user_roles"]),
        "flask_httpauth.HTTPTokenAuth": frozenset(["verify_token", "login_required", "get_user_roles"]),
        "connexion.App": frozenset(["add_api", "add_url_rule"]),
        "blinker.Namespace": frozenset(["signal"]),
        "blinker.signal": frozenset(["connect", "connect_via", "send", "connected_to"]),
        # Werkzeug
        "werkzeug.routing.Map": frozenset(["add", "bind_to_environ", "bind"]),
        "werkzeug.routing.Rule": NOTHING,
        "werkzeug.routing.Submount": NOTHING,
        "werkzeug.routing.EndpointPrefix": NOTHING,
        "werkzeug.routing.Subdomain": NOTHING,
        # Pyramid
        "pyramid.config.Configurator": PYRAMID,
        "pyramid.view.view_config": NOTHING,
        "pyramid.view.view_defaults": NOTHING,
        "pyramid.view.notfound_view_config": NOTHING,
        "pyramid.view.forbidden_view_config": NOTHING,
        "pyramid.view.exception_view_config": NOTHING,
        "pyramid.events.subscriber": NOTHING,
        "cornice.Service": frozenset([*VERBS, "options", "head", "add_view"]),
        "cornice.resource.resource": NOTHING,
        "cornice.resource.view": NOTHING,
        # Bottle
        "bottle.Bottle": BOTTLE,
        **{f"bottle.{verb}": NOTHING for verb in (*VERBS, "route", "hook", "error")},
        # Falcon
        "falcon.App": frozenset(
            [
                "add_route",
                "add_middleware",
                "add_static_route",
                "add_sink",
                "add_error_handler",
                "set_error_serializer",
            ]
        ),
        "falcon.asgi.App": frozenset(
            [
                "add_route",
                "add_middleware",
                "add_static_route",
                "add_sink",
                "add_error_handler",
                "set_error_serializer",
            ]
        ),
        # CherryPy
        "cherrypy.dispatch.RoutesDispatcher": frozenset(["connect"]),
        "cherrypy.quickstart": NOTHING,
        "cherrypy.tree": frozenset(["mount", "graft"]),
        # ASGI
        "fastapi.FastAPI": STARLETTE,
        "fastapi.APIRouter": STARLETTE,
        "starlette.applications.Starlette": STARLETTE,
        "starlette.routing.Router": STARLETTE,
        "starlette.routing.Route": NOTHING,
        "starlette.routing.WebSocketRoute": NOTHING,
        "starlette.routing.Mount": NOTHING,
        "starlette.routing.Host": NOTHING,
        "fastapi.Depends": NOTHING,
        "fastapi.Security": NOTHING,
        # Tasks
        "celery.Celery": frozenset(["task"]),
        "rq.job": NOTHING,
    }
)

# The other names of what stands above: where a class is defined, subclasses that behave alike.
ALIASES: MappingProxyType[str, str] = MappingProxyType(
    {
        "flask.app.Flask": "flask.Flask",
        "flask_appbuilder.base.AppBuilder": "flask_appbuilder.AppBuilder",
        "flask_appbuilder.baseviews.expose": "flask_appbuilder.expose",
        "flask_appbuilder.views.expose": "flask_appbuilder.expose",
        "flask_appbuilder.api.expose": "flask_appbuilder.expose",
        "flask_appbuilder.actions.action": "flask_appbuilder.action",
        "flask_admin.base.Admin": "flask_admin.Admin",
        "flask_admin.base.expose": "flask_admin.expose",
        "flask_admin.base.expose_plugview": "flask_admin.expose_plugview",
        "flask_admin.base.BaseView": "flask_admin.BaseView",
        "flask_admin.base.AdminIndexView": "flask_admin.AdminIndexView",
        "flask_admin.model.base.BaseModelView": "flask_admin.model.BaseModelView",
        "flask_admin.contrib.peewee.ModelView": "flask_admin.model.BaseModelView",
        "flask_admin.contrib.mongoengine.ModelView": "flask_admin.model.BaseModelView",
        "flask_admin.contrib.pymongo.ModelView": "flask_admin.model.BaseModelView",
        "flask_admin.contrib.sqla.view.ModelView": "flask_admin.contrib.sqla.ModelView",
        "flask_admin.contrib.sqlamodel.ModelView": "flask_admin.contrib.sqla.ModelView",
        "flask.blueprints.Blueprint": "flask.Blueprint",
        "flask.sansio.app.App": "flask.Flask",
        "flask.sansio.blueprints.Blueprint": "flask.Blueprint",
        "flask.views.MethodView": "flask.views.View",
        "quart.Quart": "flask.Flask",
        "quart.app.Quart": "flask.Flask",
        "quart.Blueprint": "flask.Blueprint",
        "quart.blueprints.Blueprint": "flask.Blueprint",
        "quart.views.View": "flask.views.View",
        "quart.views.MethodView": "flask.views.View",
        "apiflask.APIFlask": "flask.Flask",
        "apiflask.APIBlueprint": "flask.Blueprint",
        "apiflask.views.MethodView": "flask.views.View",
        "flask_openapi3.OpenAPI": "flask.Flask",
        "flask_openapi3.APIBlueprint": "flask.Blueprint",
        "flask_restplus.Api": "flask_restx.Api",
        "flask_restplus.Namespace": "flask_restx.Namespace",
        "flask_restx.Api.namespace": "flask_restx.Namespace",
        "flask_restplus.Resource": "flask_restful.Resource",
        "flask_restx.Resource": "flask_restful.Resource",
        "flask_restx.resource.Resource": "flask_restful.Resource",
        "flask_restx.api.Api": "flask_restx.Api",
        "flask_restx.namespace.Namespace": "flask_restx.Namespace",
        "flask_rest_api.Api": "flask_smorest.Api",
        "flask_rest_api.Blueprint": "flask_smorest.Blueprint",
        "flask_smorest.blueprint.Blueprint": "flask_smorest.Blueprint",
        "flask_login.login_manager.LoginManager": "flask_login.LoginManager",
        "flask.ext.login.LoginManager": "flask_login.LoginManager",
        "flask_httpauth.MultiAuth": "flask_httpauth.HTTPTokenAuth",
        "flask_httpauth.HTTPDigestAuth": "flask_httpauth.HTTPBasicAuth",
        "flask_classy.FlaskView": "flask_classful.FlaskView",
        "flask_classy.route": "flask_classful.route",
        "blinker.base.Namespace": "blinker.Namespace",
        "blinker.Signal": "blinker.signal",
        "blinker.NamedSignal": "blinker.signal",
        "blinker.base.signal": "blinker.signal",
        "blinker.base.Signal": "blinker.signal",
        "blinker.Namespace.signal": "blinker.signal",
        "flask.signals.Namespace": "blinker.Namespace",
        "werkzeug.routing.map.Map": "werkzeug.routing.Map",
        "werkzeug.routing.rules.Rule": "werkzeug.routing.Rule",
        "werkzeug.routing.rules.Submount": "werkzeug.routing.Submount",
        "werkzeug.routing.rules.EndpointPrefix": "werkzeug.routing.EndpointPrefix",
        "werkzeug.routing.rules.Subdomain": "werkzeug.routing.Subdomain",
        "flask.Flask.add_api": "connexion.App.add_api",
        "cornice.service.Service": "cornice.Service",
        "falcon.API": "falcon.App",
        "falcon.app.App": "falcon.App",
        "falcon.asgi.app.App": "falcon.asgi.App",
        "fastapi.applications.FastAPI": "fastapi.FastAPI",
        "fastapi.routing.APIRouter": "fastapi.APIRouter",
        "fastapi.params.Depends": "fastapi.Depends",
        "starlette.Starlette": "starlette.applications.Starlette",
        "fastapi.FastAPI.router": "fastapi.APIRouter",
        "starlette.applications.Starlette.router": "starlette.routing.Router",
        "starlette.routing.BaseRoute": "starlette.routing.Route",
        "fastapi.routing.APIRoute": "starlette.routing.Route",
        "celery.app.Celery": "celery.Celery",
        "celery.app.base.Celery": "celery.Celery",
        "bottle.AppStack": "bottle.Bottle",
        "bottle.default_app": "bottle.Bottle",
        "rq.decorators.job": "rq.job",
    }
)

# A function that names one of these and has parameters is kept apart by call site, as wrappers are: it hands
# rules and views on, and they must not be paired with each other's.
REGISTERING: frozenset[str] = frozenset(
    [
        "add_url_rule",
        "add_resource",
        "add_api_route",
        "add_namespace",
        "add_route",
        "add_view",
        "include_router",
        "register_blueprint",
        "view_config",
    ]
)
