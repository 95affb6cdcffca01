from __future__ import annotations

import io
import re

import pytest
from rich.console import Console

from bridge import __version__
from bridge.cli.panel import panel_rows, show_panel
from bridge.cli.probe import Description
from bridge.cli.settings import Edge, Limits, Listen, ServeSettings

SHOP = Description("shop:app", "Flask 3.1.0", "/srv/shop")
SETTINGS = ServeSettings(target="shop", folder="/srv/shop", listen=Listen(port=5001))
SERVER = "uvicorn 0.30.1 (uvloop, httptools)"

PLAIN = f"""\
wsgi-bridge {__version__}
  app        shop:app
  framework  Flask 3.1.0
  server     uvicorn 0.30.1 (uvloop, httptools)
  lane       thread
  threads    at most 40
  queue      at most 1000 requests wait, at most 30 s
  address    http://127.0.0.1:5001
"""

PANEL = """\
╭─ wsgi-bridge 0.0.0 ───────────────────────────────────╮
│  app        shop:app                                  │
│  framework  Flask 3.1.0                               │
│  server     uvicorn 0.30.1 (uvloop, httptools)        │
│  lane       thread                                    │
│  threads    at most 40                                │
│  queue      at most 1000 requests wait, at most 30 s  │
│  address    http://127.0.0.1:5001                     │
╰──────────────────────────────────────── Ctrl+C stops ─╯
"""

NARROW = """\
╭─ wsgi-bridge 0.0.0 ──────────────────╮
│  app        shop:app                 │
│  framework  Flask 3.1.0              │
│  server     uvicorn 0.30.1 (uvloop,  │
│             httptools)               │
│  lane       thread                   │
│  threads    at most 40               │
│  queue      at most 1000 requests    │
│             wait, at most 30 s       │
│  address    http://127.0.0.1:5001    │
╰─────────────────────── Ctrl+C stops ─╯
"""


def shown(settings: ServeSettings = SETTINGS, app: Description = SHOP, **options: object) -> str:
    file = io.StringIO()
    show_panel(settings, app, SERVER, console=Console(file=file, _environ={}, **options))  # type: ignore[arg-type] # rich's are many
    return file.getvalue()


def rows(app: Description = SHOP, **changes: object) -> dict[str, str]:
    settings = ServeSettings(target="shop", folder="/srv/shop", **changes)  # type: ignore[arg-type] # any of them
    return dict(panel_rows(settings, app, SERVER))


def test_panel_is_plain_lines_where_there_is_no_terminal() -> None:
    assert shown(width=20) == PLAIN


@pytest.mark.parametrize(("width", "expected"), [(80, PANEL), (40, NARROW)])
def test_panel_on_a_terminal(width: int, expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bridge.cli.panel.__version__", "0.0.0")
    assert shown(width=width, force_terminal=True, color_system=None) == expected


def test_panel_links_the_address_so_that_a_click_opens_it() -> None:
    text = shown(width=80, force_terminal=True, color_system="standard")
    assert re.search(r"\x1b\]8;id=\d+;http://127\.0\.0\.1:5001\x1b\\", text)


def test_panel_obeys_no_color() -> None:
    file = io.StringIO()
    console = Console(file=file, force_terminal=True, width=80, _environ={"NO_COLOR": "1"})
    show_panel(SETTINGS, SHOP, SERVER, console=console)
    assert not re.search(r"\x1b\[[0-9;]*3[0-7]", file.getvalue())


def test_panel_goes_to_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    show_panel(SETTINGS, SHOP, SERVER)
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", PLAIN)


def test_panel_leaves_a_name_in_brackets_alone() -> None:
    assert "  app        shop:[app]\n" in shown(app=Description("shop:[app]", None, "/"))


def test_rows_say_that_a_framework_is_unknown() -> None:
    assert rows(Description("shop:app", None, "/"))["framework"] == "unknown: a plain WSGI callable"


def test_rows_of_several_workers() -> None:
    several = rows(workers=4, limits=Limits(max_threads=8))
    assert (several["workers"], several["threads"]) == ("4", "at most 8 in each worker")
    assert "workers" not in rows()


@pytest.mark.parametrize(
    ("limits", "text"),
    [
        (Limits(queue_timeout=0.5), "at most 1000 requests wait, at most 0.5 s"),
        (Limits(max_queue=7, queue_timeout=None), "at most 7 requests wait, as long as it takes"),
        (Limits(max_queue=0), "none: without a free thread, 503"),
    ],
    ids=["fraction", "patient", "none"],
)
def test_rows_of_the_queue(limits: Limits, text: str) -> None:
    assert rows(limits=limits)["queue"] == text


def test_rows_of_reload_name_the_folders_as_seen_from_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("/")
    assert rows(reload=True, reload_dirs=("/usr/lib", "/"))["reload"] == "on changes in usr/lib, ."
    assert "reload" not in rows()


def test_rows_of_metrics_have_the_whole_address() -> None:
    assert rows(edge=Edge(metrics="/m"))["metrics"] == "http://127.0.0.1:8000/m"


def test_panel_says_where_a_proxy_mounts_the_application() -> None:
    assert rows(edge=Edge(root_path="/shop"))["root path"] == "/shop"
    assert "root path" not in rows()
    assert "metrics" not in rows()


def test_rows_say_when_every_interface_is_listened_on() -> None:
    address = rows(listen=Listen(host="0.0.0.0", port=80))["address"]
    assert address == "http://127.0.0.1:80 (and on every other interface)"
