"""What a view answers to: the HTTP methods of a function's decorators, of a class's handlers, of a view set's actions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from bridge.analysis.frameworks.django.data import (
    MAPPED,
    Bound,
    Class,
    External,
    Function,
    Instance,
    Made,
    Raised,
)
from bridge.analysis.frameworks.django.interpreter import Interpreter
from bridge.analysis.frameworks.django.policies import given_policy

__all__ = [
    "OPERATION",
    "Actions",
    "Extra",
    "View",
    "handlers_of",
    "view_of",
    "viewset_actions",
]

OPERATION = External(
    "<operation>"
)  # made of a django-ninja function and what guards it, its `methods` a keyword

HTTP_METHODS = ("get", "post", "put", "patch", "delete", "head", "options", "trace")

# By the last name: what Django's and REST framework's own classes answer to, where their source is not there.
KNOWN_HANDLERS: MappingProxyType[str, tuple[str, ...]] = MappingProxyType(
    {
        **dict.fromkeys(
            (
                "BaseListView", "ListView", "FilterView", "BaseFilterView", "DetailView", "BaseDetailView", "TemplateView", "ArchiveIndexView",
                "YearArchiveView", "MonthArchiveView", "WeekArchiveView", "DayArchiveView", "TodayArchiveView",
                "DateDetailView", "PasswordResetDoneView", "PasswordResetCompleteView", "PasswordChangeDoneView",
                "ListAPIView", "RetrieveAPIView", "JavaScriptCatalog", "JSONCatalog", "APIRootView", "SchemaView",
                "SpectacularAPIView", "SpectacularSwaggerView", "SpectacularRedocView", "SingleTableView",
            ),
            ("get",),
        ),
        **dict.fromkeys(
            (
                "FormView", "CreateView", "UpdateView", "BaseFormView", "ProcessFormView", "LoginView",
                "PasswordResetView", "PasswordResetConfirmView", "PasswordChangeView", "ListCreateAPIView",
                "DeletionMixin", "FacetedSearchView",
            ),
            ("get", "post"),
        ),
        **dict.fromkeys(
            (
                "FormSetView", "ModelFormSetView", "InlineFormSetView", "CreateWithInlinesView",
                "UpdateWithInlinesView",
            ),
            ("get", "post", "put"),
        ),
        "DeleteView": ("get", "post", "delete"),
        "DeletionMixin": ("post", "delete"),
        "BaseDeleteView": ("get", "post", "delete"),
        "LogoutView": ("post",),
        "RedirectView": ("get", "post", "put", "patch", "delete"),
        "CreateAPIView": ("post",),
        "ObtainAuthToken": ("post",),
        "DestroyAPIView": ("delete",),
        "UpdateAPIView": ("put", "patch"),
        "RetrieveUpdateAPIView": ("get", "put", "patch"),
        "RetrieveDestroyAPIView": ("get", "delete"),
        "RetrieveUpdateDestroyAPIView": ("get", "put", "patch", "delete"),
        "TokenObtainPairView": ("post",),
        "TokenRefreshView": ("post",),
        "TokenVerifyView": ("post",),
    }
)  # fmt: skip

KNOWN_ACTIONS: MappingProxyType[str, tuple[str, ...]] = MappingProxyType(
    {
        "ModelViewSet": ("list", "create", "retrieve", "update", "partial_update", "destroy"),
        "ReadOnlyModelViewSet": ("list", "retrieve"),
        "ListModelMixin": ("list",),
        "CreateModelMixin": ("create",),
        "RetrieveModelMixin": ("retrieve",),
        "UpdateModelMixin": ("update", "partial_update"),
        "DestroyModelMixin": ("destroy",),
    }
)

RESTRICTING: MappingProxyType[str, tuple[str, ...]] = MappingProxyType(
    {"require_GET": ("GET",), "require_POST": ("POST",), "require_safe": ("GET", "HEAD")}
)


@dataclass(frozen=True, slots=True)
class View:
    """What a row's view is, decorators taken off.

    `target` is a Function, a Class, an External or Unknown; `layers` the functions of the project's own decorators
    around it, the outermost first; `decorators` all others by name. `methods` None: the view does not say.
    `guards` are asked before it, `is_operation` tells that django-ninja serialises what it returns.
    `handlers`: HTTP method in upper case -> the method of the class that answers it.
    """

    target: Any
    layers: tuple[Function, ...] = ()
    decorators: tuple[str, ...] = ()
    methods: tuple[str, ...] | None = None
    handlers: dict[str, str] = field(default_factory=dict)
    keywords: dict[str, Any] = field(default_factory=dict)
    guards: tuple[Any, ...] = ()
    is_operation: bool = False
    owner: Class | None = None  # of an operation that is a class's method: the class
    name: str = ""  # and what it calls the method
    policies: dict[str, Any] = field(
        default_factory=dict
    )  # attribute -> what decorators of REST framework's give


def view_of(interpreter: Interpreter, value: Any) -> View:
    """Return what a view is, as the URL configuration has it."""
    if isinstance(value, Made) and value.function == OPERATION:
        return _operation(interpreter, value)
    layers: list[Function] = []
    decorators: list[str] = []
    methods: tuple[str, ...] | None = None
    policies: dict[str, Any] = {}
    for _ in range(30):  # decorators on one view; nobody has more
        if isinstance(value, str):
            value = interpreter.dotted(value)
        if isinstance(value, Made) and value.function == External("<as_view>"):
            return _class_view(interpreter, value, tuple(layers), tuple(decorators), methods)
        if isinstance(value, Made):
            name, inner = _taken_apart(value)
            decorators.append(name)
            policies.update(dict(filter(None, [given_policy(value, name)])))
            methods = _restricted(methods, name, value)
            if inner is None:
                value = _called(interpreter, value)
                if isinstance(value, (Made, Function)):
                    continue
                return View(External(name), tuple(layers), tuple(decorators), methods)
            value = inner
        elif isinstance(value, Function) and "__wrapped__" in value.attributes:
            layers.append(value)
            value = value.attributes["__wrapped__"]
        elif isinstance(value, Bound):
            value = value.function
        elif isinstance(value, Instance):
            value = value.cls
        else:
            break
    if isinstance(value, External):
        followed = interpreter.follow(value)
        if isinstance(followed, Made) or (isinstance(followed, Function) and followed.attributes):
            inner_view = view_of(interpreter, followed)
            return View(value, tuple(layers), tuple(decorators), inner_view.methods, inner_view.handlers)
    return View(value, tuple(layers), tuple(decorators), methods, policies=policies)


def _operation(interpreter: Interpreter, made: Made) -> View:
    """Return the view of an operation of django-ninja's."""
    view, *guards = made.arguments
    return replace(
        view_of(interpreter, view),
        methods=tuple(made.keywords["methods"]),
        guards=tuple(guards),
        is_operation=True,
        owner=made.keywords.get("owner"),
        name=made.keywords.get("name", ""),
    )


