"""A file of rules, read again when it changes, in force as a whole or not at all."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from bridge.analysis.configuration import read_configuration
from bridge.incremental.configuration import Configuration, ConfigurationFile, find_configuration
from bridge.incremental.errors import InvalidConfiguration, InvalidSetting
from bridge.incremental.migration import Migration
from bridge.incremental.rules import Sticky
from tests.incremental.applications import asked, counters, legacy, modern, running
from tests.markdown import Block, blocks

TEXT = """
default = "fallback"
store = "sqlite:///m.sqlite3"
ready = 0.95
secrets = ["customer_number"]

[options]
sticky = "cookie:session"

[routes]
"GET /users/<int:id>" = "canary:5"
"POST /orders" = { mode = "shadow", unsafe = true, sticky = "client" }

[shadow]
concurrency = 2
"""


def write(path: Path, text: str) -> Path:
    """Replace a file as editors and deployments do: another one is renamed over it."""
    other = path.with_suffix(".new")
    other.write_text(text, "utf-8")
    other.replace(path)
    return path


def test_a_file_says_everything(tmp_path: Path) -> None:
    said = ConfigurationFile(write(tmp_path / "migration.toml", TEXT)).read()
    assert (said.store, said.ready, said.secrets) == ("sqlite:///m.sqlite3", 0.95, ("customer_number",))
    assert said.shadow.concurrency == 2
    assert str(said.table.default.setting) == "fallback"
    users, orders = said.table.rules.values()
    assert (str(users.setting), users.sticky) == ("canary:5", Sticky("cookie", "session"))
    assert (str(orders.setting), orders.unsafe, orders.sticky) == ("shadow", True, Sticky())


def test_pyproject_has_it_below_tool(tmp_path: Path) -> None:
    assert find_configuration(tmp_path) is None
    path = write(tmp_path / "pyproject.toml", "[tool.other]\n")
    assert find_configuration(tmp_path) is None
    write(path, '[tool.wsgi-bridge.migration.routes]\n"GET /x" = "dark"\n')
    assert find_configuration(tmp_path) == path
    assert list(ConfigurationFile(path).read().table.rules) == ["GET /x"]
    write(tmp_path / "migration.toml", TEXT)
    assert find_configuration(tmp_path) == tmp_path / "migration.toml"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[routes", "cannot be read"),
        ("\xff", "cannot be read"),
        ("rules = {}", "expected one of default, store"),
        ('[routes]\n"GET x" = "modern"', "does not begin with a slash"),
        ('[routes]\n"GET /x" = "modrn"', "did you mean modern"),
        ('[routes]\n"GET /x" = { sample = 1 }', "a mode"),
        ('[routes]\n"GET /<a>" = "dark"\n"GET /<b>" = "dark"', "same route"),
        ("routes = 5", "a table"),
        ("ready = 1", "between 0 and 1"),
        ('secrets = "x"', "a list of names"),
        ("[shadow]\nconcurrency = 0", "1 or more"),
        ("[shadow]\nthreads = 1", "one of concurrency"),
    ],
)
def test_what_is_wrong_is_told_with_the_file(tmp_path: Path, text: str, problem: str) -> None:
    path = tmp_path / "migration.toml"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(InvalidConfiguration) as caught:
        ConfigurationFile(path).read()
    assert problem in str(caught.value)
    assert str(path) in str(caught.value)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(InvalidConfiguration, match="No such file"):
        ConfigurationFile(tmp_path / "none.toml").read()


@pytest.mark.parametrize("how", ["rename", "in place"])
def test_a_change_is_seen_once(tmp_path: Path, how: str) -> None:
    path = write(tmp_path / "migration.toml", TEXT)
    file = ConfigurationFile(path)
    assert file.has_changed()
    file.read()
    assert not file.has_changed()
    changed: dict[str, Callable[[], object]] = {
        "rename": lambda: write(path, TEXT),
        "in place": lambda: path.write_text(TEXT + "# more\n", "utf-8"),
    }
    changed[how]()
    assert file.has_changed()
    file.read()
    path.unlink()
    assert not file.has_changed()


def test_python_and_files_are_checked_alike() -> None:
    with pytest.raises(InvalidSetting):
        Configuration.from_mapping({"routes": {"GET /x": {"mode": "shadow", "sampel": 1}}})


def test_a_changed_file_is_in_force_at_the_next_turn_and_the_store_has_the_last_word(tmp_path: Path) -> None:
    path = write(tmp_path / "migration.toml", '[routes]\n"GET /x" = "legacy"\n"GET /y" = "legacy"\n')
    migration = Migration(legacy, modern, config=path, store="memory:")
    migration.store.change({"GET /y": "dark"}, by="ann")
    write(path, '[routes]\n"GET /x" = "modern"\n"GET /y" = "modern"\n"GET /z" = "modern"\n')
    migration.ledger.turn()
    assert {name: str(rule.setting) for name, rule in migration.table.rules.items()} == {
        "GET /x": "modern",
        "GET /y": "dark",
        "GET /z": "modern",
    }


def test_a_file_that_is_half_written_changes_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = write(tmp_path / "migration.toml", '[routes]\n"GET /x" = "legacy"\n')
    migration = Migration(legacy, modern, config=path, store="memory:")
    write(path, '[routes]\n"GET /x" = "modern"\n"GET /y" = "mod')
    for _ in range(3):
        migration.ledger.turn()
    assert [str(rule.setting) for rule in migration.table.rules.values()] == ["legacy"]
    assert caplog.text.count("the rules before stay in force") == 1
    write(path, '[routes]\n"GET /x" = "modern"\n')
    migration.ledger.turn()
    assert [str(rule.setting) for rule in migration.table.rules.values()] == ["modern"]


async def test_other_limits_of_the_shadow_are_in_force_at_the_next_turn(tmp_path: Path) -> None:
    path = await asyncio.to_thread(
        write, tmp_path / "migration.toml", '[routes]\n"GET /x" = "dark"\n[shadow]\nconcurrency = 1\n'
    )
    made = await asyncio.to_thread(lambda: Migration(legacy, modern, config=path, store="memory:"))
    async with running(made) as migration:
        assert (await asked(migration, path="/x")).status == 200
        text = '[routes]\n"GET /x" = "shadow"\n[shadow]\nconcurrency = 3\nflood = 99\n'
        await asyncio.to_thread(write, path, text)
        await asyncio.to_thread(migration.ledger.turn)
        assert (migration._shadows.limits.concurrency, migration._shadows.limits.flood) == (3, 99)
        assert migration.applications.legacy_apart.executor.statistics().max_threads == 3
        assert (await asked(migration, path="/x")).status == 200
        found = await counters(migration, "GET /x")
        assert (found["compared"], found["different"]) == (2, 2)
        await asyncio.to_thread(write, path, text.replace("99", "0"))  # a mistake
        await asyncio.to_thread(migration.ledger.turn)
        assert migration._shadows.limits.flood == 99


def test_another_store_in_the_file_needs_a_restart_and_the_log_says_so(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    text = 'store = "sqlite:///{}/a.sqlite3"\n[routes]\n"GET /x" = "{}"\n'
    path = write(tmp_path / "migration.toml", text.format(tmp_path, "legacy"))
    migration, given = (
        Migration(legacy, modern, config=path),
        Migration(legacy, modern, config=path, store="memory:"),
    )
    write(path, text.replace("a.sqlite3", "b.sqlite3").format(tmp_path, "modern"))
    migration.ledger.turn()
    assert [str(rule.setting) for rule in migration.table.rules.values()] == ["modern"]
    assert "another store needs a restart" in caplog.text
    assert f"migrate --store sqlite:///{tmp_path}/a.sqlite3" in caplog.text
    caplog.clear()
    given.ledger.turn()  # its store stands in the program
    assert "restart" not in caplog.text
    migration.ledger.stop()


def test_a_setting_in_another_spelling_is_for_the_same_route_and_one_for_none_is_told(
    caplog: pytest.LogCaptureFixture,
) -> None:
    migration = Migration(legacy, modern, routes={"GET /users/<int:id>": "legacy"}, store="memory:")
    migration.store.change({"GET /users/{number:int}": "modern", "GET /nobody": "modern"}, by="ann")
    migration.ledger.turn()
    assert [str(rule.setting) for rule in migration.table.rules.values()] == ["modern"]
    assert "'GET /nobody'" in caplog.text


@pytest.mark.parametrize("block", blocks("toml"), ids=str)
def test_a_file_in_the_guide_is_one_that_can_be_read(block: Block, tmp_path: Path) -> None:
    if block.path.name == "incremental.md":
        assert ConfigurationFile(write(tmp_path / "migration.toml", block.text)).read().table.rules


def test_the_analyser_leaves_the_migration_s_table_alone(tmp_path: Path) -> None:
    text = '[tool.wsgi-bridge]\npaths = ["src"]\n[tool.wsgi-bridge.migration.routes]\n"GET /x" = "dark"\n'
    write(tmp_path / "pyproject.toml", text)
    assert read_configuration(tmp_path).paths == ("src",)
