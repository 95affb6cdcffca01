from __future__ import annotations

from pathlib import Path

import pytest

from bridge.analysis.environment import Environment, environment_of, packages_of


def made(folder: Path, inner: str = "lib/python3.12/site-packages") -> Path:
    """Make a virtual environment, return its site-packages."""
    packages = folder / inner
    packages.mkdir(parents=True)
    (folder / "pyvenv.cfg").touch()
    return packages


@pytest.mark.parametrize("name", [".venv", "venv", "env"])
def test_the_environment_in_the_project_is_its_own_and_complete(tmp_path: Path, name: str) -> None:
    packages = made(tmp_path / name)
    active = made(tmp_path / "active")
    found = environment_of(tmp_path, variables={"VIRTUAL_ENV": str(active.parents[2])})
    assert found == Environment((packages,), is_complete=True, words=f"the project's {name}")


@pytest.mark.parametrize("mark", ["pyproject.toml", ".git"])
def test_one_above_is_read_up_to_the_projects_folder(tmp_path: Path, mark: str) -> None:
    source = tmp_path / "outer" / "project" / "src"
    source.mkdir(parents=True)
    made(tmp_path / ".venv")
    (tmp_path / "outer" / mark).touch()
    own = environment_of(source, variables={})
    assert (own.words, own.is_complete) == ("the environment of wsgi-bridge", False)
    packages = made(tmp_path / "outer" / ".venv")
    assert environment_of(source, variables={}) == Environment((packages,), words="the project's .venv")


def test_nothing_above_is_looked_at_where_no_project_is_marked(tmp_path: Path) -> None:
    made(tmp_path / ".venv")
    (tmp_path / "src").mkdir()
    assert environment_of(tmp_path / "src", variables={}).words == "the environment of wsgi-bridge"


def test_the_active_environment_is_read_and_not_taken_for_complete(tmp_path: Path) -> None:
    packages = made(tmp_path / "active")
    found = environment_of(tmp_path, variables={"VIRTUAL_ENV": str(tmp_path / "active")})
    assert found == Environment((packages,), words="the active environment")
    gone = environment_of(tmp_path, variables={"VIRTUAL_ENV": str(tmp_path / "gone")})
    assert gone.words == "the environment of wsgi-bridge"
    assert gone.folders


def test_the_one_that_is_named_comes_first(tmp_path: Path) -> None:
    made(tmp_path / ".venv")
    packages = made(tmp_path / "named")
    found = environment_of(tmp_path, tmp_path / "named")
    assert found == Environment((packages,), is_complete=True, words="the environment of the configuration")


def test_a_folder_that_is_no_environment_has_no_packages(tmp_path: Path) -> None:
    (tmp_path / "env" / "lib" / "python3.12" / "site-packages").mkdir(parents=True)
    assert packages_of(tmp_path / "env") == ()
    assert packages_of(tmp_path / "gone") == ()
    assert environment_of(tmp_path, variables={}).words == "the environment of wsgi-bridge"


def test_packages_on_windows_are_found(tmp_path: Path) -> None:
    packages = made(tmp_path / ".venv", "Lib/site-packages")
    assert packages in packages_of(tmp_path / ".venv")


def test_the_signature_changes_with_what_is_installed(tmp_path: Path) -> None:
    packages = made(tmp_path / ".venv")
    environment = environment_of(tmp_path)
    signatures = [environment.signature()]
    (packages / "wagtail-7.4.dist-info").mkdir()
    signatures.append(environment.signature())
    (packages / "wagtail-7.4.dist-info").rename(packages / "wagtail-7.5.dist-info")
    signatures.append(environment.signature())
    assert len({tuple(each) for each in signatures}) == 3
    assert Environment((tmp_path / "gone",)).signature() == [f"{tmp_path / 'gone'}: "]
