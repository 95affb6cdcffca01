from __future__ import annotations

import pytest

from bridge.analysis.frameworks.django.site import INSTALL
from tests.analysis.frameworks.django.conftest import Agree, Analysed

VIEWS = """
from django.http import HttpResponse
from django.views.decorators.http import require_POST, require_http_methods
from django.contrib.auth.decorators import login_required

def a(request, **kwargs): return HttpResponse("")
b = a

@require_POST
@login_required
def posted(request): return HttpResponse("")

@require_http_methods(["GET", "PUT"])
def both(request): return HttpResponse("")
"""


def test_a_project_without_settings_has_no_routes(read: Analysed) -> None:
    found = read(manage="", settings="del ROOT_URLCONF\n").survey.discovery
    assert (found.frameworks, found.routes) == ((), ())


def test_paths_are_written_as_django_writes_them(agree: Agree) -> None:
    found = agree(
        shop__views=VIEWS,
        urls="""
        from django.urls import path, re_path
        from shop import views
        urlpatterns = [
            path("", views.a),
            path("books/<int:pk>/", views.a),
            re_path(r"^old/(?P<pk>[0-9]+)/$", views.b),
            re_path("loose", views.a),
        ]
        """,
    )
    assert [each.id for each in found.routes] == [
        "ANY /",
        "ANY /books/<int:pk>/",
        "ANY /old/(?P<pk>[0-9]+)/",
        "ANY /loose",
    ]
    assert found.routes[0].handler == "shop.views.a"
    assert (found.routes[0].file, found.routes[0].line) == ("shop/views.py", 6)


def test_decorators_tell_methods(agree: Agree) -> None:
    found = agree(
        shop__views=VIEWS,
        urls="""
        from django.urls import path
        from shop import views
        urlpatterns = [path("p/", views.posted), path("b/", views.both)]
        """,
    )
    assert [each.id for each in found.routes] == ["POST /p/", "GET,PUT /b/"]


def test_includes_by_name_list_tuple_and_addition(agree: Agree) -> None:
    agree(
        shop__views=VIEWS,
        shop__urls="""
        from django.urls import path
        from . import views
        app_name = "shop"
        urlpatterns = [path("a/", views.a, name="a")]
        urlpatterns += [path("b/", views.a)]
        for name in ("x", "y"):
            urlpatterns.append(path(f"{name}/", views.a))
        """,
        urls="""
        from django.conf import settings
        from django.urls import include, path
        from shop import urls, views
        more = [path("m/", views.a)]
        urlpatterns = [
            path("one/", include("shop.urls")),
            path("two/", include(("shop.urls", "again"), namespace="two")),
            path("three/", include(more)),
            path("four/", include((more, "four"))),
            path("", include(urls, namespace="five")),
        ]
        if settings.DEBUG:
            urlpatterns += [path("debug/", views.a)]
        """,
    )


def test_functions_and_tables_that_make_patterns(agree: Agree) -> None:
    agree(
        shop__registry="""
        from django.urls import path
        registry = {}

        def register(name):
            def wrapper(view):
                registry.setdefault("views", []).append((name, view))
                return view
            return wrapper

        def patterns():
            return [path(f"{name}/", view) for name, view in registry["views"]]
        """,
        shop__views="""
        from django.http import HttpResponse
        from shop.registry import register

        @register("first")
        def first(request): return HttpResponse("")

        @register("second")
        def second(request): return HttpResponse("")
        """,
        urls="""
        from shop import views
        from shop.registry import patterns
        urlpatterns = patterns()
        """,
    )


def test_languages_and_static_files(agree: Agree) -> None:
    agree(
        settings="""
        DEBUG = True
        LANGUAGE_CODE = "de"
        LANGUAGES = [("de", "German")]
        MEDIA_URL = "/media/"
        """,
        shop__views=VIEWS,
        urls="""
        from django.conf import settings
        from django.conf.urls.i18n import i18n_patterns
        from django.conf.urls.static import static
        from django.urls import path
        from shop import views
        urlpatterns = i18n_patterns(path("a/", views.a)) + static(settings.MEDIA_URL, document_root="x")
        urlpatterns += i18n_patterns(path("b/", views.a), prefix_default_language=False)
        """,
    )


