from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from bridge.cli.django_project import maybe_settings_module
from bridge.cli.loading import load
from bridge.cli.target_errors import DjangoSettingsUnknown
from tests.cli.conftest import Project
from tests.cli.serving import Served, run_command

MANAGE = """
import os, sys

def main():
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "library.settings")
    from django.core.management import execute_from_command_line
    execute_from_command_line(sys.argv)
"""
SETTINGS = """
SECRET_KEY = "x"
ROOT_URLCONF = "library.urls"
ALLOWED_HOSTS = ["*"]
"""
URLS = """
from django.http import HttpResponse
from django.urls import path
urlpatterns = [path("", lambda request: HttpResponse(request.get_host()))]
"""
WSGI = """
from django.core.wsgi import get_wsgi_application
application = get_wsgi_application()
"""
LIBRARY = {
    "site/manage.py": MANAGE,
    "site/library/__init__.py": "",
    "site/library/settings.py": SETTINGS + 'WSGI_APPLICATION = "library.wsgi.application"\n',
    "site/library/urls.py": URLS,
    "site/library/wsgi.py": WSGI,
}


# ---------------------------------------------------------------- manage.py


@pytest.mark.parametrize(
    ("source", "found"),
    [
        (MANAGE, "library.settings"),
        ('import os\nos.environ["DJANGO_SETTINGS_MODULE"] = "a.b"\n', "a.b"),
        ("from os import environ\nenviron.setdefault('DJANGO_SETTINGS_MODULE', 'a')\n", "a"),
        ('import os\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "a." + "b")\n', None),
        ('import os\nos.environ.setdefault("OTHER", "a")\n', None),
        ("def broken(:\n", None),
        ("", None),
    ],
    ids=["django's own", "assignment", "from os", "computed", "other", "syntax error", "empty"],
)
def test_settings_module_is_read_from_manage_py_and_never_run(
    tmp_path: Path, source: str, found: str | None
) -> None:
    manage_py = tmp_path / "manage.py"
    manage_py.write_text(source + "\nraise SystemExit('was run')\n")
    assert maybe_settings_module(manage_py) == found


# ---------------------------------------------------------------- whole projects, in processes of their own


@pytest.mark.parametrize("target", ["site", "site/manage.py"])
def test_a_project_is_served_from_its_folder_and_named_by_its_wsgi_module(
    project: Project, target: str
) -> None:
    with Served(project(LIBRARY), target, "--port", "0") as served:
        assert served.get("/", {"Host": "library.example"}).body == b"library.example"
        assert served.line(r"app +(\S+)")[1] == "library.wsgi:application"
        assert served.line(r"framework +(\S+)")[1] == "Django"


def test_a_project_without_wsgi_application_gets_django_s(project: Project) -> None:
    folder = project({**LIBRARY, "site/library/settings.py": SETTINGS})
    with Served(folder, "site", "--port", "0") as served:
        assert served.get("/").status == 200
        assert served.line(r"app +(.+)")[1] == "Django with library.settings"


def test_the_environment_wins_over_manage_py(project: Project) -> None:
    folder = project({**LIBRARY, "site/library/other.py": SETTINGS})
    with Served(folder, "site", "--port", "0", env={"DJANGO_SETTINGS_MODULE": "library.other"}) as served:
        assert served.line(r"app +(.+)")[1] == "Django with library.other"


def test_settings_that_manage_py_computes_are_asked_for(project: Project) -> None:
    done = run_command(project({"site/manage.py": "print()\n"}), "serve", "site", "--port", "0")
    assert done.returncode == 2
    assert "manage.py does not name the settings module in a way that can be read" in done.stderr
    assert "  DJANGO_SETTINGS_MODULE=mysite.settings wsgi-bridge serve ...\n" in done.stderr


def test_settings_that_nobody_names_are_offered_those_for_development_first(project: Project) -> None:
    names = ("base", "development", "production.example", "__init__")
    files = {f"site/library/settings/{name}.py": "" for name in names}
    with pytest.raises(DjangoSettingsUnknown) as caught:
        load("site", str(project({"site/manage.py": "import django\n", **files})))
    assert caught.value.candidates == ("library.settings.development", "library.settings.base")
    assert caught.value.advice[1] == (
        "  DJANGO_SETTINGS_MODULE=library.settings.development wsgi-bridge serve ..."
    )


@pytest.mark.parametrize(
    ("env", "source"),
    [({}, "{folder}/site/manage.py"), ({"DJANGO_SETTINGS_MODULE": "no.such"}, "DJANGO_SETTINGS_MODULE")],
)
def test_settings_that_are_missing_are_told_with_who_named_them(
    project: Project, env: dict[str, str], source: str
) -> None:
    folder = project({"site/manage.py": MANAGE.replace("library.settings", "no.such")})
    done = run_command(folder, "serve", "site", "--port", "0", env=env)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "Error: there is no Django settings module 'no.such'.\n\n"
        f"  named by  {source.format(folder=folder)}\n\n"
        "Correct it there, or name another one:\n"
        "  DJANGO_SETTINGS_MODULE=mysite.settings wsgi-bridge serve ...\n"
    )


def test_an_application_that_is_not_installed_is_the_project_s_error(project: Project) -> None:
    folder = project({**LIBRARY, "site/library/settings.py": SETTINGS + "INSTALLED_APPS = ['no_such_app']\n"})
    done = run_command(folder, "serve", "site", "--port", "0")
    assert done.returncode == 2
    first, *rest = done.stderr.splitlines()
    assert first == (
        "Error: starting Django with library.settings raised ModuleNotFoundError: No module named 'no_such_app'"
    )
    assert rest[-1] == f"  cd {folder}/site && {sys.executable} manage.py check"


def test_a_project_without_django_installed_is_told_to_install_it(project: Project) -> None:
    folder = project({**LIBRARY, "hide.py": "import sys\nsys.modules['django'] = None\n"})
    code = "import hide, sys; from bridge.cli.main import main; main(sys.argv[1:])"
    # importlib finds no spec for a module that is None: as if it were not installed.
    done = subprocess.run(
        [sys.executable, "-c", code, "serve", "site", "--port", "0"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert done.returncode == 1
    assert "needs the package django, which is not installed." in done.stderr
    assert "pip install django\n" in done.stderr
