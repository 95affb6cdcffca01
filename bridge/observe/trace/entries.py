"""Which request runs here, and the pattern of its route.

Where a framework takes a request, its function is wrapped: the request stands in a context variable while it runs. A
test client around a framework around an application gives several, one inside the other; the outer ones learn the route
from the inner one, so that a body that is streamed after the inner one has returned still counts for the route.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from contextvars import ContextVar
from types import CodeType, ModuleType
from typing import Any, NamedTuple

__all__ = ["BORDER", "ENTRIES", "Request", "current", "wrap_entries"]

Route = tuple[str, str]  # method, pattern
Finished = Callable[["Request"], None]


class Entry(NamedTuple):
    """A function that takes requests: `owner` is its class, "" for the module; the argument at `position` is described."""

    owner: str
    function: str
    position: int
    path: Callable[[Any], Route]
    route: Callable[[Any], Route | None]


class Request:
    """A request that runs. `route` is found once routing has happened, so its calls are kept here until it ends."""

    __slots__ = ("_about", "_entry", "calls", "has_ended", "is_inner", "parent", "route")

    def __init__(self, about: Any, entry: Entry, parent: Request | None) -> None:
        self._about = about
        self._entry = entry
        self.parent = parent
        self.route: Route | None = None
        self.calls: dict[Any, Any] = {}  # the recorder's, by sink and stack
        self.has_ended = False
        self.is_inner = True  # no other request ran inside it: the one that counts

    def describe(self) -> Route:
        """Return (method, pattern), or (method, path) while no route is known. HEAD is GET: they share a route."""
        try:
            if self.route is None:
                self.route = self._entry.route(self._about)
            method, path = self.route or self._entry.path(self._about)
        except Exception:  # a framework's internals may change: a call without a route beats a failed request
            return "GET", "/"
        return "GET" if method == "HEAD" else method, path if path.startswith("/") else f"/{path}"

    def end(self, finished: Finished) -> None:
        """Hand the route to the request around this one, and the request to `finished`."""
        self.describe()
        self.has_ended = True
        if self.parent is not None:
            self.parent.route = self.parent.route or self.route
            self.parent.is_inner = False
        finished(self)


_current: ContextVar[Request | None] = ContextVar("wsgi_bridge_trace_request", default=None)
current = _current.get


def _run(call: Callable[[], Any], request: Request, finished: Finished) -> Any:
    """Run a request's function: the frame at which its stacks end."""
    token = _current.set(request)
    try:
        return call()
    finally:
        request.end(finished)
        _current.reset(token)


BORDER: CodeType = _run.__code__


# --- how each framework names its route -----------------------------------------------------------


def _environ_path(environ: Any) -> Route:
    return str(environ.get("REQUEST_METHOD", "GET")), str(environ.get("PATH_INFO", "/"))


def _no_route(_: Any) -> Route | None:
    return None


def _flask_route(_: Any) -> Route | None:
    flask = sys.modules["flask"]
    if not flask.has_request_context() or flask.request.url_rule is None:
        return None
    return flask.request.method, flask.request.url_rule.rule


def _request_path(request: Any) -> Route:
    return str(request.method), str(request.path_info)


def _django_route(request: Any) -> Route | None:
    route = getattr(getattr(request, "resolver_match", None), "route", None)
    return None if route is None else (str(request.method), f"/{route}")


def _pyramid_route(request: Any) -> Route | None:
    route = getattr(request, "matched_route", None)
    return None if route is None else (str(request.method), route.pattern)


def _bottle_route(environ: Any) -> Route | None:
    route = environ.get("bottle.route")
    return None if route is None else (environ["REQUEST_METHOD"], route.rule)


ENTRIES: dict[str, tuple[Entry, ...]] = {
    "flask.app": (Entry("Flask", "wsgi_app", 1, _environ_path, _flask_route),),
    "django.core.handlers.base": (Entry("BaseHandler", "get_response", 1, _request_path, _django_route),),
    "pyramid.router": (Entry("Router", "invoke_request", 1, _request_path, _pyramid_route),),
    "bottle": (Entry("Bottle", "_handle", 1, _environ_path, _bottle_route),),
    "falcon.app": (Entry("App", "__call__", 1, _environ_path, _no_route),),
    "werkzeug.test": (Entry("", "run_wsgi_app", 1, _environ_path, _no_route),),
}

# Called inside a request while its route can be asked for: Flask has forgotten it when wsgi_app ends.
ROUTED = {"flask.app": ("Flask", "full_dispatch_request")}


def wrap_entries(module: ModuleType, finished: Finished) -> None:
    """Wrap what takes requests in a module that has just been imported; `finished` gets each when it ends."""
    for entry in ENTRIES.get(module.__name__, ()):
        owner = getattr(module, entry.owner, None) if entry.owner else module
        original = getattr(owner, entry.function, None)
        if original is not None:
            setattr(owner, entry.function, _taking(original, entry, finished))
    if module.__name__ in ROUTED:
        name, function = ROUTED[module.__name__]
        owner = getattr(module, name)
        setattr(owner, function, _describing(getattr(owner, function)))


def _taking(original: Callable[..., Any], entry: Entry, finished: Finished) -> Callable[..., Any]:
    @functools.wraps(original)
    def take(*args: Any, **kwargs: Any) -> Any:
        if len(args) <= entry.position:  # called by keyword: not as any server does
            return original(*args, **kwargs)
        request = Request(args[entry.position], entry, current())
        return _run(functools.partial(original, *args, **kwargs), request, finished)

    return take


def _describing(original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def dispatch(*args: Any, **kwargs: Any) -> Any:
        request = current()
        if request is not None:
            request.describe()
        return original(*args, **kwargs)

    return dispatch
