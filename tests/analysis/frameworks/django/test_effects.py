"""What runs on a route: queries that no call shows, signals, templates, middleware; and what does not."""

from __future__ import annotations

from pathlib import Path

from bridge.analysis.analyse import analysed
from bridge.analysis.model import Context
from tests.analysis.frameworks.django.conftest import Analysed, route, sinks

MODELS = """
from django.conf import settings
from django.db import models

class Author(models.Model):
    name = models.CharField(max_length=9)

class BookQuerySet(models.QuerySet):
    def cheap(self):
        return self.filter(price=1)

class Book(models.Model):
    author = models.ForeignKey(Author, on_delete=models.CASCADE, related_name="books")
    tags = models.ManyToManyField("Tag")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    objects = BookQuerySet.as_manager()

    def title(self):
        return self.author.name

class Tag(models.Model):
    pass
"""

LAZY = "db.models.fields.related_descriptors.ForwardManyToOneDescriptor.__get__"
SET = "db.models.QuerySet"


def views(body: str) -> dict[str, str]:
    return {
        "shop__models": MODELS,
        "shop__views": "from django.http import HttpResponse\nfrom shop.models import Author, Book, Tag\n"
        + body,
        "urls": "from django.urls import path\nfrom shop import views\nurlpatterns = [path('x/', views.x)]\n",
    }


def test_chains_of_query_sets_ask_nothing(read: Analysed) -> None:
    found = read(
        **views("def x(request):\n    Book.objects.filter(a=1).exclude(b=2).order_by('c').cheap()\n")
    )
    assert sinks(found, "ANY /x/") == set()


def test_evaluations_ask_each_at_its_place(read: Analysed) -> None:
    body = """
def x(request):
    books = Book.objects.filter(a=1)
    if books:
        len(books)
    books[3]
    for book in books.cheap():
        book.author
    Author.objects.get(pk=1).books.count()
    Tag.objects.create()
    Book(pk=1).save()
    return [tag for tag in Book.objects.first().tags.all()]
"""
    assert sinks(read(**views(body)), "ANY /x/") == {
        f"{SET}.__bool__ shop/views.py:6",
        f"{SET}.__len__ shop/views.py:7",
        f"{SET}.__getitem__ shop/views.py:8",
        f"{SET}.__iter__ shop/views.py:9",
        f"{LAZY} shop/views.py:10 in a loop",
        f"{SET}.get shop/views.py:11",
        f"{SET}.count shop/views.py:11",
        f"{SET}.create shop/views.py:12",
        "db.models.Model.save shop/views.py:13",
        f"{SET}.first shop/views.py:14",
        f"{SET}.__iter__ shop/views.py:14",
    }


def test_the_user_of_the_request_has_the_relations_of_the_user_model(read: Analysed) -> None:
    body = """
def x(request):
    return [book.title() for book in request.user.book_set.all()]
"""
    assert sinks(read(**views(body)), "ANY /x/") == {
        "http.HttpRequest.user shop/views.py:5",
        f"{SET}.__iter__ shop/views.py:5",
        f"{LAZY} shop/models.py:19 in a loop",
    }


def test_a_save_runs_the_receivers_of_its_model_only(read: Analysed) -> None:
    files = views("def x(request):\n    Book(pk=1).save()\n")
    files["shop__signals"] = """
        from time import sleep
        from django.db.models.signals import post_save, pre_save
        from django.dispatch import receiver
        from shop.models import Author, Book

        @receiver(post_save, sender=Book)
        def on_book(sender, instance, **kwargs):
            instance.author

        @receiver([pre_save, post_save], sender=Author)
        def on_author(sender, **kwargs):
            sleep(1)

        def connected(sender, **kwargs):
            sleep(2)

        pre_save.connect(connected, sender=Book)
        """
    assert sinks(read(**files), "ANY /x/") == {
        "db.models.Model.save shop/views.py:4",
        f"{LAZY} shop/signals.py:9",
        "time.sleep shop/signals.py:16",
    }


def test_templates_are_followed_with_their_tags_and_parents(read: Analysed) -> None:
    files = views("""
from django.shortcuts import render

def x(request):
    return render(request, "page.html", {"authors": Author.objects.all()})
""")
    files["shop__templatetags____init__"] = ""
    files["shop__templatetags__shop_tags"] = """
        from django import template
        register = template.Library()

        @register.simple_tag
        def first_of(author):
            return author.books.first()
        """
    found = read(
        **files,
        templates={
            "base.html": "{% for tag in tags %}{{ tag }}{% endfor %}{% block main %}{% endblock %}",
            "page.html": """\
                {% extends "base.html" %}{% load shop_tags %}
                {% block main %}
                {% for author in authors %}
                  {% first_of author as book %}
                  {{ book.title }}{# {{ book.author }} #}
                  {% include "part.html" with count=author.books.count %}
                {% endfor %}
                {% comment %}{{ authors.count }}{% endcomment %}
                {% endblock %}
                """,
            "part.html": "{{ count }} {{ author.books.exists }}",
        },
    )
    assert sinks(found, "ANY /x/") == {
        f"{SET}.__iter__ templates/page.html:3",
        f"{SET}.first shop/templatetags/shop_tags.py:7 in a loop",
        f"{SET}.count templates/page.html:6 in a loop",
        f"{SET}.exists templates/part.html:1 in a loop",
    }


