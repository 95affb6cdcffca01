"""Methods of class-based views that the framework calls, and the queries that its own methods make.

Django: `django.views.generic`. REST framework: `rest_framework.views`, `.generics`, `.mixins`.
"""

from __future__ import annotations

from types import MappingProxyType

__all__ = [
    "ADMIN_QUERIES",
    "ALWAYS",
    "COUNT",
    "FORM_VIEWS",
    "HELPERS",
    "HOOKS",
    "ITERATE",
    "OWN_QUERIES",
    "PAGED",
    "PERMITTED",
    "TAKING",
    "TEMPLATE_METHODS",
    "UNUSED",
    "VALIDATE",
]

# Called for every request, whatever the handler is.
ALWAYS = (
    "setup",
    "dispatch",
    "initialize_request",
    "initial",
    "perform_authentication",
    "check_permissions",
    "check_throttles",
    "determine_version",
    "get_authenticators",
    "get_permissions",
    "get_throttles",
    "get_renderers",
    "get_parsers",
    "test_func",
    "get_test_func",
    "has_permission",
    "get_permission_required",
    "finalize_response",
    "handle_exception",
)

READING = (
    "get_queryset",
    "get_object",
    "get_context_data",
    "get_ordering",
    "get_paginate_by",
    "get_paginator",
    "get_slug_field",
    "get_template_names",
    "paginate_queryset",
    "render_to_response",
)

FORM = ("get_form", "get_form_class", "get_form_kwargs", "get_initial", "get_prefix")

REST = (
    "get_queryset",
    "filter_queryset",
    "get_object",
    "get_serializer",
    "get_serializer_class",
    "get_serializer_context",
    "paginate_queryset",
    "get_paginated_response",
    "check_object_permissions",
)

# What a handler of another name may call: an action of a view set's own calls neither `list` nor `retrieve`.
ACTION = (*READING, *FORM, *REST)

# HTTP method, or action of a view set -> methods that may run for it, if the handler is the framework's own.
HOOKS: MappingProxyType[str, tuple[str, ...]] = MappingProxyType(
    {
        "get": (*READING, *FORM, *REST, "list", "retrieve", "get_redirect_url"),
        "post": (
            *READING,
            *FORM,
            *REST,
            "form_valid",
            "form_invalid",
            "get_success_url",
            "delete",
            "create",
            "perform_create",
            "get_success_headers",
        ),
        "put": (*REST, "update", "perform_update"),
        "patch": (*REST, "partial_update", "update", "perform_update"),
        "delete": (*REST, "get_success_url", "destroy", "perform_destroy"),
        "list": REST,
        "retrieve": REST,
        "create": (*REST, "perform_create", "get_success_headers"),
        "update": (*REST, "perform_update"),
        "partial_update": (*REST, "update", "perform_update"),
        "destroy": (*REST, "perform_destroy"),
    }
)

# A handler of the project's own that calls one of these has the framework call its hooks.
TEMPLATE_METHODS = frozenset({"super", *READING, *FORM, *REST, "form_valid", "form_invalid"})

FORM_VIEWS = frozenset({"FormView", "CreateView", "UpdateView", "BaseFormView", "ProcessFormView"})

ITERATE = "django.db.models.QuerySet.__iter__"
GET = "django.db.models.QuerySet.get"
LOOK_UP = "rest_framework.generics.get_object_or_404"
COUNT = "django.db.models.QuerySet.count"
SAVE = "django.db.models.Model.save"
DELETE = "django.db.models.Model.delete"
ATOMIC = "django.db.transaction.Atomic.__enter__"
AUTHENTICATE = "django.contrib.auth.authenticate"
LOGIN = "django.contrib.auth.login"
LOGOUT = "django.contrib.auth.logout"
PERMITTED = "django.contrib.auth.models.PermissionsMixin.has_perm"
SEND = "django.core.mail.EmailMessage.send"

LENGTH = "django.db.models.QuerySet.__len__"
PAGE = "django.core.paginator.Paginator.page"
VALIDATE = "django.forms.ModelForm.is_valid"
SAVE_FORM = "django.forms.ModelForm.save"
PAGED = frozenset({PAGE, COUNT, LENGTH})  # only where a list is cut into pages

