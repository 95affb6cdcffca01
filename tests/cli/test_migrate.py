"""`wsgi-bridge migrate`: what it says of a migration, and what it changes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from bridge.cli.main import command
from bridge.cli.migration_dashboard import current_configuration
from bridge.incremental.counters import bucket_of
from bridge.incremental.dashboard import Dashboard
from bridge.incremental.store import Difference, FieldValues
from bridge.incremental.store.sqlite import SqliteStore

RULES = """
[routes]
"GET /users/<int:id>" = "shadow"
"GET /search" = "legacy"
"""


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return the store of a migration whose rules stand in the working folder."""
    (tmp_path / "migration.toml").write_text(RULES)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    made = SqliteStore(tmp_path / "migration.sqlite3")
    yield made
    made.close()


def run(*words: str, exit_code: int = 0) -> Result:
    done = CliRunner().invoke(command, ["migrate", *words], catch_exceptions=False)
    assert done.exit_code == exit_code, done.output
    return done


def compared(store: SqliteStore, route: str, equal: int, different: int = 0) -> None:
    numbers = {"compared": equal + different, "equal": equal, "different": different}
    store.add({route: numbers | ({"field.raw:$.price": different} if different else {})})


def test_status_shows_every_rule_and_what_is_known_of_it(store: SqliteStore) -> None:
    compared(store, "GET /users/<int:id>", 1000)
    compared(store, "GET /search", 90, different=10)
    side = {"legacy.requests": 100, "legacy.errors": 1, f"legacy.latency.{bucket_of(0.1)}": 100}
    store.add({"GET /search": side})
    store.change({"GET /search": "canary:5"}, by="ann")
    lines = run().output.splitlines()
    users, search, default = (line.split("  ") for line in lines[1:4])
    assert (users[0], default[0]) == ("GET /users/<int:id>", "default")
    assert "ready to promote" in lines[1]
    assert "99.6%" in lines[1]
    assert "canary:5 (configured: legacy)" in lines[2]
    assert "100, p95 108 ms, 1.0% errors" in lines[2]
    assert "differs: $.price" in lines[2]
    assert search[0] == "GET /search"
    assert lines[-1].startswith("0 of 2 routes moved to modern; store sqlite:///")


def test_tables_in_a_file_have_no_blanks_at_the_ends_of_lines(store: SqliteStore) -> None:
    store.change({"GET /search": "canary:5"}, by="ann")
    for verb in ("status", "history"):
        lines = run(verb).output.splitlines()
        assert len(lines) > 1
        assert [line for line in lines if line != line.rstrip()] == []


def test_status_as_json_says_the_same(store: SqliteStore) -> None:
    compared(store, "GET /search", 5)
    (found,) = json.loads(run("status", "GET /search", "--output-format", "json").output)
    assert (found["route"], found["setting"], found["stored"]) == ("GET /search", "legacy", None)
    assert found["verdict"]["compared"] == 5


def test_a_setting_is_changed_taken_back_and_told_in_the_history(store: SqliteStore) -> None:
    assert (
        run("set", "GET /search", "canary", "--percent", "5", "--reason", "try").output
        == "GET /search: canary:5\n"
    )
    assert run("set", "GET /users/{id:int}", "dark").output == "GET /users/<int:id>: dark\n"
    assert run("set", "default", "fallback").output == "default: fallback\n"
    assert store.settings().routes == {
        "GET /search": "canary:5",
        "GET /users/<int:id>": "dark",
        "*": "fallback",
    }
    run("unset", "GET /search")
    assert "GET /search" not in store.settings().routes
    told = json.loads(run("history", "GET /search", "--output-format", "json").output)
    assert [(each["before"], each["after"], each["reason"]) for each in told] == [
        ("canary:5", None, ""),
        (None, "canary:5", "try"),
    ]
    assert "as configured" in run("history").output


