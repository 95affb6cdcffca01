"""Logging in and out, and the pages for those who may not or who are lost."""

import logging

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.security import forget, remember
from pyramid.view import exception_view_config, forbidden_view_config, notfound_view_config, view_config

from . import security, store

log = logging.getLogger("notes.account")


@view_config(route_name="login", renderer="login.jinja2")
def login(request):
    if request.method != "POST":
        return {"problem": None}
    person = store.maybe_person(request.POST.get("name", ""))
    if person is None or not security.matches(request.POST.get("password", ""), person["password"]):
        log.info("refused %s", request.POST.get("name"))
        request.response.status = 401
        return {"problem": "Nobody here has that name and password."}
    request.session.flash("Hello, %s." % person["name"].capitalize())
    return HTTPSeeOther(_next_page(request), headers=remember(request, person["name"]))


@view_config(route_name="logout", request_method="POST")
def logout(request):
    headers = forget(request)
    return HTTPSeeOther(request.route_path("list"), headers=headers)


@forbidden_view_config(renderer="error.jinja2")
def forbidden(request):
    if request.method == "GET" and request.authenticated_userid is None:
        return HTTPSeeOther(request.route_path("login", _query={"next": request.path}))
    request.response.status = 403
    return {"title": "Not like that", "text": "Log in first, or reload the form and send it again."}


@notfound_view_config(renderer="error.jinja2")
def not_found(request):
    request.response.status = 404
    return {"title": "A blank page", "text": "Nobody has written this one yet."}


@exception_view_config(Exception, renderer="error.jinja2")
def broken(problem, request):
    log.error("%s %s", request.method, request.path, exc_info=problem)
    request.response.status = 500
    return {"title": "Ink everywhere", "text": "Something broke on our side. It has been written down."}


def _next_page(request):
    """Where the form wants to go, if that is a path of this notebook; never another host."""
    wanted = request.params.get("next", "")
    inside = wanted.startswith("/") and not wanted.startswith(("//", "/\\"))
    return wanted if inside else request.route_path("list")
