"""Flask-AppBuilder's own views: what they expose, where they stand, and which settings add them.

From the classes themselves (version 5.3): https://flask-appbuilder.readthedocs.io/en/latest/
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

__all__ = ["AUTH_TYPES", "BUILT_IN", "LIBRARY", "BuiltIn", "Exposed", "Shape", "shapes"]

Exposed = tuple[str, tuple[str, ...]]  # path behind the view's own, methods

GET, POST, PUT, DELETE, BOTH = ("GET",), ("POST",), ("PUT",), ("DELETE",), ("GET", "POST")


@dataclass(frozen=True, slots=True)
class Shape:
    """One class of the library. `base` and `resource` are its `route_base` and `resource_name`, None: by its name."""

    parent: str = ""
    exposed: Mapping[str, tuple[Exposed, ...]] = field(default_factory=dict)
    base: str | None = None
    resource: str | None = None


CHART = {"chart": (("/chart/", GET), ("/chart/<group_by>", GET))}
FORM = {"this_form_get": (("/form", GET),), "this_form_post": (("/form", POST),)}

# The classes' names are the same in whichever module of the library they are imported from.
LIBRARY: Mapping[str, Shape] = MappingProxyType(
    {
        "BaseView": Shape(),
        "SimpleFormView": Shape("BaseView", FORM),
        "PublicFormView": Shape("BaseView", FORM),
        "ModelView": Shape(
            "BaseView",
            {
                "list": (("/list/", GET),),
                "show": (("/show/<pk>", GET),),
                "add": (("/add", BOTH),),
                "edit": (("/edit/<pk>", BOTH),),
                "delete": (("/delete/<pk>", BOTH),),
                "download": (("/download/<string:filename>", GET),),
                "action": (("/action/<string:name>/<pk>", BOTH),),
                "action_post": (("/action_post", POST),),
            },
        ),
        "MasterDetailView": Shape("BaseView", {"list": (("/list/", GET), ("/list/<pk>", GET))}),
        "CompactCRUDMixin": Shape(
            "BaseView",
            {
                "list": (("/list/", BOTH),),
                "add": (("/add/", BOTH),),
                "edit": (("/edit/<pk>", BOTH),),
                "delete": (("/delete/<pk>", BOTH),),
            },
        ),
        "MultipleView": Shape("BaseView", {"list": (("/list/", GET),)}),
        "GroupByChartView": Shape("BaseView", CHART),
        "DirectByChartView": Shape("GroupByChartView"),
        "ChartView": Shape("BaseView", CHART),
        "DirectChartView": Shape("BaseView", CHART),
        "TimeChartView": Shape(
            "BaseView", {"chart": (("/chart/", GET), ("/chart/<group_by>/<period>", GET))}
        ),
        "IndexView": Shape("BaseView", {"index": (("/", GET),)}, ""),
        "UtilView": Shape("BaseView", {"back": (("/back", GET),)}, ""),
        "LocaleView": Shape("BaseView", {"index": (("/<string:locale>", GET),)}, "/lang"),
        "SwaggerView": Shape("BaseView", {"show": (("/<version>", GET),)}, "/swagger"),
        "ResetMyPasswordView": Shape("SimpleFormView", base="/resetmypassword"),
        "ResetPasswordView": Shape("SimpleFormView", base="/resetpassword"),
        "UserInfoEditView": Shape("SimpleFormView"),
        "BaseRegisterUser": Shape(
            "PublicFormView", {"activation": (("/activation/<string:activation_hash>", GET),)}, "/register"
        ),
        "RegisterUserDBView": Shape("BaseRegisterUser"),
        "RegisterUserOAuthView": Shape("BaseRegisterUser"),
        "PermissionModelView": Shape("ModelView", base="/permissions"),
        "ViewMenuModelView": Shape("ModelView", base="/viewmenus"),
        "PermissionViewModelView": Shape("ModelView", base="/permissionviews"),
        "RoleModelView": Shape("ModelView", base="/roles"),
        "UserGroupModelView": Shape("ModelView", base="/groups"),
        "RegisterUserModelView": Shape("ModelView", base="/registeruser"),
        "UserStatsChartView": Shape("DirectByChartView"),
        "UserModelView": Shape("ModelView", {"userinfo": (("/userinfo/", GET),)}, "/users"),
        "UserDBModelView": Shape("UserModelView"),
        "UserLDAPModelView": Shape("UserModelView"),
        "UserOAuthModelView": Shape("UserModelView"),
        "UserRemoteUserModelView": Shape("UserModelView"),
        "UserSAMLModelView": Shape("UserModelView"),
        "AuthView": Shape("BaseView", {"login": (("/login/", BOTH),), "logout": (("/logout/", GET),)}, ""),
        "AuthDBView": Shape("AuthView"),
        "AuthLDAPView": Shape("AuthView"),
        "AuthRemoteUserView": Shape("AuthView", {"login": (("/login/", GET),)}),
        "AuthOAuthView": Shape(
            "AuthView",
            {
                "login": (("/login/", GET), ("/login/<provider>", GET)),
                "oauth_authorized": (("/oauth-authorized/<provider>", GET),),
            },
        ),
        "AuthSAMLView": Shape(
            "AuthView",
            {
                "login": (("/login/", GET), ("/login/<idp>", GET)),
                "acs": (("/saml/acs/", POST),),
                "slo": (("/saml/slo/", BOTH),),
                "metadata": (("/saml/metadata/", GET), ("/saml/metadata/<idp>", GET)),
            },
        ),
        "BaseApi": Shape(),
        "ModelRestApi": Shape(
            "BaseApi",
            {
                "info": (("/_info", GET),),
                "get": (("/<int:pk>", GET),),
                "get_list": (("/", GET),),
                "post": (("/", POST),),
                "put": (("/<pk>", PUT),),
                "delete": (("/<pk>", DELETE),),
            },
        ),
        "OpenApi": Shape("BaseApi", {"get": (("/<version>/_openapi", GET),)}, "/api"),
        "MenuApi": Shape("BaseApi", {"get_menu_data": (("/", GET),)}, resource="menu"),
        "SecurityApi": Shape(
            "BaseApi", {"login": (("/login", POST),), "refresh": (("/refresh", POST),)}, resource="security"
        ),
        "PermissionApi": Shape(
            "ModelRestApi", {"post": (), "put": (), "delete": ()}, resource="security/permissions"
        ),
        "PermissionViewMenuApi": Shape("ModelRestApi", resource="security/permissions-resources"),
        "RoleApi": Shape(
            "ModelRestApi",
            {
                "list_role_permissions": (("/<int:role_id>/permissions/", GET),),
                "add_role_permissions": (("/<int:role_id>/permissions", POST),),
                "update_role_groups": (("/<int:role_id>/groups", PUT),),
                "update_role_users": (("/<int:role_id>/users", PUT),),
            },
            resource="security/roles",
        ),
        "UserApi": Shape("ModelRestApi", resource="security/users"),
        "GroupApi": Shape("ModelRestApi", resource="security/groups"),
        "ViewMenuApi": Shape("ModelRestApi", resource="security/resources"),
        "ApiKeyApi": Shape(
            "BaseApi",
            {
                "create_api_key": (("/", POST),),
                "list_api_keys": (("/", GET),),
                "get_api_key": (("/<string:key_uuid>", GET),),
                "revoke_api_key": (("/<string:key_uuid>", DELETE),),
            },
            resource="security/api_keys",
        ),
    }
)


def shapes(name: str) -> Iterator[Shape]:
    """Yield the class of that name and those behind it."""
    while name in LIBRARY:
        yield LIBRARY[name]
        name = LIBRARY[name].parent


@dataclass(frozen=True, slots=True)
class BuiltIn:
    """A view that the library adds itself. `attribute` of the security manager names another class for it.

    `flags` are (setting, what it is if nobody sets it), all of which must be true; `types` are the values of AUTH_TYPE
    that add it, none: all.
    """

    view: str
    attribute: str = ""
    flags: tuple[tuple[str, bool], ...] = ()
    types: tuple[str, ...] = ()


AUTH_TYPES = ("AUTH_OID", "AUTH_DB", "AUTH_LDAP", "AUTH_REMOTE_USER", "AUTH_OAUTH", "AUTH_SAML")  # by number

VIEWS = (("FAB_ADD_SECURITY_VIEWS", True),)
REGISTERING = (*VIEWS, ("AUTH_USER_REGISTRATION", False))
DATA = (("FAB_ADD_SECURITY_API", False),)
OPENAPI = (("FAB_ADD_OPENAPI_VIEWS", True), ("FAB_API_SWAGGER_UI", False))
DB, OAUTH = ("AUTH_DB",), ("AUTH_OAUTH",)

BUILT_IN = (
    BuiltIn("UtilView"),
    BuiltIn("LocaleView"),
    BuiltIn("SecurityApi", "security_api", VIEWS),
    BuiltIn("RegisterUserDBView", "registeruserdbview", REGISTERING, DB),
    BuiltIn("RegisterUserOAuthView", "registeruseroauthview", REGISTERING, OAUTH),
    BuiltIn("UserInfoEditView", "userinfoeditview", VIEWS),
    BuiltIn("ResetPasswordView", "resetpasswordview", VIEWS, DB),
    BuiltIn("ResetMyPasswordView", "resetmypasswordview", VIEWS, DB),
    BuiltIn("AuthDBView", "authdbview", VIEWS, DB),
    BuiltIn("AuthLDAPView", "authldapview", VIEWS, ("AUTH_LDAP",)),
    BuiltIn("AuthOAuthView", "authoauthview", VIEWS, OAUTH),
    BuiltIn("AuthRemoteUserView", "authremoteuserview", VIEWS, ("AUTH_REMOTE_USER",)),
    BuiltIn("AuthSAMLView", "authsamlview", VIEWS, ("AUTH_SAML",)),
    BuiltIn("UserDBModelView", "userdbmodelview", VIEWS, DB),
    BuiltIn("UserLDAPModelView", "userldapmodelview", VIEWS, ("AUTH_LDAP",)),
    BuiltIn("UserOAuthModelView", "useroauthmodelview", VIEWS, OAUTH),
    BuiltIn("UserRemoteUserModelView", "userremoteusermodelview", VIEWS, ("AUTH_REMOTE_USER",)),
    BuiltIn("UserSAMLModelView", "usersamlmodelview", VIEWS, ("AUTH_SAML",)),
    BuiltIn("RoleModelView", "rolemodelview", VIEWS),
    BuiltIn("UserGroupModelView", "groupmodelview", VIEWS),
    BuiltIn("UserStatsChartView", "userstatschartview", VIEWS),
    BuiltIn("RegisterUserModelView", "registerusermodelview", REGISTERING),
    BuiltIn(
        "PermissionModelView", "permissionmodelview", (*VIEWS, ("FAB_ADD_SECURITY_PERMISSION_VIEW", True))
    ),
    BuiltIn("ViewMenuModelView", "viewmenumodelview", (*VIEWS, ("FAB_ADD_SECURITY_VIEW_MENU_VIEW", True))),
    BuiltIn(
        "PermissionViewModelView",
        "permissionviewmodelview",
        (*VIEWS, ("FAB_ADD_SECURITY_PERMISSION_VIEWS_VIEW", True)),
    ),
    BuiltIn("PermissionApi", "permission_api", DATA),
    BuiltIn("RoleApi", "role_api", DATA),
    BuiltIn("UserApi", "user_api", DATA),
    BuiltIn("ViewMenuApi", "view_menu_api", DATA),
    BuiltIn("PermissionViewMenuApi", "permission_view_menu_api", DATA),
    BuiltIn("GroupApi", "group_api", DATA),
    BuiltIn("ApiKeyApi", "", (*DATA, ("FAB_API_KEY_ENABLED", False))),
    BuiltIn("OpenApi", "", OPENAPI),
    BuiltIn("SwaggerView", "", OPENAPI),
    BuiltIn("MenuApi", "", (("FAB_ADD_MENU_API", True),)),
)