def test_class_based_views_run_their_hooks_and_ask_themselves(read: Analysed) -> None:
    files = views("""
from django.views.generic import DetailView, ListView
import time

class X(ListView):
    model = Book

    def get_context_data(self, **kwargs):
        time.sleep(1)
        return super().get_context_data(authors=Author.objects.all(), **kwargs)

    def unused(self):
        time.sleep(2)

x = X.as_view()
""")
    found = read(
        **files,
        templates={
            "shop/book_list.html": "{% for book in object_list %}{{ book.author }}{% endfor %}{{ authors|length }}"
        },
    )
    assert sinks(found, "GET /x/") == {
        "time.sleep shop/views.py:11",
        f"{SET}.__iter__ shop/views.py:7",
        f"{SET}.__iter__ templates/shop/book_list.html:1",
        f"{LAZY} templates/shop/book_list.html:1 in a loop",
    }


def test_a_list_in_pages_counts_and_cuts(read: Analysed) -> None:
    files = views("""
from django.views.generic import ListView

class X(ListView):
    model = Book
    paginate_by = 10

x = X.as_view()
""")
    assert sinks(read(**files), "GET /x/") == {
        "core.paginator.Paginator.page shop/views.py:6",
        f"{SET}.count shop/views.py:6",
        f"{SET}.__len__ shop/views.py:6",
        f"{SET}.__iter__ shop/views.py:6",
    }


def test_a_base_of_many_pages_has_what_each_of_them_gives(read: Analysed) -> None:
    pages = 40  # more contexts than a node of the solver holds apart
    functions = "".join(
        f"def x{number}(request):\n    return render(request, 'base.html', {{'a': {number}, 'book': Book()}})\n"
        for number in range(pages)
    )
    files = views(f"from django.shortcuts import render\n{functions}x = x{pages - 1}\n")
    found = read(**files, templates={"base.html": "{{ book.author }}"})
    assert sinks(found, "ANY /x/") == {f"{LAZY} templates/base.html:1"}


def test_a_form_that_is_not_valid_is_shown_again(read: Analysed) -> None:
    files = views("""
from django.views.generic import CreateView

class X(CreateView):
    model = Book
    fields = ["title"]

x = X.as_view()
""")
    found = read(**files, templates={"shop/book_form.html": "{{ view.get_queryset }}{{ request.user.pk }}"})
    for name in ("GET /x/", "POST /x/"):
        assert "http.HttpRequest.user templates/shop/book_form.html:1" in sinks(found, name)


def test_middleware_and_context_processors_run_on_routes(read: Analysed) -> None:
    files = views("""
from django.shortcuts import render

def x(request):
    return render(request, "page.html")
""")
    found = read(
        **files,
        settings="""
        MIDDLEWARE = ["shop.middleware.Slow"]
        TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "DIRS": ["templates"],
            "OPTIONS": {"context_processors": ["shop.middleware.everywhere"]}}]
        """,
        shop__middleware="""
        import time
        from shop.models import Tag

        class Slow:
            def __init__(self, get_response): self.get_response = get_response
            def __call__(self, request):
                time.sleep(1)
                return self.get_response(request)

        def everywhere(request):
            return {"tags": Tag.objects.all()}
        """,
        templates={"page.html": "{% for tag in tags %}{{ tag }}{% endfor %}"},
    )
    assert sinks(found, "ANY /x/") == {
        "time.sleep shop/middleware.py:8",
        f"{SET}.__iter__ templates/page.html:1",
    }
    assert [each.role for each in route(found, "ANY /x/").roots] == ["middleware", "handler"]


def test_async_views_are_known_and_their_async_queries_do_not_block(read: Analysed) -> None:
    body = """
async def x(request):
    await Book.objects.acount()
    return [book async for book in Book.objects.all()]
"""
    found = read(**views(body))
    assert route(found, "ANY /x/").is_async
    assert sinks(found, "ANY /x/") == set()


def test_commands_tasks_and_start_up_stand_apart(read: Analysed) -> None:
    found = read(
        settings='INSTALLED_APPS = ["shop.apps.ShopConfig"]\n',
        shop__apps="""
        from django.apps import AppConfig
        class ShopConfig(AppConfig):
            name = "shop"
            def ready(self): pass
        """,
        shop__management____init__="",
        shop__management__commands____init__="",
        shop__management__commands__fill="""
        from django.core.management.base import BaseCommand
        class Command(BaseCommand):
            def handle(self, *args, **options): pass
        """,
        shop__tasks="""
        from celery import shared_task
        @shared_task
        def later(): pass
        """,
    ).survey.discovery
    assert {(each.context, each.name) for each in found.entry_points} == {
        (Context.COMMAND, "fill"),
        (Context.TASK, "shop.tasks.later"),
        (Context.STARTUP, "shop.apps.ShopConfig"),
    }