def test_class_based_views_give_a_route_for_each_handler(agree: Agree) -> None:
    found = agree(
        shop__views="""
        from django.http import HttpResponse
        from django.views import View
        from django.views.generic import FormView, ListView, RedirectView, TemplateView

        class Base(View):
            def get(self, request): return HttpResponse("")

        class Own(Base):
            def delete(self, request): return HttpResponse("")

        class Narrow(Own):
            http_method_names = ["get"]

        class Page(TemplateView): template_name = "x.html"
        class Form(FormView): template_name = "x.html"
        """,
        urls="""
        from django.urls import path
        from django.views.decorators.csrf import csrf_exempt
        from django.views.generic import RedirectView
        from shop import views
        urlpatterns = [
            path("own/", csrf_exempt(views.Own.as_view())),
            path("narrow/", views.Narrow.as_view()),
            path("page/", views.Page.as_view()),
            path("form/", views.Form.as_view()),
            path("gone/", RedirectView.as_view(url="/page/")),
        ]
        """,
    )
    assert [each.id for each in found.routes][:3] == ["DELETE /own/", "GET /own/", "GET /narrow/"]
    assert found.routes[0].handler == "shop.views.Own"


def test_the_admin_has_the_routes_of_what_is_registered(agree: Agree) -> None:
    found = agree(
        settings="""
        INSTALLED_APPS = ["django.contrib.admin", "django.contrib.messages", "django.contrib.sessions", *INSTALLED_APPS]
        TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "OPTIONS": {"context_processors": [
            "django.template.context_processors.request", "django.contrib.auth.context_processors.auth",
            "django.contrib.messages.context_processors.messages"]}}]
        MIDDLEWARE = ["django.contrib.sessions.middleware.SessionMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            "django.contrib.messages.middleware.MessageMiddleware"]
        """,
        shop__models="""
        from django.db import models
        class Book(models.Model): pass
        class Author(models.Model): pass
        """,
        shop__admin="""
        from django.contrib import admin
        from django.http import HttpResponse
        from django.urls import path
        from shop.models import Author, Book

        @admin.register(Book)
        class BookAdmin(admin.ModelAdmin):
            def get_urls(self):
                return [path("count/", self.admin_site.admin_view(self.count)), *super().get_urls()]

            def count(self, request): return HttpResponse("")

        admin.site.register(Author)
        """,
        urls="""
        from django.contrib import admin
        from django.urls import path
        urlpatterns = [path("admin/", admin.site.urls)]
        """,
    )
    assert "ANY /admin/shop/book/count/" in {each.id for each in found.routes}


def test_an_environment_that_is_empty_gives_the_defaults(agree: Agree) -> None:
    agree(
        settings="""
        import os
        from pathlib import Path
        PREFIX = os.environ.get("NO_SUCH_PREFIX_HERE", "shop/")
        try:
            from no_such_local_settings import *
        except ImportError:
            LOCAL = Path(__file__).parent.name
        if "NO_SUCH_PREFIX_HERE" in os.environ:
            PREFIX = "other/"
        """,
        shop__views=VIEWS,
        urls="""
        from django.conf import settings
        from django.urls import path
        from shop import views
        urlpatterns = [path(settings.PREFIX, views.a)]
        """,
    )


