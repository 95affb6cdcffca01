"""migration_guide/serve.md says what the command does: its tables are compared with the code."""

from __future__ import annotations

import re
from pathlib import Path

from bridge.cli.errors import CommandError, MissingPackage
from bridge.cli.panel import panel_rows
from bridge.cli.probe import Description
from bridge.cli.reload import SUFFIXES
from bridge.cli.serve import serve
from bridge.cli.servers import SERVERS, launcher_for
from bridge.cli.settings import ServeSettings
from bridge.cli.sockets import AddressUnusable
from bridge.cli.worker import STARTUP_FAILURE
from bridge.observe.metrics import COUNTERS, GAUGES, HOLDS, SUMMARIES

GUIDE = (Path(__file__).resolve().parents[2] / "migration_guide" / "serve.md").read_text("utf-8")


def rows(heading: str) -> list[list[str]]:
    """Return the cells of the table under `heading`, the header's row first."""
    section = GUIDE.partition(f"\n| {heading} |")[2].partition("\n\n")[0]
    lines = [f"| {heading} |{section.splitlines()[0]}", *section.splitlines()[2:]]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_every_metric_is_in_the_table_and_the_reverse() -> None:
    documented = {name.strip("`"): kind for name, kind, _ in rows("metric")[1:]}
    assert documented == {
        **{name: "gauge" for name, _, _ in GAUGES},
        **{f"{name}_total": "counter" for name, _, _ in COUNTERS},
        **{name: "summary" for name, _, _ in SUMMARIES},
        f"{HOLDS}_total": "counter",
    }


def test_every_server_is_in_the_table_with_its_oldest_version() -> None:
    documented = {name: (install, minimum) for name, install, minimum, _ in rows("server")[1:]}
    assert documented == {
        name: (f"`pip install {launcher_for(name).install}`", launcher_for(name).minimum) for name in SERVERS
    }


def test_what_a_server_does_not_do_is_in_the_table() -> None:
    words = {"workers": "`--workers`", "tls_key_password": "keys with a password"}
    documented = {name: missing for name, _, _, missing in rows("server")[1:]}
    assert documented == {
        name: ", ".join(words[option] for option in launcher_for(name).refuses) for name in SERVERS
    }


def test_every_exit_code_is_in_the_table() -> None:
    codes = {0, MissingPackage.exit_code, AddressUnusable.exit_code, CommandError.exit_code, STARTUP_FAILURE}
    assert {int(code) for code, _ in rows("exit code")[1:]} == codes


def test_every_suffix_that_is_watched_is_named() -> None:
    named = re.search(r"change \(`(.*?)`\)", GUIDE, re.DOTALL)
    assert named is not None
    assert tuple(named[1].split()) == SUFFIXES


def test_every_option_that_is_named_exists() -> None:
    known = {name for parameter in serve.params for name in (*parameter.opts, *parameter.secondary_opts)}
    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", GUIDE)) - known == set()


def test_the_panel_in_the_guide_is_the_real_one() -> None:
    settings = ServeSettings(target="shop:app", folder="/")
    server = "uvicorn 0.54.0 (uvloop, httptools)"
    real = panel_rows(settings, Description("shop:app", "Flask 3.1.3", "/"), server)
    assert re.findall(r"^│  (\w+) +(.*?) +│$", GUIDE, re.MULTILINE) == real
