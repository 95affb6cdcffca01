"""Routes of installed libraries: their URL configurations, and what hooks, view sets and `ready` register there."""

from __future__ import annotations

from bridge.analysis.analyse import Analysis, analysed
from bridge.analysis.configuration import Configuration
from bridge.analysis.frameworks.django import DjangoReader
from bridge.analysis.frameworks.django.site import INSTALL
from tests.analysis.frameworks.django.conftest import Agree, Analysed, Installed, Project

# As the environment beside the project: its packages are importable for the resolver that is compared with.
SETTINGS = """
import sys
from pathlib import Path

sys.path[:0] = [str(each) for each in Path(__file__).parent.glob(".venv/lib/*/site-packages")]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth", "panel", "shop"]
"""

HOOKS = """
from importlib import import_module
from operator import itemgetter

from django.apps import apps
from django.utils.module_loading import module_has_submodule

_hooks = {}
_searched = False


def register(name, function=None, order=0):
    if function is None:
        def decorator(function):
            register(name, function, order)
            return function
        return decorator
    _hooks.setdefault(name, []).append((function, order))


def search():
    global _searched
    if not _searched:
        for each in apps.get_app_configs():
            if module_has_submodule(each.module, "panel_hooks"):
                import_module(f"{each.name}.panel_hooks")
        _searched = True


def get(name):
    search()
    return [function for function, _ in sorted(_hooks.get(name, []), key=itemgetter(1))]
"""

VIEWSETS = """
from django.db import models
from django.http import HttpResponse
from django.urls import include, path
from django.utils.functional import cached_property
from django.views.generic import View


class Index(View):
    title = ""
    def get(self, request): return HttpResponse("")


class Edit(View):
    title = ""
    def get(self, request, pk): return HttpResponse("")
    def post(self, request, pk): return HttpResponse("")


class ViewSet:
    UNSET = type("UNSET", (object,), {})()
    model = None
    sort_field = UNSET
    edit_class = Edit

    def __init__(self, name=None, **kwargs):
        if name:
            self.__dict__["name"] = name
        self.__dict__.update(kwargs)
        self.options = self.model._meta
        if self.sort_field is self.UNSET and hasattr(self.model, "sort_field"):
            self.sort_field = self.model.sort_field

    @cached_property
    def name(self):
        return self.options.model_name

    @cached_property
    def converter(self):
        if isinstance(self.options.pk, models.UUIDField):
            return "uuid"
        return "int" if isinstance(self.options.pk, models.IntegerField) else "str"

    def view(self, cls, **kwargs):
        return cls.as_view(**{key: value for key, value in kwargs.items() if hasattr(cls, key)})

    @property
    def urls(self):
        found = [
            path("", self.view(Index, title="all", icon="x")),
            path(f"edit/<{self.converter}:pk>/", self.view(self.edit_class)),
        ]
        if self.sort_field not in {self.UNSET, None}:
            found += [path(f"move/<{self.converter}:pk>/", self.view(self.edit_class))]
        return found


registered = []
deferred = []
waits = True


def register(registerable):
    if waits:
        deferred.append(registerable)
    else:
        _register(registerable)
    return registerable


def _register(registerable):
    if isinstance(registerable, type) and issubclass(registerable, models.Model):
        registerable = ViewSet(model=registerable)
    if callable(registerable):
        registerable = registerable()
    registered.append(registerable)


def register_deferred():
    global waits
    waits = False
    for each in deferred:
        _register(each)


def urls():
    from panel import hooks
    hooks.search()
    return [path(f"{each.name}/", include((each.urls, each.name))) for each in registered]
"""

PANEL = {
    "panel/__init__.py": "",
    "panel/apps.py": """
    from django.apps import AppConfig

    class Panel(AppConfig):
        name = "panel"

        def ready(self):
            from .viewsets import register_deferred
            register_deferred()
    """,
    "panel/hooks.py": HOOKS,
    "panel/viewsets.py": VIEWSETS,
    "panel/panel_hooks.py": """
    from django.urls import path
    from panel import hooks
    from panel.viewsets import Index, urls

    @hooks.register("panel_urls", order=5)
    def of_viewsets():
        return urls()

    @hooks.register("panel_urls")
    def of_search():
        return [path("search/", Index.as_view())]

    @hooks.register("menu")
    def of_menu():
        return [path("menu/", Index.as_view())]
    """,
    "panel/urls.py": """
    from django.urls import path
    from panel import hooks
    from panel.viewsets import Index

    urlpatterns = [path("", Index.as_view())]
    for each in hooks.get("panel_urls"):
        urlpatterns += each()
    """,
}