def test_what_cannot_be_followed_is_said(read: Analysed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    found = read(
        urls="""
        from django.urls import include, path
        from shop.remote import fetch
        urlpatterns = [path("lost/", include("no_such_package_here.urls")), path(fetch().prefix, None)]
        """,
        shop__remote="import requests\ndef fetch(): return requests.get('http://x')\n",
    ).survey.discovery
    assert found.unread == (
        "the path of the URL pattern at urls.py:4",
        (
            "the routes below /lost/ are missing: no_such_package_here is not installed in the environment of "
            f"wsgi-bridge. {INSTALL}"
        ),
    )


def test_settings_are_found_behind_star_imports(read: Analysed) -> None:
    found = read(
        manage="""
        import os
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.local")
        """,
        config__base="""
        ROOT_URLCONF = "urls"
        MIDDLEWARE = ["shop.middleware.first"]
        DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "ATOMIC_REQUESTS": True}}
        """,
        config__local="""
        from .base import *
        MIDDLEWARE += ["shop.middleware.Second"]
        """,
        shop__middleware="""
        def first(get_response):
            def middleware(request): return get_response(request)
            return middleware

        class Second:
            sync_capable = True
            async_capable = True
            def __init__(self, get_response): self.get_response = get_response
            def __call__(self, request): return self.get_response(request)
        """,
    ).survey.discovery
    assert found.settings["ATOMIC_REQUESTS"] is True
    assert [(each.name, each.async_capable, each.file) for each in found.middleware] == [
        ("shop.middleware.first", False, "shop/middleware.py"),
        ("shop.middleware.Second", True, "shop/middleware.py"),
    ]


def test_a_route_behind_what_nobody_can_tell_says_so(read: Analysed) -> None:
    found = read(
        urls="""
        from django.urls import include, path
        from shop.views import home
        from unknown_flags import enabled

        urlpatterns = [path("", home)]
        if enabled("beta"):
            urlpatterns += [path("beta/", include([path("new/", home)]))]
        """,
        shop__views="""
        def home(request): pass
        """,
    )
    conditions = {route.path: route.condition for route in found.survey.discovery.routes}
    assert conditions == {"/": "", "/beta/new/": "enabled('beta')"}


def test_a_subclass_hands_its_arguments_on_to_the_router_behind_it(read: Analysed) -> None:
    found = read(
        urls="""
        from django.urls import include, path
        from rest_framework.routers import SimpleRouter
        from shop.views import Books

        class Bare(SimpleRouter):
            def __init__(self, slash=False):
                super().__init__(trailing_slash=slash)

        router = Bare()
        router.register("books", Books, basename="book")
        urlpatterns = [path("api/", include(router.urls))]
        """,
        shop__views="""
        from rest_framework.viewsets import ViewSet

        class Books(ViewSet):
            def list(self, request): pass
        """,
    )
    assert [route.path for route in found.survey.discovery.routes] == ["/api/books"]


def test_what_a_decorator_notes_on_a_function_behind_another_is_found(agree: Agree) -> None:
    agree(
        urls="""
        from django.urls import path
        from shop import views

        urlpatterns = []
        for name in dir(views.Shop):
            methods = getattr(getattr(views.Shop, name), "serves", None)
            if methods:
                urlpatterns.append(path(f"{name}/", getattr(views.Shop, name)))
        """,
        shop__views="""
        from django.db.transaction import atomic
        from django.utils.decorators import method_decorator

        def serve(function):
            function.serves = ["get"]
            return function

        class Shop:
            @serve
            @method_decorator(atomic)
            def books(self): pass

            @serve
            def authors(self): pass

            def neither(self): pass
        """,
    )


def test_a_part_of_a_path_that_is_not_known_is_left_out_and_told(agree: Agree) -> None:
    found = agree(
        urls="""
        import json
        from django.urls import include, path, re_path
        prefix = json.loads('""')
        def view(request):
            pass
        urlpatterns = [
            path(f"{prefix}a/", view),
            path(prefix + "b/", view),
            path("%sc/" % prefix, view),
            re_path(r"^{}d/$".format("{}".format(prefix)), view),
            path(prefix, include([path("e/", view)])),
        ]
        """
    )
    assert len(found.routes) == 5
    assert len([each for each in found.unread if "told without it" in each]) == 5


def test_members_of_enumerations_have_a_value(agree: Agree) -> None:
    found = agree(
        urls="""
        from enum import Enum
        from django.db.models import TextChoices
        from django.urls import path
        class Where(Enum):
            BOOKS = "books"
        class Role(TextChoices):
            OWNER = "owner", "Owner"
        named = [Role.OWNER.value, Role.OWNER.label]
        urlpatterns = [path(f"{Where.BOOKS.value}/", lambda request: None)]
        """
    )
    assert [each.path for each in found.routes] == ["/books/"]
    assert not found.unread