def _called(interpreter: Interpreter, made: Made) -> Any:
    """Return what a library's function that makes views gives, where it can be read; the call itself if not."""
    function = interpreter.follow(made.function)
    if not isinstance(function, Function):
        return None
    try:
        return interpreter.call(function, made.arguments, made.keywords, made.place)
    except Raised:
        return None


def _taken_apart(made: Made) -> tuple[str, Any]:
    """Return (decorator's name, what it decorates); the latter None where nothing looks like a view."""
    function = made.function
    name = function.name if isinstance(function, External) else ""
    if isinstance(function, Made):
        name = _taken_apart(function)[0]
    candidates = [*made.arguments, *made.keywords.values()]
    for kinds in ((Function, Made, Bound, Class, Instance), (External,)):
        for each in candidates:
            if isinstance(each, kinds):
                return name, each
    return name, None


def _restricted(known: tuple[str, ...] | None, name: str, made: Made) -> tuple[str, ...] | None:
    last = name.rpartition(".")[2]
    found: Any = RESTRICTING.get(last)
    if last in {"require_http_methods", "api_view"} and isinstance(made.function, Made):
        given = made.function.arguments[:1] or tuple(made.function.keywords.values())
        found = given[0] if given else ["GET"]
    if not isinstance(found, (list, tuple)):
        return known
    upper = tuple(str(each).upper() for each in found)
    return upper if known is None else tuple(each for each in known if each in upper)


def _class_view(
    interpreter: Interpreter,
    made: Made,
    layers: tuple[Function, ...],
    decorators: tuple[str, ...],
    methods: tuple[str, ...] | None,
) -> View:
    cls, *rest = made.arguments
    if isinstance(cls, Instance):
        cls = cls.cls
    mapping = next((each for each in (*rest, made.keywords.get("actions")) if isinstance(each, dict)), None)
    allowed = made.keywords.get("http_method_names")
    if mapping is not None:
        handlers = {str(method).upper(): str(action) for method, action in mapping.items()}
        handlers.pop("HEAD", None)
        limit = _allowed(interpreter, cls)
        if limit is not None:
            handlers = {method: action for method, action in handlers.items() if method.lower() in limit}
    else:
        handlers = handlers_of(interpreter, cls, allowed)
    if methods is not None:
        handlers = {method: name for method, name in handlers.items() if method in methods}
    return View(cls, layers, decorators, methods, handlers, made.keywords)


