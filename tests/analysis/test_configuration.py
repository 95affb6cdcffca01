from __future__ import annotations

from pathlib import Path

import pytest

from bridge.analysis.configuration import KEYS, Configuration, InvalidConfiguration, read_configuration

ROOT = Path(__file__).resolve().parents[2]


def write(folder: Path, table: str) -> Path:
    (folder / "pyproject.toml").write_text(f"[tool.wsgi-bridge]\n{table}\n")
    return folder


def test_without_a_file_there_are_defaults(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[project]\n")
    assert read_configuration(tmp_path) == Configuration(folder=tmp_path)


def test_the_keys_are_read(tmp_path: Path) -> None:
    table = (
        'paths = ["src"]\nexclude = ["a/*"]\napp = "a:b"\nselect = ["WB2"]\nsinks = ["a.b", {name = "c.d"}]'
    )
    found = read_configuration(write(tmp_path, table))
    assert (found.paths, found.exclude, found.app, found.select) == (("src",), ("a/*",), "a:b", ("WB2",))
    assert found.rows == {"sinks": ["a.b", {"name": "c.d"}], "offloaders": []}
    assert found.folder == tmp_path


def test_the_nearest_file_above_counts(tmp_path: Path) -> None:
    write(tmp_path, 'app = "outer:app"')
    inner = tmp_path / "src" / "shop"
    inner.mkdir(parents=True)
    assert read_configuration(inner).app == "outer:app"
    assert read_configuration(inner / "views.py").app == "outer:app"
    write(tmp_path / "src", 'app = "inner:app"')
    assert read_configuration(inner).app == "inner:app"


@pytest.mark.parametrize(
    ("table", "problem", "instead"),
    [
        ('base_line = "x"', "there is no key 'base_line'", "did you mean 'baseline'?"),
        ("zzz = 1", "there is no key 'zzz'", "the keys are paths, "),
        ("baseline = 7", "baseline is 7", 'expected a string, as baseline = "..."'),
        ('select = "WB2"', "select is 'WB2'", 'expected a list of strings, as select = ["..."]'),
        ("exclude = [7]", "exclude is [7]", "expected a list of strings"),
        ('select = ["WB212x"]', "select has 'WB212x', which is no rule", "did you mean 'WB212'?"),
        ('ignore = ["E501"]', "ignore has 'E501', which is no rule", ""),
        (
            'environment = "../venvs/shop"',
            "there is no environment '../venvs/shop'",
            "name the folder that has a pyvenv.cfg",
        ),
        ("((", "the file cannot be read", "correct it"),
    ],
)
def test_a_mistake_is_told_with_what_to_write(tmp_path: Path, table: str, problem: str, instead: str) -> None:
    with pytest.raises(InvalidConfiguration) as caught:
        read_configuration(write(tmp_path, table))
    assert caught.value.problem.startswith(problem)
    assert caught.value.instead.startswith(instead)


def test_the_environment_is_named_from_the_files_folder(tmp_path: Path) -> None:
    (tmp_path / "venvs" / "shop" / "lib" / "python3.12" / "site-packages").mkdir(parents=True)
    (tmp_path / "venvs" / "shop" / "pyvenv.cfg").touch()
    (tmp_path / "shop").mkdir()
    found = read_configuration(write(tmp_path / "shop", 'environment = "../venvs/shop"'))
    assert found.environment_folder == tmp_path / "shop" / "../venvs/shop"
    assert Configuration().environment_folder is None


def test_every_key_is_documented_and_the_reverse() -> None:
    text = (ROOT / "migration_guide" / "check.md").read_text("utf-8")
    table = text.split("<!-- generated: configuration -->")[1].split("<!-- /generated -->")[0]
    rows = [line.split("`")[1] for line in table.splitlines() if line.startswith("| `")]
    assert rows == list(KEYS)
