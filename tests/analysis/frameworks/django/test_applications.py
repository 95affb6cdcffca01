from __future__ import annotations

from tests.analysis.frameworks.django.conftest import Agree, Analysed

CONFIGURED = """
from django.apps import AppConfig, apps

class Routed(AppConfig):
    def get_urls(self):
        return []

    @property
    def urls(self):
        return self.get_urls(), self.label, self.label

def load(module, name):
    return getattr(__import__(module, fromlist=[name]), name)
"""

SETTINGS = """
INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth", "shop.apps.Shop", "till.apps.Till"]
"""


def test_what_ready_stores_on_a_configuration_is_there_for_its_urls(agree: Agree) -> None:
    found = agree(
        settings=SETTINGS,
        configured=CONFIGURED,
        shop__apps="""
        from django.apps import apps
        from django.urls import path
        from configured import Routed, load

        class Shop(Routed):
            name = "shop"

            def ready(self):
                self.till = apps.get_app_config("till")
                self.page = load("shop.views", "Page")

            def get_urls(self):
                return [path("page/", self.page.as_view()), path("till/", self.till.urls)]
        """,
        shop__views="""
        from django.http import HttpResponse
        from django.views.generic import View

        class Page(View):
            def get(self, request): return HttpResponse("")
        """,
        **{"till//init//": ""},
        till__apps="""
        from django.urls import path
        from configured import Routed, load

        class Till(Routed):
            name = "till"

            def ready(self):
                self.pay = load("till.views", "Pay")

            def get_urls(self):
                return [path("pay/<int:pk>/", self.pay.as_view())]
        """,
        till__views="""
        from django.http import HttpResponse
        from django.views.generic import View

        class Pay(View):
            def post(self, request, pk): return HttpResponse("")
        """,
        urls="""
        from django.apps import apps
        from django.urls import include, path
        urlpatterns = [path("", include(apps.get_app_config("shop").urls[0]))]
        """,
    )
    assert [(each.id, each.handler) for each in found.routes] == [
        ("GET /page/", "shop.views.Page"),
        ("POST /till/pay/<int:pk>/", "till.views.Pay"),
    ]


def test_an_import_without_names_gives_the_package(agree: Agree) -> None:
    found = agree(
        shop__views="""
        from django.http import HttpResponse

        def page(request): return HttpResponse("")
        """,
        urls="""
        from django.urls import path
        urlpatterns = [path("a/", __import__("shop.views").views.page)]
        try:
            __import__("not_there")
        except ImportError:
            urlpatterns.append(path("b/", __import__("shop.views", None, None, ["page"]).page))
        """,
    )
    assert [each.handler for each in found.routes] == ["shop.views.page"] * 2


def test_a_model_that_is_defined_unless_it_was_is_registered_in_the_admin(agree: Agree) -> None:
    found = agree(
        settings="""
        INSTALLED_APPS += ["django.contrib.admin", "django.contrib.messages", "django.contrib.sessions"]
        TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]
        """,
        shop__models="""
        from django.apps import apps
        from django.db import models

        def is_there(label, name):
            try:
                apps.get_registered_model(label, name)
            except LookupError:
                return False
            return True

        if not is_there("shop", "Book"):
            class Book(models.Model):
                title = models.CharField(max_length=9)

        if not is_there("shop", "Book"):
            class Film(models.Model):
                title = models.CharField(max_length=9)
        """,
        shop__admin="""
        from django.apps import apps
        from django.contrib import admin
        admin.site.register(apps.get_model("shop", "book"))
        """,
        urls="""
        from django.contrib import admin
        from django.urls import path
        urlpatterns = [path("admin/", admin.site.urls)]
        """,
    )
    assert any(each.path == "/admin/shop/book/add/" for each in found.routes)
    assert not any("film" in each.path for each in found.routes)


def test_applications_that_add_their_urls_in_ready_are_read_where_a_prefix_is_not_known(agree: Agree) -> None:
    found = agree(
        settings="""
        import json
        MORE = json.loads("[]")
        BASE_PATH = json.loads('""')
        INSTALLED_APPS = tuple(MORE or ()) + ("django.contrib.contenttypes", "shop.apps.ShopConfig", "shop.cash")
        """,
        shop__apps="""
        from django.apps import AppConfig, apps
        from django.conf import settings
        from django.urls import include, re_path
        from django.utils.module_loading import import_string

        class Own(AppConfig):
            def ready(self):
                from urls import urlpatterns
                base = "{}/".format(settings.BASE_PATH) if settings.BASE_PATH else ""
                top = "{base}{name}/".format(base=base, name=self.label)
                model = apps.get_model(app_label="contenttypes", model_name="ContentType")
                try:
                    own = import_string(dotted_path="{}.urls.urlpatterns".format(self.name))
                except ImportError as error:
                    if str(error) not in ["No module named urls", f"No module named '{self.name}.urls'"]:
                        raise error
                else:
                    urlpatterns += (re_path(route=r"^{}".format(top), view=include((own, self.label))),)

        class ShopConfig(Own):
            name = "shop"
        """,
        shop__cash__apps="""
        from shop.apps import Own

        class CashConfig(Own):
            name = "shop.cash"
        """,
        shop__urls="""
        from django.urls import path
        from shop.views import book
        urlpatterns = [path(route="books/", view=book)]
        """,
        shop__views="def book(request):\n    pass\n",
        **{"shop__cash//init//": ""},
    )
    assert [each.path for each in found.routes] == ["/shop/books/"]


def test_a_native_that_is_called_as_nobody_expects_costs_no_routes(read: Analysed) -> None:
    found = read(
        urls="""
        import os
        from importlib import import_module
        from django.urls import path
        names = [import_module(), enumerate(), os.path.join()]
        urlpatterns = [path("x/", lambda request: None)]
        """
    )
    discovery = found.survey.discovery
    assert [each.path for each in discovery.routes] == ["/x/"]
    assert any("import_module" in each and "not understood" in each for each in discovery.unread)