def test_a_change_that_changes_nothing_says_so_and_is_not_in_the_history(store: SqliteStore) -> None:
    run("set", "GET /search", "canary", "--percent", "5")
    again = run("set", "GET /search", "canary", "--percent", "5.0", "--reason", "again").output
    assert again == "GET /search: canary:5 already: nothing is changed\n"
    assert run("unset", "default").output == "default: as configured already: nothing is changed\n"
    assert len(store.history()) == 1
    said = run("set", "GET /users/<int:id>", "shadow").output
    assert said.strip() == (
        "GET /users/<int:id>: shadow, as it is configured; now it stays so, whatever the configuration says"
    )
    assert store.settings().routes["GET /users/<int:id>"] == "shadow"
    run("rollback", "GET /search")
    assert "legacy already" in run("rollback", "GET /search").output
    assert [each.after for each in store.history()] == ["legacy", "shadow", "canary:5"]


def test_a_route_is_promoted_when_it_is_ready(store: SqliteStore) -> None:
    compared(store, "GET /search", 380)
    refused = run("promote", "GET /search", exit_code=1).output
    assert "is not ready" in refused
    assert "380 requests, 0 different" in refused
    compared(store, "GET /search", 1)
    assert run("promote", "GET /search").output == "GET /search: modern\n"
    run("promote", "GET /users/<int:id>", exit_code=1)
    run("promote", "GET /users/<int:id>", "--force")
    assert set(store.settings().routes.values()) == {"modern"}


def test_a_rollback_is_of_one_route_or_of_all(store: SqliteStore) -> None:
    run("set", "GET /search", "modern")
    run("rollback", "GET /search")
    assert store.settings().routes == {"GET /search": "legacy"}
    run("set", "default", "modern")
    run("rollback", "--all")
    assert store.settings().routes == dict.fromkeys(["GET /users/<int:id>", "GET /search", "*"], "legacy")


def test_a_repaired_route_is_judged_anew(store: SqliteStore) -> None:
    compared(store, "GET /search", 1, different=9)
    before = store.revision()
    run("forget", "GET /search")
    assert store.counters() == {}
    assert store.revision() > before
    assert run("history").output.splitlines()[1].split("  ")[1:3] == ["GET /search", ""], (
        "no mode was changed"
    )


def test_a_field_is_ignored_and_compared_again_for_every_worker(store: SqliteStore) -> None:
    compared(store, "GET /search", 1, different=9)
    said = run("ignore", "GET /search", "$.price", "--reason", "rounding").output
    assert said.splitlines() == [
        "GET /search: $.price is ignored",
        "What was counted before speaks of it: wsgi-bridge migrate forget 'GET /search'",
    ]
    assert run("ignore", "GET /search", "$.price").output == "GET /search: $.price is ignored already\n"
    assert run("ignore", "GET /search", "$.rows[3].id").output.startswith(
        "GET /search: $.rows[*].id is ignored\n"
    )
    assert store.settings().ignored == {"GET /search": ("$.price", "$.rows[*].id")}
    (status,) = json.loads(run("status", "GET /search", "--output-format", "json").output)
    assert (status["ignored"], status["verdict"]["differing"]) == (["$.price", "$.rows[*].id"], [])
    assert run("unignore", "GET /search", "$.price").output == "GET /search: $.price is compared again\n"
    lines = run("history").output.splitlines()
    assert len(lines) == 4
    assert "GET /search  $.price" in lines[1]
    assert lines[1].split()[-3:-1] == ["ignored", "compared"]
    assert lines[3].split()[-4:] == ["compared", "ignored", lines[3].split()[-2], "rounding"]


def test_what_the_rule_ignores_is_left_to_the_rule(store: SqliteStore) -> None:
    Path("migration.toml").write_text('[routes]\n"GET /x" = { mode = "shadow", ignore_fields = ["$.at"] }\n')
    assert run("ignore", "GET /x", "$.at").output == "GET /x: $.at is ignored already, as configured\n"
    assert "ignored by its rule" in run("unignore", "GET /x", "$.at", exit_code=2).output
    assert store.revision() == 0


