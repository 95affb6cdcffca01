from __future__ import annotations

from pathlib import Path

import pytest

from bridge.analysis.requirements import declared

POETRY = '[tool.poetry.dependencies]\npython = "^3.11"\nFlask = "^3"\nredis = { version = "==5.0.1" }\n[tool.poetry.group.dev.dependencies]\npytest = "*"\n'
PYPROJECT = '[project]\ndependencies = ["Flask[async]>=3; python_version > \'3\'"]\n[project.optional-dependencies]\nx = ["redis==5.0.1"]\n[dependency-groups]\ndev = ["pytest", {include-group = "x"}]\n'


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            "requirements.txt",
            "# tools\n-r other.txt\nFlask>=3 # web\nredis==5.0.1 --hash=sha256:0\n\npytest\nhttps://a/b.whl\n",
        ),
        ("requirements/base.txt", "Flask\nredis == 5.0.1 ; python_version > '3'\npytest\n"),
        ("dev-requirements.txt", "Flask\nredis===5.0.1\npytest\n"),
        ("pyproject.toml", POETRY),
        ("pyproject.toml", PYPROJECT),
        (
            "setup.cfg",
            "[options]\ninstall_requires =\n    Flask>=3\n    redis==5.0.1\n[options.extras_require]\ndev = pytest\n",
        ),
        (
            "setup.py",
            "from setuptools import setup\nREQUIRES = ['pytest']\nsetup(install_requires=['Flask', 'redis==5.0.1'])\n",
        ),
        ("Pipfile", '[packages]\nFlask = "*"\nredis = "==5.0.1"\n[dev-packages]\npytest = "*"\n'),
    ],
)
def test_packages_and_pins_are_read(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text(text)
    found = {each.name: each for each in declared(tmp_path)}
    assert {name: each.version for name, each in found.items()} == {
        "Flask": "",
        "redis": "5.0.1",
        "pytest": "",
    }
    assert {each.file for each in found.values()} == {name}
    assert all(each.is_direct for each in found.values())


def test_a_requirement_knows_its_line(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(PYPROJECT)
    assert {each.name: each.line for each in declared(tmp_path)} == {"Flask": 2, "redis": 4, "pytest": 6}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            "poetry.lock",
            '[[package]]\nname = "flask"\nversion = "3.1.0"\n[[package]]\nname = "jinja2"\nversion = "3.1"\n',
        ),
        (
            "uv.lock",
            '[[package]]\nname = "flask"\nversion = "3.1.0"\n[[package]]\nname = "jinja2"\nversion = "3.1"\n',
        ),
        ("Pipfile.lock", '{"default": {"flask": {"version": "==3.1.0"}, "jinja2": {"version": "==3.1"}}}'),
    ],
)
def test_a_lock_file_gives_versions_and_what_it_alone_names_is_not_direct(
    tmp_path: Path, name: str, text: str
) -> None:
    (tmp_path / "requirements.txt").write_text("Flask>=3\n")
    (tmp_path / name).write_text(text)
    found = [(each.name, each.version, each.is_direct) for each in declared(tmp_path)]
    assert found == [("Flask", "3.1.0", True), ("jinja2", "3.1", False)]


@pytest.mark.parametrize(
    "name", ["pyproject.toml", "setup.cfg", "setup.py", "Pipfile", "poetry.lock", "Pipfile.lock"]
)
@pytest.mark.parametrize("text", ["((((", '{"default": 3}', "package = 3\n[project]\ndependencies = 3\n"])
def test_a_broken_file_counts_as_none(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    (tmp_path / "requirements.txt").write_text("Flask\n")
    assert [each.name for each in declared(tmp_path)] == ["Flask"]
