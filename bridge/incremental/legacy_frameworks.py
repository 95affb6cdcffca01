"""How a call gets into the request context of a legacy application, as Flask's and Django's own views have it.

    Flask     request_context -> functions of before_request -> call
    Django    the middleware of the settings, from the outside in -> call

What these answer themselves, because nobody is logged in, say, ends the way there: `LegacyRefused`. What comes
after a view is left out, but for what has to be let go: there is no legacy response to change, and none that
could carry a session.
"""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import lru_cache
from typing import Any

from bridge.incremental.errors import LegacyRefused, NoLegacyContext
from bridge.protocol.environ import Environ

__all__ = ["Way", "way_into", "way_through"]

logger = logging.getLogger("bridge.incremental")

# Takes an environ and what to call; `call` gets Django's request, or what a context manager yields.
Way = Callable[[Environ, Callable[..., Any]], Any]

_INNER = ("wsgi_app", "app", "application", "wrapped", "_app", "wrap_app", "__self__", "__wrapped__")
_DEPTH = 8  # layers of middleware to look through
# Django's middleware for what goes over the wire: redirects, caches, compression. Not for the code behind it.
_TRANSPORT = (*("cache", "clickjacking", "common", "csrf", "gzip", "http", "security"),)
_IDENTITY = (".SessionMiddleware", ".AuthenticationMiddleware")


def way_through(context: Callable[[Environ], AbstractContextManager[Any]]) -> Way:
    """Return the way that an author's own context manager is; what it yields, unless None, goes to the call."""

    def way(environ: Environ, call: Callable[..., Any]) -> Any:
        with context(environ) as given:
            return call(*(() if given is None else (given,)))

    return way


def way_into(application: Any, *, hooks: bool) -> Way:
    """Return the way into an application of Flask or Django; raises `NoLegacyContext` for another.

    `hooks`: functions of `before_request`, and all middleware but Django's own for the wire. Without them
    there is the request, and in Django session and user.
    """
    for layer in _layers(application):
        for base in type(layer).__mro__:
            top = base.__module__.partition(".")[0]
            if top == "flask" and hasattr(layer, "request_context"):
                return _flask_way(layer, hooks=hooks)
            if top == "django" and hasattr(layer, "load_middleware"):
                return _django_way(layer, hooks=hooks)
    raise NoLegacyContext(application)


def _layers(application: Any) -> Iterator[Any]:
    """Yield an application and what middleware has wrapped; Flask's own `wsgi_app` leads back to it."""
    layer = application
    for _ in range(_DEPTH):
        yield layer
        inner = [getattr(layer, name, None) for name in _INNER]
        layer = next((each for each in inner if callable(each)), None)
        if layer is None:
            return


# ---------------------------------------------------------------- Flask


def _flask_way(flask: Any, *, hooks: bool) -> Way:
    def way(environ: Environ, call: Callable[..., Any]) -> Any:
        with flask.request_context(environ) as context:
            if hooks:
                _before_request(flask, context)
            return call()

    return way


def _before_request(flask: Any, context: Any) -> None:
    """Run what is to run before a request, as `Flask.full_dispatch_request` does; raises `LegacyRefused`."""
    run = flask.preprocess_request
    try:
        answer = run(*((context,) if inspect.signature(run).parameters else ()))  # Flask 3.2 hands it on
    except Exception as error:
        answer = flask.handle_user_exception(error)  # abort(403) and its page; raises what has none
    if answer is not None:
        response = flask.make_response(answer)
        raise LegacyRefused(response.status_code, list(response.headers), response.get_data())


# ---------------------------------------------------------------- Django


def _django_way(handler: Any, *, hooks: bool) -> Way:
    def way(environ: Environ, call: Callable[..., Any]) -> Any:
        from django.core.signals import request_finished, request_started

        request_started.send(sender=handler.__class__, environ=environ)
        try:
            request = handler.request_class(environ)
            outcome: list[Any] = []
            request._bridge_call = lambda inner: outcome.append(call(inner))  # noqa: SLF001 - our own name
            answer = _chain(hooks)(request)
            if not outcome:
                raise LegacyRefused(answer.status_code, list(answer.items()), _content(answer))
            return outcome[0]
        finally:
            request_finished.send(sender=handler.__class__)  # closes connections past their age

    return way


def _content(answer: Any) -> bytes:
    return b"" if getattr(answer, "streaming", False) else bytes(answer.content)


@lru_cache(maxsize=2)
def _chain(hooks: bool) -> Callable[[Any], Any]:  # noqa: FBT001 - the cache's key
    """Return the middleware of the settings around the call, made once, as Django makes it once."""
    from django.conf import settings
    from django.core.exceptions import MiddlewareNotUsed
    from django.http import HttpResponse
    from django.utils.module_loading import import_string

    def innermost(request: Any) -> Any:
        request._bridge_call(request)  # noqa: SLF001 - our own name
        return HttpResponse(status=204)

    chain: Callable[[Any], Any] = innermost
    for path in reversed(settings.MIDDLEWARE):
        if _is_passed_over(path, hooks=hooks):
            continue
        try:
            made = import_string(path)
            if not getattr(made, "sync_capable", True):
                logger.warning("run_legacy passes over %s, which is asynchronous only", path)
                continue
            chain = _step(made(chain), chain)
        except MiddlewareNotUsed:
            continue
    return chain


def _is_passed_over(path: str, *, hooks: bool) -> bool:
    if not hooks:
        return not path.endswith(_IDENTITY)
    return path.startswith(tuple(f"django.middleware.{name}." for name in _TRANSPORT))


def _step(middleware: Any, inner: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return a middleware as a step of the chain; where its two halves are apart, the first one alone.

    The second half works on a response, which is none of anybody's: it would save a session, say.
    """
    before = getattr(middleware, "process_request", None)
    if before is None and not hasattr(middleware, "process_response"):
        whole: Callable[[Any], Any] = middleware
        return whole

    def step(request: Any) -> Any:
        answer = None if before is None else before(request)
        return inner(request) if answer is None else answer

    return step
