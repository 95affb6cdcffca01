from __future__ import annotations

import sys
from pathlib import Path

import pytest

from bridge.cli.expression import Call, Name
from bridge.cli.target import (
    Location,
    applications_in,
    applications_near,
    locate,
    submodules_with_application,
)
from bridge.cli.target_errors import FORMS, FileMissing, FolderWithoutApplication, ModuleMissing
from tests.cli.conftest import Project

SHOP = {
    "shop.py": "",
    "web/__init__.py": "",
    "web/site.py": "",
    "blog/manage.py": "",
    "api/app.py": "",
    "x/y/wsgi.py": "",
}


def offered(error: ModuleMissing | FileMissing | FolderWithoutApplication) -> list[str]:
    return [line.removeprefix("  wsgi-bridge serve ") for line in error.advice[1:]]


# ---------------------------------------------------------------- what is found


def test_locate_module_with_an_attribute(project: Project) -> None:
    folder = str(project(SHOP))
    assert locate("shop:app", folder) == Location("shop:app", "shop", (Name("app"),), (folder,))


def test_locate_module_with_a_factory(project: Project) -> None:
    folder = str(project(SHOP))
    found = locate("web.site:make(1).wsgi", folder)
    assert (found.module, found.steps) == ("web.site", (Name("make"), Call((1,)), Name("wsgi")))


def test_locate_module_alone_leaves_the_name_open(project: Project) -> None:
    folder = str(project(SHOP))
    assert locate("shop", folder).steps is None


def test_locate_module_that_is_installed(project: Project) -> None:
    assert locate("json.tool:main", str(project({}))).module == "json.tool"


def test_locate_does_not_import_anything(project: Project) -> None:
    folder = str(project({"explosive/__init__.py": "1/0", "explosive/app.py": ""}))
    assert locate("explosive.app:app", folder).module == "explosive.app"
    assert "explosive" not in sys.modules


@pytest.mark.parametrize("target", ["shop.py", "./shop.py", "{folder}/shop.py"])
def test_locate_file_puts_its_folder_on_the_path(project: Project, target: str) -> None:
    folder = str(project(SHOP))
    found = locate(target.format(folder=folder), folder)
    assert (found.module, found.search_path, found.file) == ("shop", (folder,), f"{folder}/shop.py")


def test_locate_file_in_a_package_puts_the_package_s_parent_on_the_path(project: Project) -> None:
    folder = str(
        project({"src/web/__init__.py": "", "src/web/sub/__init__.py": "", "src/web/sub/site.py": ""})
    )
    found = locate("src/web/sub/site.py:app", folder)
    assert (found.module, found.steps) == ("web.sub.site", (Name("app"),))
    assert found.search_path == (f"{folder}/src", folder)
    assert found.home == f"{folder}/src"


def test_locate_the_file_of_a_package_is_the_package(project: Project) -> None:
    folder = str(project(SHOP))
    assert locate("web/__init__.py", folder).module == "web"


@pytest.mark.parametrize("target", ["blog", "blog/", "./blog", "blog/manage.py"])
def test_locate_folder_with_manage_py_is_a_django_project(project: Project, target: str) -> None:
    folder = str(project(SHOP))
    assert locate(target, folder).manage_py == f"{folder}/blog/manage.py"


def test_locate_manage_py_with_an_attribute_is_a_module_like_any_other(project: Project) -> None:
    assert locate("blog/manage.py:app", str(project(SHOP))).manage_py is None


@pytest.mark.parametrize(
    ("files", "module"),
    [
        (["manage.py", "wsgi.py", "app.py"], "manage"),
        (["wsgi.py", "app.py"], "wsgi"),
        (["app.py", "shop.py"], "app"),
    ],
)
@pytest.mark.parametrize("target", [".", ""])
def test_locate_folder_takes_the_first_file_of_its_list(
    project: Project, files: list[str], module: str, target: str
) -> None:
    folder = str(project(dict.fromkeys(files, "# django")))
    assert locate(target, folder).module == module


def test_locate_folder_passes_over_a_manage_py_that_is_not_of_django(project: Project) -> None:
    folder = str(project({"manage.py": "from flask.cli import FlaskGroup\n", "wsgi.py": ""}))
    assert locate(".", folder).module == "wsgi"


def test_locate_folder_that_is_a_package(project: Project) -> None:
    found = locate("./web", str(project(SHOP)))
    assert (found.module, found.search_path) == ("web", (str(project({})),))


def test_locate_bare_word_prefers_a_module_over_a_folder_of_that_name(project: Project) -> None:
    folder = str(project({"shop.py": "", "shop/notes.txt": ""}))
    assert locate("shop", folder).file is None