MODELS = """
import uuid
from django.db import models
from panel.viewsets import register


class Base(models.Model):
    class Meta:
        abstract = True


@register
class Book(Base):
    sort_field = "position"


class Loan(Base):
    code = models.UUIDField(primary_key=True, default=uuid.uuid4)


class Member(models.Model):
    name = models.CharField(primary_key=True, max_length=9)


class Novel(Book):
    pass
"""

URLS = """
from django.urls import include, path
from panel import urls as panel_urls
urlpatterns = [path("panel/", include(panel_urls))]
"""


def paths(found: object) -> list[str]:
    return sorted({each.path for each in found.routes})  # type: ignore[attr-defined] # a Discovery


def test_models_and_view_sets_that_are_registered_with_a_library_are_its_routes(
    agree: Agree, installed: Installed
) -> None:
    installed(PANEL)
    found = agree(
        settings=SETTINGS,
        shop__models=MODELS,
        shop__panel_hooks="""
        from django.http import HttpResponse
        from django.urls import path
        from panel import hooks
        from panel.viewsets import Edit, ViewSet, register
        from shop.models import Loan, Member, Novel

        class EditLoan(Edit):
            def delete(self, request, pk): return HttpResponse("")

        class Loans(ViewSet):
            model = Loan
            edit_class = EditLoan

        register(Loans)
        register(Loans("lent"))
        register(ViewSet("members", model=Member))
        register(ViewSet(model=Novel, sort_field=None))

        def today(request): return HttpResponse("")

        @hooks.register("panel_urls")
        def urls():
            return [path("today/", today)]
        """,
        urls=URLS,
    )
    assert paths(found) == [
        "/panel/",
        "/panel/book/",
        "/panel/book/edit/<int:pk>/",
        "/panel/book/move/<int:pk>/",
        "/panel/lent/",
        "/panel/lent/edit/<uuid:pk>/",
        "/panel/loan/",
        "/panel/loan/edit/<uuid:pk>/",
        "/panel/members/",
        "/panel/members/edit/<str:pk>/",
        "/panel/novel/",
        "/panel/novel/edit/<str:pk>/",
        "/panel/search/",
        "/panel/today/",
    ]
    assert not found.unread
    handlers = {each.path: each.handler for each in found.routes}
    assert handlers["/panel/book/edit/<int:pk>/"] == "panel.viewsets.Edit"
    assert handlers["/panel/loan/edit/<uuid:pk>/"] == "shop.panel_hooks.EditLoan"


def test_hooks_of_an_application_that_is_not_installed_stay_out(agree: Agree, installed: Installed) -> None:
    installed({**PANEL, "extra/__init__.py": "", "extra/panel_hooks.py": PANEL["panel/panel_hooks.py"]})
    found = agree(
        settings=SETTINGS,
        lost__panel_hooks="""
        from panel import hooks
        @hooks.register("panel_urls")
        def urls(): raise ValueError
        """,
        urls=URLS,
    )
    assert paths(found) == ["/panel/", "/panel/search/"]


def test_a_library_whose_urls_are_not_included_has_no_routes(agree: Agree, installed: Installed) -> None:
    installed(PANEL)
    found = agree(
        settings=SETTINGS,
        shop__models=MODELS,
        urls="""
        from django.urls import path
        from panel.viewsets import Index
        urlpatterns = [path("all/", Index.as_view())]
        """,
    )
    assert paths(found) == ["/all/"]