def test_atomic_requests_bind_every_sync_view_but_the_exempt(read: Analysed) -> None:
    found = read(
        settings='DATABASES["default"]["ATOMIC_REQUESTS"] = True\n',
        shop__views="""
        from django.db import transaction
        from django.http import HttpResponse
        def x(request): return HttpResponse("")

        @transaction.non_atomic_requests
        def y(request): return HttpResponse("")
        """,
        urls="""
        from django.urls import path
        from shop import views
        urlpatterns = [path("x/", views.x), path("y/", views.y)]
        """,
    )
    assert [len(each.extra) for each in found.survey.discovery.routes] == [1, 0]


def test_a_project_in_a_folder_below_the_root_is_followed_through_its_imports(tmp_path: Path) -> None:
    files = {
        "backend/manage.py": 'import os\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "conf.settings")\n',
        "backend/conf/__init__.py": "",
        "backend/conf/settings.py": 'ROOT_URLCONF = "conf.urls"\nINSTALLED_APPS = []\n',
        "backend/conf/urls.py": "from django.urls import path\nfrom shop.views import x\nurlpatterns = [path('x/', x)]\n",
        "backend/shop/__init__.py": "",
        "backend/shop/views.py": "from shop.deep import deep\ndef x(request):\n    deep()\n",
        "backend/shop/deep.py": "import time\ndef deep():\n    time.sleep(1)\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    found = analysed(tmp_path)
    assert route(found, "ANY /x/").handler == "shop.views.x"
    assert sinks(found, "ANY /x/") == {"time.sleep backend/shop/deep.py:3"}


def test_the_permissions_that_templates_read_are_asked_for_once(read: Analysed) -> None:
    files = views("""
from django.shortcuts import render
from django.views.generic import DetailView

def x(request):
    return render(request, "page.html")

class Y(DetailView):
    model = Book
    template_name = "page.html"
""")
    files["urls"] = """
        from django.urls import path
        from shop import views
        urlpatterns = [path("x/", views.x), path("y/<int:pk>/", views.Y.as_view())]
        """
    page = "{% if perms.shop.add_book %}a{% endif %}\n{% if perms.shop.change_book %}b{% endif %}"
    found = read(**files, templates={"page.html": page})
    asked = "contrib.auth.models.PermissionsMixin.has_perm templates/page.html:1"
    assert sinks(found, "ANY /x/") == {asked}
    assert asked in sinks(found, "GET /y/<int:pk>/")


def test_context_processors_run_around_pages_whose_template_is_a_librarys(read: Analysed) -> None:
    files = views("""
from django.contrib.auth.views import LoginView

class Login(LoginView):
    pass

class Redirect(LoginView):
    def get(self, request):
        return HttpResponse("")
""")
    files["urls"] = """
        from django.contrib.auth.views import LogoutView
        from django.urls import path
        from django.views.generic import TemplateView
        from shop import views
        urlpatterns = [
            path("a/", views.Login.as_view()),
            path("b/", TemplateView.as_view(template_name="admin/base.html")),
            path("c/", LogoutView.as_view()),
            path("d/", views.Redirect.as_view()),
        ]
        """
    files["shop__processors"] = "import time\ndef wait(request):\n    time.sleep(1)\n    return {}\n"
    settings = """
        TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates",
            "OPTIONS": {"context_processors": ["shop.processors.wait"]}}]
        """
    found = read(**files, settings=settings)
    waited = "time.sleep shop/processors.py:3"
    assert waited in sinks(found, "GET /a/")
    assert waited in sinks(found, "GET /b/")
    assert waited not in sinks(found, "POST /c/")
    assert waited not in sinks(found, "GET /d/")


def test_groups_of_users_are_query_sets(read: Analysed) -> None:
    body = """
from django.contrib.auth.models import User
from django.shortcuts import get_object_or_404

def x(request):
    user = get_object_or_404(User, pk=1)
    user.groups.filter(name="a")
    user.groups.filter(name="a").exists()
"""
    assert sinks(read(**views(body)), "ANY /x/") == {
        "shortcuts.get_object_or_404 shop/views.py:8",
        f"{SET}.exists shop/views.py:10",
    }


def test_the_user_is_loaded_once_however_often_a_loop_reads_it(read: Analysed) -> None:
    body = """
def x(request):
    return [request.user.username for _ in range(9)]
"""
    assert sinks(read(**views(body)), "ANY /x/") == {"http.HttpRequest.user shop/views.py:5"}
