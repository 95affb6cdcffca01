"""Small Django projects, read from their files; routes are compared with the resolver's at run time."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import django
import pytest

from bridge.analysis.analyse import Analysis, analysed
from bridge.analysis.frameworks.django import DjangoReader
from bridge.analysis.model import Discovery, Route
from scripts.route_recall_score import pairs_of, running_routes

Project = Callable[..., Path]
Analysed = Callable[..., Analysis]
Agree = Callable[..., Discovery]
Installed = Callable[..., None]

SETTINGS = """
SECRET_KEY = "x"
DEBUG = False
USE_TZ = True
ROOT_URLCONF = "urls"
INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth", "shop"]
MIDDLEWARE = []
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
"""

MANAGE = """
import os
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Return a function that writes a project: `urls="..."`, `shop__views="..."`, more settings in `settings`."""

    def write(*, settings: str = "", templates: dict[str, str] | None = None, **texts: str) -> Path:
        files = {
            "manage.py": MANAGE,
            "settings.py": SETTINGS + dedent(settings),
            "shop/__init__.py": "",
            "urls.py": "urlpatterns = []\n",
            **{f"{name.replace('__', '/')}.py": dedent(text) for name, text in texts.items()},
            **{f"templates/{name}": dedent(text) for name, text in (templates or {}).items()},
        }
        for name, text in files.items():
            path = tmp_path / name.replace("//init//", "/__init__")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        return tmp_path

    return write


@pytest.fixture
def installed(tmp_path: Path) -> Installed:
    """Return a function that puts packages, Django among them, into an environment beside the project."""

    def write(files: dict[str, str]) -> None:
        packages = tmp_path / ".venv/lib/python3/site-packages"
        packages.mkdir(parents=True)
        (tmp_path / ".venv/pyvenv.cfg").touch()
        (packages / "django").symlink_to(Path(django.__file__).parent)
        for name, text in files.items():
            path = packages / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(dedent(text), "utf-8")

    return write


@pytest.fixture
def read(project: Project) -> Analysed:
    """Return a function from files to the analysis of the project that they make."""

    def run(**texts: object) -> Analysis:
        found = analysed(project(**texts), readers=[DjangoReader()])
        assert not found.survey.discovery.crashed
        return found

    return run


@pytest.fixture
def agree(project: Project) -> Agree:
    """Return a function that reads files and starts Django on them, and fails where the routes differ."""

    def check(**texts: object) -> Discovery:
        folder = project(**texts)
        found = analysed(folder, readers=[DjangoReader()]).survey.discovery
        assert not found.crashed
        running = {row[:2] for row in running_routes(folder, "django:settings", sys.executable)}
        assert pairs_of(found) == running
        return found

    return check


def route(found: Analysis, name: str) -> Route:
    (only,) = [each for each in found.survey.discovery.routes if each.id == name]
    return only


def sinks(found: Analysis, name: str) -> set[str]:
    """Return "sink file:line", with " in a loop", of everything that a route reaches."""
    witnesses = (*found.survey.reached[name].witnesses, *route(found, name).extra)
    return {
        f"{each.sink.removeprefix('django.')} {each.file}:{each.line}{' in a loop' if each.in_loop else ''}"
        for each in witnesses
    }