def test_urls_that_are_a_librarys_attribute_are_read(agree: Agree, installed: Installed) -> None:
    installed(
        {
            "toolbar/__init__.py": 'urls = "toolbar.bar", "bar"\n',
            "toolbar/bar.py": """
            from django.urls import path
            from django.utils.module_loading import import_string
            app_name = "bar"
            NAMES = ["toolbar.panes.Time", "toolbar.panes.Queries"]
            urlpatterns = [each for name in NAMES for each in import_string(name).get_urls()]
            """,
            "toolbar/panes.py": """
            from django.urls import path
            def show(request): ...
            class Pane:
                @classmethod
                def get_urls(cls): return [path(f"{cls.__name__}/", show)]
            class Time(Pane): pass
            class Queries(Pane):
                @classmethod
                def get_urls(cls): return [*super().get_urls(), path("sql/", show)]
            """,
        }
    )
    found = agree(
        settings=SETTINGS.replace('"panel", ', ""),
        urls="""
        import toolbar
        from django.urls import include, path
        urlpatterns = [path("__bar__/", include(toolbar.urls))]
        """,
    )
    assert paths(found) == ["/__bar__/Queries/", "/__bar__/Time/", "/__bar__/sql/"]


def test_routes_of_a_package_that_is_not_installed_are_told_to_be_missing(
    project: Project, installed: Installed
) -> None:
    folder = project(
        settings=SETTINGS,
        shop__api="""
        from panel.api import Router
        router = Router("api")
        """,
        urls="""
        from django.urls import include, path
        from panel import urls as panel_urls
        from panel.api import more
        from shop.api import router
        urlpatterns = [
            path("panel/", include(panel_urls)),
            path("again/", include("panel.urls")),
            path("api/", router.urls),
            path("more/", include(more("x"))),
            path("lost/", include("shop.lost")),
        ]
        """,
    )
    installed({})
    found = analysed(folder, readers=[DjangoReader()]).survey.discovery
    assert (paths(found), found.crashed) == ([], ())
    assert set(found.unread) == {
        (
            "the routes below /panel/, /again/, /api/, /more/ are missing: panel is not installed in the project's "
            f".venv. {INSTALL}"
        ),
        "the URL patterns below /lost/: shop.lost is not there",
    }


def test_the_environment_that_is_named_is_read(project: Project, installed: Installed) -> None:
    folder = project(settings=SETTINGS, shop__models=MODELS, urls=URLS)
    installed(PANEL)
    (folder / ".venv").rename(folder.parent / f"{folder.name}-environment")
    named = Configuration(environment=f"../{folder.name}-environment", folder=folder)
    found = analysed(folder, named, readers=[DjangoReader()]).survey.discovery
    assert "/panel/book/" in paths(found)
    assert not found.unread


def test_settings_of_libraries_are_read_as_they_keep_them(agree: Agree, installed: Installed) -> None:
    installed(
        {
            "panel/__init__.py": "",
            "panel/conf.py": """
            from django.conf import settings as django_settings
            from django.apps.registry import apps
            from django.utils.functional import LazyObject

            User = apps.get_model(django_settings.AUTH_USER_MODEL)
            defaults = {"ID_FIELD": User._meta.pk.name, "PREFIX": "own/"}

            class Settings:
                def __init__(self, defaults, changed):
                    for name, value in {**defaults, **changed}.items():
                        setattr(self, name, value)

            class LazySettings(LazyObject):
                def _setup(self):
                    self._wrapped = Settings(defaults, getattr(django_settings, "PANEL", {}))

            class Guarded:
                DEFAULTS = {"SEARCH": "search/"}

                def __init__(self):
                    super().__setattr__("_stored", dict(self.DEFAULTS))

                def __getattr__(self, name):
                    if name not in self._stored:
                        raise AttributeError(self._stored[name])
                    return self._stored[name]

            settings, guarded = LazySettings(), Guarded()
            """,
            "panel/urls.py": """
            from django.urls import path
            from panel.conf import guarded, settings
            def show(request, **values): ...
            urlpatterns = [
                path(f"{settings.PREFIX}<{settings.ID_FIELD}>/", show),
                path(guarded.SEARCH, show),
            ]
            """,
        }
    )
    found = agree(
        settings=SETTINGS + 'PANEL = {"PREFIX": "users/"}\n',
        urls="""
        from django.urls import include, path
        urlpatterns = [path("panel/", include("panel.urls"))]
        """,
    )
    assert paths(found) == ["/panel/search/", "/panel/users/<id>/"]


