"""Pages that stand in the database: what one view of Wagtail's lets the project's page types do."""

from __future__ import annotations

from tests.analysis.frameworks.django.conftest import Analysed, Installed, route, sinks

SETTINGS = """
INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth", "wagtail", "shop"]
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "DIRS": ["templates"]}]
"""

# As much of Wagtail as the routes of its pages come from.
WAGTAIL = {
    "wagtail/__init__.py": "",
    "wagtail/hooks.py": """
    _hooks = {}

    def register(name, function=None, order=0):
        def decorator(function):
            _hooks.setdefault(name, []).append((function, order))
            return function
        return decorator if function is None else decorator(function)
    """,
    "wagtail/models/__init__.py": "from .pages import Page\n",
    "wagtail/models/pages.py": """
    from django.db import models

    class Page(models.Model):
        def route(self, request, components): ...
        def serve(self, request, *args, **kwargs): ...
        def get_context(self, request): return {"page": self}
    """,
    "wagtail/contrib/routable_page/models.py": """
    from functools import partial
    from django.urls import path as django_path, re_path as django_re_path

    def _path(pattern, name=None, func=None):
        def decorator(view):
            if not hasattr(view, "_routablepage_routes"):
                view._routablepage_routes = []
            view._routablepage_routes.append((func(pattern, view, name=name or view.__name__), 1))
            return view
        return decorator

    path = partial(_path, func=django_path)
    route = re_path = partial(_path, func=django_re_path)

    class RoutablePageMixin:
        def serve(self, request, view=None, args=None, kwargs=None): ...
    """,
    "wagtail/views.py": "def serve(request, path): ...\n",
    "wagtail/urls.py": """
    from django.urls import re_path
    from wagtail import views
    urlpatterns = [re_path(r"^((?:[\\w\\-]+/)*)$", views.serve)]
    """,
}

URLS = """
from django.urls import include, path
from wagtail import urls as wagtail_urls
import shop.wagtail_hooks
urlpatterns = [path("", include(wagtail_urls))]
"""
SERVED = r"ANY /((?:[\w\-]+/)*)"


def test_what_page_types_do_is_found_on_the_view_that_serves_them(
    read: Analysed, installed: Installed
) -> None:
    installed(WAGTAIL)
    found = read(
        settings=SETTINGS,
        urls=URLS,
        shop__models="""
        import requests
        from django.db import models
        from wagtail.contrib.routable_page.models import RoutablePageMixin, path, route
        from wagtail.models import Page

        class Tag(models.Model): pass

        class Base(Page):
            class Meta: abstract = True
            def serve(self, request): return requests.get("http://serve")

        class Shelf(RoutablePageMixin, Base):
            @path("new/")
            @route(r"^newest/$")
            def new(self, request): return requests.post("http://new")
            def unused(self): return requests.put("http://unused")

        class ArticlePage(Page):
            def tags(self): return Tag.objects.all()
            def get_context(self, request):
                return {"first": Tag.objects.first()}

        class Order(models.Model):
            def serve(self, request): return requests.delete("http://order")
        """,
        shop__wagtail_hooks="""
        import time
        from wagtail import hooks

        @hooks.register("before_serve_page")
        def wait(page, request, args, kwargs): time.sleep(1)

        @hooks.register("register_icons")
        def icons(found): time.sleep(2)
        """,
        templates={"shop/article_page.html": "\n{% for tag in page.tags %}{{ tag }}{% endfor %}"},
    )
    assert sinks(found, SERVED) == {
        "requests.get shop/models.py:11",
        "requests.post shop/models.py:16",
        "db.models.QuerySet.first shop/models.py:22",
        "db.models.QuerySet.__iter__ templates/shop/article_page.html:2",
        "time.sleep shop/wagtail_hooks.py:6",
    }


def test_the_view_is_not_ready_and_the_projects_as_its_page_types_answer(
    read: Analysed, installed: Installed
) -> None:
    installed(WAGTAIL)
    found = read(
        settings=SETTINGS,
        urls=URLS,
        shop__wagtail_hooks="",
        shop__models="""
        from wagtail.models import Page
        class Home(Page):
            def get_context(self, request): return {"page": self}
        """,
    )
    (only,) = found.report.routes
    assert (only.verdict.value, only.lane, only.library) == ("offload", "thread", "")
    assert route(found, SERVED).handler == "wagtail.views.serve"


def test_without_page_types_the_view_is_the_librarys(read: Analysed, installed: Installed) -> None:
    installed(WAGTAIL)
    found = read(settings=SETTINGS, urls=URLS, shop__wagtail_hooks="", shop__models="")
    (only,) = found.report.routes
    assert (only.verdict.value, only.library, only.findings) == ("offload", "wagtail", ())