def test_differences_are_shown_side_by_side(store: SqliteStore) -> None:
    fields = (FieldValues("$.price", "1", "2"), FieldValues("header.etag", '"a"', None))
    store.add(
        {},
        [
            Difference(
                route="GET /search", at=1.0, method="GET", target="/search?q=x", headers=(), fields=fields
            )
        ],
    )
    lines = run("differences", "GET /search").output.splitlines()
    assert lines[0].endswith("GET /search?q=x")
    assert lines[1:] == ["  $.price", "    - 1", "    + 2", "  header.etag", '    - "a"', "    + (not there)"]
    assert (
        json.loads(run("differences", "GET /search", "--output-format", "json").output)[0]["target"]
        == "/search?q=x"
    )
    assert "no difference" in run("differences", "GET /users/<int:id>").output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["set", "GET /serch", "dark"], "did you mean 'GET /search'"),
        (["set", "GET /search"], "set needs a mode"),
        (["set"], "set needs a route"),
        (["set", "GET /search", "canary"], "canary:N"),
        (["set", "GET /search", "shadow", "--percent", "5"], "legacy, modern, shadow"),
        (["set", "GET /search", "shado"], "did you mean shadow"),
        (["status", "--store", "mysql://x"], "sqlite:///migration.sqlite3"),
        (["status", "--store", "sqlite:////nowhere/x"], "is not available"),
        (["explode"], "explode"),
        (["ignore", "GET /search"], "migrate ignore needs a field"),
        (["ignore", "GET /search", " "], "a field as the differences show it"),
        (["unignore", "GET /search", "$.x"], "$.x of GET /search is not ignored"),
    ],
    ids=" ".join,
)
def test_what_is_wrong_is_told_with_what_to_write(store: SqliteStore, words: list[str], said: str) -> None:
    assert said in " ".join(run(*words, exit_code=2).output.split())


def test_a_folder_without_a_migration_is_told_and_left_empty(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert "there is no migration here" in run(exit_code=2).output
    assert list(tmp_path.iterdir()) == []


def test_rules_in_python_are_changed_by_the_store_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    store = SqliteStore("m.sqlite3")
    store.add({"GET /x": {"legacy.requests": 1}})
    assert "as in the program" in run("status", "--store", "sqlite:///m.sqlite3").output
    run("set", "GET  /x", "dark", "--store", "sqlite:///m.sqlite3")
    assert store.settings().routes == {"GET /x": "dark"}
    store.close()


def test_a_broken_file_of_rules_is_told(store: SqliteStore) -> None:
    Path("migration.toml").write_text("[routes")
    assert "migration.toml" in run(exit_code=2).output.replace("\n", "")


def test_the_dashboard_is_served_to_this_machine(store: SqliteStore, monkeypatch: pytest.MonkeyPatch) -> None:
    served: list[Any] = []
    monkeypatch.setattr("uvicorn.Server.run", lambda server: served.append(server.config))
    assert "http://127.0.0.1:8001/" in run("dashboard").output
    (config,) = served
    assert isinstance(config.app, Dashboard)
    assert (config.host, config.port, config.proxy_headers) == ("127.0.0.1", 8001, False)


def test_the_dashboard_refuses_what_is_no_report(store: SqliteStore) -> None:
    Path("r.json").write_text("{}")
    output = run("dashboard", "--report", "r.json", exit_code=2).output
    assert "wsgi-bridge report --output-format json --output-file r.json" in output.replace("\n", " ")


@pytest.mark.parametrize("host", ["0.0.0.0", "10.0.0.5", "shop.example", "::"])
def test_the_dashboard_is_not_opened_to_others_without_a_token(
    host: str, store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    served: list[object] = []
    monkeypatch.setattr("uvicorn.Server.run", lambda server: served.append(server))
    assert "needs a token" in run("dashboard", "--host", host, exit_code=2).output
    assert served == []
    output = run("dashboard", "--host", host, "--token", "s3cret").output
    assert "s3cret" not in output
    assert len(served) == 1


def test_the_dashboard_follows_the_file_and_survives_mistakes_in_it(store: SqliteStore) -> None:
    current = current_configuration(None)
    for text, routes in ((RULES, 2), ("[routes", 2), ('[routes]\n"GET /x" = "dark"\n', 1)):
        Path("migration.toml").write_text(text)
        found = current()
        assert found is not None
        assert len(found.table.rules) == routes