def test_an_attribute_that_asks_for_itself_comes_to_an_end(read: Analysed, installed: Installed) -> None:
    installed(
        {
            "panel/__init__.py": "",
            "panel/urls.py": """
            from django.urls import path

            class Lost:
                def __getattr__(self, name):
                    return self._first[name] or self._second[name] or self._third[name]

            def show(request): ...
            urlpatterns = [path("shown/", show), path(Lost().prefix, show)]
            """,
        }
    )
    found = read(
        settings=SETTINGS,
        urls="""
        from django.urls import include, path
        urlpatterns = [path("panel/", include("panel.urls"))]
        """,
    ).survey.discovery
    assert paths(found) == ["/panel/shown/"]
    assert not any("too long" in each for each in found.unread)


def test_an_admin_class_made_of_the_registered_one_has_both_ones_urls(
    agree: Agree, installed: Installed
) -> None:
    installed(
        {
            "panel/__init__.py": "",
            "panel/apps.py": """
            from django.apps import AppConfig
            from django.contrib import admin
            from django.contrib.auth import get_user_model

            class Panel(AppConfig):
                name = "panel"

                def ready(self):
                    admin.autodiscover()
                    model = get_user_model()
                    registered = type(admin.site._registry[model])

                    class Hijacked(registered):
                        pass

                    admin.site.unregister(model)
                    admin.site.register(model, Hijacked)
            """,
            "panel/urls.py": "urlpatterns = []\n",
        }
    )
    apps = '"django.contrib.admin", "django.contrib.messages", "django.contrib.sessions", "panel"'
    found = agree(
        settings=SETTINGS.replace('"panel"', apps),
        urls="""
        from django.contrib import admin
        from django.urls import include, path
        urlpatterns = [path("admin/", admin.site.urls), path("panel/", include("panel.urls"))]
        """,
    )
    assert "/admin/auth/user/<id>/password/" in paths(found)


def test_what_a_views_own_handler_waits_for_is_found_behind_a_librarys_view_set(
    read: Analysed, installed: Installed
) -> None:
    installed(PANEL)
    found = read(
        settings=SETTINGS,
        shop__models=MODELS,
        shop__panel_hooks="""
        import requests
        from panel.viewsets import Edit, ViewSet, register
        from shop.models import Loan

        class EditLoan(Edit):
            def get(self, request, pk): return requests.get("http://x")

        class Loans(ViewSet):
            model = Loan
            edit_class = EditLoan

        register(Loans)
        """,
        urls=URLS,
    )
    assert _sinks(found, "GET /panel/loan/edit/<uuid:pk>/") == {"requests.get"}
    assert _sinks(found, "POST /panel/loan/edit/<uuid:pk>/") == set()


def test_the_report_tells_a_librarys_routes_from_the_projects(read: Analysed, installed: Installed) -> None:
    installed(PANEL)
    found = read(
        settings=SETTINGS,
        shop__panel_hooks="""
        from django.http import HttpResponse
        from django.urls import path
        from django.views.generic import TemplateView
        from panel import hooks
        from panel.viewsets import Index

        class Mine(Index):
            def get(self, request): return HttpResponse("")

        def today(request): return HttpResponse("")

        @hooks.register("panel_urls")
        def urls():
            return [
                path("today/", today),
                path("mine/", Mine.as_view()),
                path("page/", TemplateView.as_view(template_name="page.html")),
            ]
        """,
        urls="""
        from django.contrib import admin
        from django.urls import include, path
        urlpatterns = [path("panel/", include("panel.urls")), path("admin/", admin.site.urls)]
        """,
    )
    libraries = {each.path: each.library for each in found.report.routes}
    assert {path: name for path, name in libraries.items() if not path.startswith("/admin/")} == {
        "/panel/": "panel",
        "/panel/search/": "panel",
        "/panel/today/": "",
        "/panel/mine/": "",
        "/panel/page/": "",
    }
    assert {name for path, name in libraries.items() if path.startswith("/admin/")} == {"django"}


def _sinks(found: Analysis, name: str) -> set[str]:
    return {each.sink for each in found.survey.reached[name].witnesses}
