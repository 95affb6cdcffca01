"""Which request a blocking call belongs to, in each framework."""

from __future__ import annotations

import sys

import jsonschema
import pytest

from bridge.reports.fields import schema
from tests.observe.trace.conftest import Trace

FLASK = """
import time
from time import sleep
import flask

time.sleep(0.001)
app = flask.Flask(__name__)

def nap():
    sleep(0.02)

class Shelf:
    @property
    def books(self):
        nap()
        return "books"

@app.before_request
def early():
    if flask.request.args.get("early"):
        time.sleep(0.001)

@app.route("/shelf/<int:number>", methods=["GET", "POST"])
def shelf(number):
    return Shelf().books

@app.get("/quiet")
def quiet():
    return "nothing waits here"

@app.get("/stream")
def stream():
    def lines():
        nap()
        yield "streamed"
    return lines()

@app.get("/file")
def file():
    with open(__file__) as program:
        return program.readline()

if __name__ == "__main__":
    time.sleep(0.001)
    client = app.test_client()
    for number in range(3):
        client.get(f"/shelf/{number}")
    client.post("/shelf/1?early=1")
    client.head("/shelf/1")
    for path in ("/quiet", "/stream", "/file", "/missing/page"):
        client.get(path)
"""


def test_flask_calls_stand_under_the_pattern_of_their_route(trace: Trace) -> None:
    done = trace(program=FLASK)
    assert done.code == 0, done.said
    assert done.calls("GET /shelf/<int:number>") == {"time.sleep": 4}  # the HEAD request is one of them
    assert done.calls("POST /shelf/<int:number>") == {"time.sleep": 2}
    assert done.calls("GET /quiet") == {}
    assert done.calls("GET /stream") == {"time.sleep": 1}
    assert done.calls("GET /file")["builtins.open"] == 1
    assert {each["route"]: each["count"] for each in done.trace["requests"]} == {
        "GET /shelf/<int:number>": 4,
        "POST /shelf/<int:number>": 1,
        "GET /quiet": 1,
        "GET /stream": 1,
        "GET /file": 1,
        "GET /missing/page": 1,
    }
    assert "9 requests" in done.said


def test_a_call_has_its_stack_its_count_and_its_time(trace: Trace) -> None:
    done = trace(program=FLASK)
    (call,) = [each for each in done.trace["calls"] if each["route"] == "GET /shelf/<int:number>"]
    lines = FLASK.splitlines()
    assert [(lines[each["line"] - 1].strip(), each["file"]) for each in call["stack"]] == [
        ("return Shelf().books", "program.py"),
        ("nap()", "program.py"),
        ("sleep(0.02)", "program.py"),
    ]
    names = [each["function"] for each in call["stack"]]
    assert names == (
        ["shelf", "Shelf.books", "nap"] if sys.version_info >= (3, 11) else ["shelf", "books", "nap"]
    )
    assert call["count"] == 4
    assert 0.02 <= call["longest"] <= call["seconds"]
    assert call["seconds"] >= 4 * 0.02
    assert call["direct"]
    assert call["timed"]


def test_outside_requests_a_call_is_the_start_or_the_commands(trace: Trace) -> None:
    done = trace(program=FLASK + "\n    nap()\n")
    assert done.calls(phase="startup") == {"time.sleep": 3}  # a program's own lines are those of a module
    assert all(call["route"] == "" for call in done.trace["calls"] if call["phase"] != "request")


def test_the_trace_is_what_its_schema_says(trace: Trace) -> None:
    jsonschema.Draft202012Validator(schema("trace")).validate(trace(program=FLASK).trace)


def test_only_the_outermost_blocking_call_is_recorded(trace: Trace) -> None:
    done = trace(
        program="""
        import flask, subprocess, sys
        app = flask.Flask(__name__)

        @app.get("/run")
        def run():
            return subprocess.run([sys.executable, "-c", "print(1)"], capture_output=True).stdout

        app.test_client().get("/run")
        """
    )
    assert done.calls("GET /run") == {"subprocess.run": 1}
    assert done.trace["processes"] == 2


def test_a_plain_application_has_the_path_of_the_request(trace: Trace) -> None:
    done = trace(
        program="""
        import time
        from werkzeug.test import Client

        def application(environ, start_response):
            start_response("200 OK", [])
            time.sleep(0.001)
            yield b"a"

        Client(application).get("/plain/7")
        """
    )
    assert done.calls("GET /plain/7") == {"time.sleep": 1}