def test_locate_bare_word_that_names_a_package_is_the_package(project: Project) -> None:
    folder = str(project({"web/__init__.py": "", "web/app.py": ""}))
    assert locate("web", folder).module == "web"


def test_locate_follows_the_home_folder(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = project(SHOP)
    monkeypatch.setenv("HOME", str(folder))
    assert locate("~/shop.py", "/").file == f"{folder}/shop.py"


# ---------------------------------------------------------------- what is not


@pytest.mark.parametrize(
    ("target", "suggestions"),
    [("shpo", ["shop"]), ("shpo:app", ["shop:app"]), ("wbe.site:app", ["web.site:app"]), ("zzz", [])],
)
def test_locate_module_missing_offers_the_nearest(
    project: Project, target: str, suggestions: list[str]
) -> None:
    folder = str(project(SHOP))
    with pytest.raises(ModuleMissing) as caught:
        locate(target, folder)
    assert list(caught.value.suggestions) == suggestions
    assert caught.value.advice == FORMS or offered(caught.value) == suggestions


def test_locate_module_missing_says_where_it_looked(project: Project) -> None:
    folder = str(project({}))
    with pytest.raises(ModuleMissing) as caught:
        locate("no.such:app", folder)
    assert caught.value.summary == "there is no module 'no.such'."
    assert caught.value.facts == (("tried", f"no/such.py and no/such/ in {folder}\nthe installed packages"),)


@pytest.mark.parametrize("target", ["shop-1", "a b", "3d", "."[:0] + "shop..app"])
def test_locate_what_is_no_name_is_missing(project: Project, target: str) -> None:
    with pytest.raises(ModuleMissing):
        locate(target, str(project(SHOP)))


@pytest.mark.parametrize(
    ("target", "suggestions"),
    [("shpo.py", ["shop.py"]), ("web/stie.py", ["web/site.py"]), ("no/such.py", []), ("./wbe", ["web"])],
)
def test_locate_file_missing_offers_the_nearest(
    project: Project, target: str, suggestions: list[str]
) -> None:
    with pytest.raises(FileMissing) as caught:
        locate(target, str(project(SHOP)))
    assert list(caught.value.suggestions) == suggestions
    assert caught.value.summary == f"there is no file or folder {target!r}."


def test_locate_folder_without_application_offers_those_below(project: Project) -> None:
    folder = str(project({"a/manage.py": "", "b/wsgi.py": "", "c/notes.txt": "", ".git/app.py": ""}))
    with pytest.raises(FolderWithoutApplication) as caught:
        locate(".", folder)
    assert offered(caught.value) == ["a", "b"]
    assert caught.value.facts == (("tried", "manage.py, wsgi.py, app.py, __init__.py"),)


def test_locate_folder_offers_a_package_as_the_folder_that_it_is(project: Project) -> None:
    folder = str(project({"a/__init__.py": "", "a/wsgi.py": ""}))
    with pytest.raises(FolderWithoutApplication) as caught:
        locate(".", folder)
    assert offered(caught.value) == ["a/"]
    assert locate("a/", folder).module == "a.wsgi"


def test_applications_in_is_the_folder_itself_and_those_below(project: Project) -> None:
    assert applications_in(str(project({"app.py": "", "a/wsgi.py": "", "b/notes.txt": ""}))) == [".", "a"]


def test_locate_bare_word_that_names_a_folder_without_application_is_told_as_such(project: Project) -> None:
    with pytest.raises(FolderWithoutApplication) as caught:
        locate("x", str(project(SHOP)))
    assert offered(caught.value) == ["x/y"]


# ---------------------------------------------------------------- offers


def test_applications_near_is_the_folder_itself_or_those_below(project: Project) -> None:
    folder = str(project(SHOP))
    assert applications_near("blog.settings", folder) == ["blog"]
    assert applications_near("x.wsgi", folder) == ["x/y"]
    assert applications_near("nothing.there", folder) == []


def test_submodules_with_application_are_looked_for_beside_the_package(
    project: Project, import_system: None
) -> None:
    sys.path.insert(0, str(project({"pkg_one/__init__.py": "", "pkg_one/wsgi.py": "1/0"})))
    package = __import__("pkg_one")
    assert submodules_with_application("pkg_one", package) == ["pkg_one.wsgi"]
    assert submodules_with_application("json", sys.modules["json"]) == []


def test_location_is_absolute_whatever_the_target(project: Project) -> None:
    folder = project(SHOP)
    assert Path(str(locate("api", str(folder)).file)).is_absolute()