# (the last name of a base class, HTTP method or action) -> what the base's own handler calls.
OWN_QUERIES: MappingProxyType[tuple[str, str], tuple[str, ...]] = MappingProxyType(
    {
        **{
            (name, "get"): (PAGE, COUNT, LENGTH, ITERATE)
            for name in (
                "MultipleObjectMixin",
                "BaseListView",
                "ListView",
                "FilterView",
                "BaseFilterView",
                "FilteredListView",
            )
        },
        **{
            (name, "get"): (GET,)
            for name in ("SingleObjectMixin", "BaseDetailView", "DetailView", "UpdateView")
        },
        ("DeleteView", "get"): (GET,),
        ("DeleteView", "post"): (GET, DELETE),
        ("DeleteView", "delete"): (GET, DELETE),
        ("CreateView", "post"): (VALIDATE, SAVE_FORM, SAVE),
        ("UpdateView", "post"): (GET, VALIDATE, SAVE_FORM, SAVE),
        **{
            (name, "list"): (COUNT, ITERATE)
            for name in ("ListModelMixin", "ModelViewSet", "ReadOnlyModelViewSet")
        },
        **{
            (name, "retrieve"): (LOOK_UP,)
            for name in ("RetrieveModelMixin", "ModelViewSet", "ReadOnlyModelViewSet")
        },
        **{(name, "create"): (SAVE,) for name in ("CreateModelMixin", "ModelViewSet")},
        **{(name, "update"): (LOOK_UP, SAVE) for name in ("UpdateModelMixin", "ModelViewSet")},
        **{(name, "partial_update"): (LOOK_UP, SAVE) for name in ("UpdateModelMixin", "ModelViewSet")},
        **{(name, "destroy"): (LOOK_UP, DELETE) for name in ("DestroyModelMixin", "ModelViewSet")},
        **{(name, "get"): (COUNT, ITERATE) for name in ("ListAPIView", "ListCreateAPIView")},
        **{
            (name, "get"): (LOOK_UP,)
            for name in (
                "RetrieveAPIView",
                "RetrieveUpdateAPIView",
                "RetrieveDestroyAPIView",
                "RetrieveUpdateDestroyAPIView",
            )
        },
        **{(name, "post"): (SAVE,) for name in ("CreateAPIView", "ListCreateAPIView")},
        **{
            (name, method): (LOOK_UP, SAVE)
            for name in ("UpdateAPIView", "RetrieveUpdateAPIView", "RetrieveUpdateDestroyAPIView")
            for method in ("put", "patch")
        },
        **{
            (name, "delete"): (LOOK_UP, DELETE)
            for name in ("DestroyAPIView", "RetrieveDestroyAPIView", "RetrieveUpdateDestroyAPIView")
        },
        ("LoginView", "post"): (AUTHENTICATE, LOGIN),
        ("LogoutView", "post"): (LOGOUT,),
        ("PasswordResetView", "post"): (ITERATE, SEND),
        ("PasswordResetConfirmView", "get"): (GET,),
        ("PasswordResetConfirmView", "post"): (GET, SAVE),
        ("PasswordChangeView", "post"): (SAVE,),
    }
)

# A page of `django.contrib.admin.ModelAdmin` -> what it asks for any model. What is changed is changed in a transaction.
ADMIN_QUERIES: MappingProxyType[str, tuple[str, ...]] = MappingProxyType(
    {
        "changelist_view": (COUNT, LENGTH),
        "add_view": (ATOMIC, SAVE),
        "change_view": (ATOMIC, GET, SAVE),
        "delete_view": (ATOMIC, GET, DELETE),
        "history_view": (GET,),
    }
)

SERIALIZER = (
    "__init__",
    "to_representation",
    "to_internal_value",
    "validate",
    "create",
    "update",
    "save",
    "run_validation",
    "get_fields",
)

# What a form or serializer does with what it is sent: handlers of other methods are sent nothing, unless they ask.
TAKING = frozenset(
    ["to_internal_value", "validate", "create", "update", "save", "run_validation", "clean", "is_valid"]
)
UNUSED = {
    "GET": TAKING,
    "DELETE": TAKING | {"to_representation"},
    "POST": frozenset(["update"]),
    "PUT": frozenset(["create"]),
    "PATCH": frozenset(["create"]),
}

# What a REST framework view names -> the role of what runs, the methods that run.
HELPERS: dict[str, tuple[str, tuple[str, ...]]] = {
    "serializer_class": ("serializer", SERIALIZER),
    "permission_classes": ("permission", ("has_permission",)),
    "authentication_classes": ("authentication", ("authenticate",)),
    "throttle_classes": ("throttle", ("allow_request", "get_cache_key", "get_rate")),
    "pagination_class": ("pagination", ("paginate_queryset", "get_paginated_response", "get_page_size")),
    "filter_backends": ("filter", ("filter_queryset",)),
    "filterset_class": ("filter", ("filter_queryset", "qs")),
    "form_class": ("form", ("__init__", "clean", "save", "is_valid")),
}