def test_pyramid_calls_stand_under_the_pattern_of_their_route(trace: Trace) -> None:
    done = trace(
        program="""
        import time
        from pyramid.config import Configurator
        from pyramid.response import Response
        from webob import Request

        def note(request):
            time.sleep(0.001)
            return Response("ok")

        with Configurator() as config:
            config.add_route("note", "/notes/{number}")
            config.add_view(note, route_name="note")
            app = config.make_wsgi_app()
        Request.blank("/notes/3").get_response(app)
        """,
        PYTHONWARNINGS="ignore",
    )
    assert done.calls("GET /notes/{number}") == {"time.sleep": 1}, done.said


DJANGO = """
import time
import django
from django.conf import settings
from django.http import HttpResponse
from django.urls import path

settings.configure(
    ROOT_URLCONF=__name__,
    ALLOWED_HOSTS=["*"],
    MIDDLEWARE=["program.slow_middleware"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
)

def slow_middleware(get_response):
    def middleware(request):
        time.sleep(0.001)
        return get_response(request)
    return middleware

def book(request, number):
    from django.db import connection
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok")

urlpatterns = [path("books/<int:number>/", book)]

if __name__ == "__main__":
    import sys
    sys.modules["program"] = sys.modules["__main__"]
    django.setup()
    from django.test import Client
    Client().get("/books/4/")
"""


def test_django_middleware_counts_for_the_route_that_is_found_after_it(trace: Trace) -> None:
    done = trace(program=DJANGO)
    assert done.code == 0, done.said
    calls = done.calls("GET /books/<int:number>/")
    assert calls["time.sleep"] == 1
    assert calls["django.db.backends.utils.CursorWrapper.execute"] == 1


DJANGO_ROWS = """
import django
from django.conf import settings
from django.http import HttpResponse
from django.urls import path

settings.configure(
    ROOT_URLCONF=__name__,
    ALLOWED_HOSTS=["*"],
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
)
django.setup()

from django import forms
from django.contrib.auth.models import Group, User
from django.db import connection, transaction

class Texts(forms.ModelForm):
    class Meta:
        model = User
        fields = ["first_name"]

class Unique(forms.ModelForm):
    class Meta:
        model = Group
        fields = ["name"]

def choices(request):
    rows = Group.objects.iterator()
    with transaction.atomic():
        return HttpResponse(str(list(rows)))

def validated(request):
    return HttpResponse(str(Texts({"first_name": "a"}).is_valid()))

def compared(request):
    return HttpResponse(str(Unique({"name": "a"}).is_valid()))

def permitted(request):
    user = User.objects.create(username="a")
    return HttpResponse(str([user.has_perms(["auth.add_user"]), user.has_perm("auth.add_user")]))

urlpatterns = [path(f"{each.__name__}/", each) for each in (choices, validated, compared, permitted)]

if __name__ == "__main__":
    from django.contrib.auth.models import Permission
    from django.contrib.contenttypes.models import ContentType
    with connection.schema_editor() as editor:
        for model in (ContentType, Permission, Group, User):
            editor.create_model(model)
    from django.test import Client
    for each in (choices, validated, compared, permitted):
        assert Client().get(f"/{each.__name__}/").status_code == 200
"""


def test_what_django_asks_now_and_then_counts_where_it_asked(trace: Trace) -> None:
    done = trace(program=DJANGO_ROWS)
    assert done.code == 0, done.said
    assert done.calls("GET /choices/")["django.db.models.QuerySet.__iter__"] == 1
    assert "django.db.backends.utils.CursorWrapper.execute" not in done.calls("GET /choices/")
    assert done.calls("GET /validated/") == {}
    assert done.calls("GET /compared/") == {"django.forms.ModelForm.is_valid": 1}
    assert done.calls("GET /permitted/")["django.contrib.auth.models.PermissionsMixin.has_perm"] == 1


@pytest.mark.skipif(sys.version_info < (3, 12), reason="sys.monitoring is new in Python 3.12")
def test_calls_of_c_code_are_seen_from_the_projects_lines(trace: Trace) -> None:
    done = trace(
        program="""
        import sqlite3
        import flask
        app = flask.Flask(__name__)
        connection = sqlite3.connect(":memory:")

        @app.get("/rows")
        def rows():
            cursor = connection.cursor()
            cursor.execute("SELECT 1")
            try:
                cursor.execute("SELECT nothing FROM nowhere")
            except sqlite3.OperationalError:
                pass
            return str(cursor.execute("SELECT 2").fetchall())

        app.test_client().get("/rows")
        """
    )
    assert done.calls("GET /rows") == {"sqlite3.Cursor.execute": 3, "sqlite3.Cursor.fetchall": 1}


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="sys.monitoring sees them from Python 3.12 on")
def test_what_cannot_be_watched_is_named(trace: Trace) -> None:
    done = trace(program="import sqlite3\n")
    assert "sqlite3.Cursor.execute" in done.trace["unwatched"]