def _allowed(interpreter: Interpreter, cls: Any) -> tuple[str, ...] | None:
    followed = interpreter.follow(cls)
    if not isinstance(followed, Class):
        return None
    value, owner = _find(interpreter, followed, "http_method_names")
    return tuple(value) if owner is not None and isinstance(value, (list, tuple)) else None


def _find(interpreter: Interpreter, cls: Class, name: str) -> tuple[Any, Any]:
    """Return (value, owner) of an attribute, libraries' classes included as far as they can be read."""
    for each in interpreter.order(cls, follow=True):
        if isinstance(each, Class) and name in each.attributes:
            return interpreter.settled(each.attributes, name), each
    return None, None


def handlers_of(interpreter: Interpreter, cls: Any, allowed: Any = None) -> dict[str, str]:
    """Return HTTP method -> method's name for what a view class answers, HEAD and OPTIONS left out.

    `put` of Django's form views is left out, too: it is another name of `post` there.
    """
    followed = interpreter.follow(cls)
    names = allowed if isinstance(allowed, (list, tuple)) else None
    if not isinstance(followed, Class):
        found = (
            set(KNOWN_HANDLERS.get(cls.name.rpartition(".")[2], ())) if isinstance(cls, External) else set()
        )
    else:
        found = set(_handlers(interpreter, followed))
        names = names if names is not None else _allowed(interpreter, followed)
    if names is not None:
        found &= set(names)
    return {method.upper(): method for method in HTTP_METHODS if method in found - {"head", "options"}}


def _handlers(interpreter: Interpreter, cls: Class) -> Iterator[str]:
    for each in interpreter.order(cls, follow=True):
        if isinstance(each, External):
            yield from KNOWN_HANDLERS.get(each.name.rpartition(".")[2], ())
            continue
        for method in HTTP_METHODS:
            if method in each.attributes and each.attributes[method] is not None:
                if method == "put" and each.qualified == "ProcessFormView":
                    continue
                yield method


@dataclass(frozen=True, slots=True)
class Extra:
    """A method behind `@action`: HTTP method -> method, its part of the path, of one object or of the list."""

    name: str
    mapping: dict[str, str]
    url_path: str
    detail: bool


@dataclass(frozen=True, slots=True)
class Actions:
    """A view set's methods by name, and those behind `@action`."""

    names: frozenset[str]
    extra: tuple[Extra, ...]


def viewset_actions(interpreter: Interpreter, viewset: Any) -> Actions:
    """Return what a router finds on a view set."""
    cls = interpreter.follow(viewset)
    if not isinstance(cls, Class):
        last = viewset.name.rpartition(".")[2] if isinstance(viewset, External) else ""
        return Actions(frozenset(KNOWN_ACTIONS.get(last, ())), ())
    names: dict[str, Any] = {}
    for each in reversed(list(interpreter.order(cls, follow=True))):
        if isinstance(each, External):
            names.update(dict.fromkeys(KNOWN_ACTIONS.get(each.name.rpartition(".")[2], ())))
        else:
            names.update(each.attributes)
    extra = [found for name in sorted(names) for found in _extra_of(name, names[name])]
    return Actions(frozenset(names), tuple(extra))


def _extra_of(name: str, value: Any) -> Iterator[Extra]:
    made = _action_of(value)
    if made is None:
        return
    given = {
        **dict(zip(("methods", "detail", "url_path", "url_name"), made.arguments, strict=False)),
        **made.keywords,
    }
    last = made.function.name.rpartition(".")[2] if isinstance(made.function, External) else ""
    detail = {"detail_route": True, "list_route": False}.get(last, given.get("detail") is True)
    methods = given.get("methods") or ["get"]
    mapping = {str(each).lower(): name for each in methods if isinstance(each, str)}
    mapping.update(made.keywords.get(MAPPED, {}))
    url_path = given.get("url_path")
    yield Extra(name, mapping, url_path if isinstance(url_path, str) and url_path else name, detail)


def _action_of(value: Any) -> Made | None:
    """Return the call of `@action` among a method's decorators, None if there is none."""
    while isinstance(value, Made):
        factory = value.function
        if isinstance(factory, Made) and isinstance(factory.function, External):
            last = factory.function.name.rpartition(".")[2]
            if last in {"action", "detail_route", "list_route"}:
                return factory
        value = next((each for each in value.arguments if isinstance(each, (Made, Function))), None)
        if isinstance(value, Function):
            value = value.attributes.get("__wrapped__")
    return _action_of(value.attributes.get("__wrapped__")) if isinstance(value, Function) else None
