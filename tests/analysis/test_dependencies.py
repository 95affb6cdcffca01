from __future__ import annotations

from pathlib import Path

import pytest

from bridge.analysis.assumptions import Assumptions, UnknownAssumption
from bridge.analysis.dependencies import dependencies_of
from bridge.analysis.inspecting import driver_cooperates
from bridge.analysis.knowledge import load_knowledge
from bridge.analysis.model import Dependency, DependencyStatus
from bridge.analysis.project import read_project

KNOWLEDGE = load_knowledge()
NOTHING = Assumptions({})


def dependencies(folder: Path, requirements: str, code: str) -> dict[str, Dependency]:
    (folder / "requirements.txt").write_text(requirements)
    (folder / "shop.py").write_text(code)
    return {each.name: each for each in dependencies_of(read_project(folder), KNOWLEDGE)}


def test_declared_and_imported_packages_are_joined(tmp_path: Path) -> None:
    found = dependencies(
        tmp_path, "requests==2.32.0\nunheard-of\n", "import os, requests, redis\nfrom . import x\n"
    )
    assert set(found) == {"requests", "unheard-of", "redis"}
    assert found["requests"].status is DependencyStatus.BLOCKING
    assert (found["requests"].version, found["requests"].replacement) == ("2.32.0", "httpx")
    assert (found["requests"].file, found["requests"].line) == ("requirements.txt", 1)
    assert found["unheard-of"].status is DependencyStatus.UNKNOWN
    assert found["redis"].evidence.startswith("imported in shop.py")


def test_a_package_that_is_imported_under_another_name_is_told_once(tmp_path: Path) -> None:
    assert set(dependencies(tmp_path, "PyMySQL\npsycopg2-binary\n", "import pymysql, psycopg2\n")) == {
        "PyMySQL",
        "psycopg2-binary",
    }


def test_a_file_above_the_analysed_folder_is_named_from_there(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "shop.py").write_text("")
    (tmp_path / "requirements.txt").write_text("requests\n")
    [found] = dependencies_of(read_project(tmp_path / "src"), KNOWLEDGE, folder=tmp_path)
    assert found.file == "../requirements.txt"


@pytest.mark.parametrize(("own", "names"), [("requests==2.0\n", {"requests"}), ("", {"redis"})])
def test_what_is_declared_above_counts_where_the_project_declares_nothing(
    tmp_path: Path, own: str, names: set[str]
) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "shop.py").write_text("")
    (tmp_path / "src" / "requirements.txt").write_text(own)
    (tmp_path / "pyproject.toml").write_text('[project]\ndependencies = ["redis"]\n')
    found = dependencies_of(read_project(tmp_path / "src"), KNOWLEDGE, folder=tmp_path)
    assert {each.name for each in found} == names


def test_the_projects_own_modules_and_the_standard_library_are_none(tmp_path: Path) -> None:
    (tmp_path / "models.py").write_text("")
    assert dependencies(tmp_path, "", "import json, models\nfrom models import x\n") == {}


@pytest.mark.parametrize(
    ("drivers", "cooperates"),
    [
        ("SQLAlchemy\n", False),
        ("SQLAlchemy\npsycopg2\n", True),
        ("SQLAlchemy\nPyMySQL\n", True),
        ("SQLAlchemy\nmysqlclient\n", False),
        ("psycopg2\nmysqlclient\n", False),
    ],
)
def test_an_orm_waits_as_its_drivers_do(tmp_path: Path, drivers: str, cooperates: bool) -> None:
    found = dependencies(tmp_path, drivers, "").values()
    assert driver_cooperates(found, KNOWLEDGE, NOTHING) is cooperates


def test_an_assumed_driver_counts_in_place_of_the_old_one(tmp_path: Path) -> None:
    found = dependencies(tmp_path, "mysqlclient\n", "").values()
    assumed = Assumptions.of({"mysqlclient": "psycopg"}, KNOWLEDGE)
    assert driver_cooperates(found, KNOWLEDGE, assumed)


def test_what_an_assumed_package_replaces_is_covered() -> None:
    assumed = Assumptions.of({"psycopg2": "psycopg"}, KNOWLEDGE)
    assert assumed.cover("psycopg2.connect")
    assert not assumed.cover("requests.get")
    assert not assumed.cover("time.sleep")


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("unheard-of", "psycopg", "nothing is known of unheard-of"),
        ("psycopg2", "unheard-of", "nothing is known of unheard-of"),
        ("psycopg2", "mysqlclient", "mysqlclient has no asynchronous interface that is known"),
    ],
)
def test_an_assumption_that_is_not_known_is_refused(old: str, new: str, problem: str) -> None:
    with pytest.raises(UnknownAssumption) as caught:
        Assumptions.of({old: new}, KNOWLEDGE)
    assert caught.value.problem == problem
