from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import pytest

from bridge.cli import serve as serve_module
from bridge.cli.main import main
from bridge.cli.serve import settings_from
from bridge.cli.settings import Edge, Limits, Listen, Logs, ServeSettings, Tls
from bridge.cli.target_errors import TargetMissing
from tests.cli.conftest import Project

serve = serve_module.serve


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[ServeSettings]:
    """What would have been started."""
    settings: list[ServeSettings] = []

    def start(asked: ServeSettings) -> int:
        settings.append(asked)
        return 0

    monkeypatch.setattr("bridge.cli.starting.start", start)
    return settings


def asked(*arguments: str, folder: str = "/srv") -> ServeSettings:
    with serve.make_context("serve", list(arguments), auto_envvar_prefix="WSGI_BRIDGE_SERVE") as context:
        options: dict[str, Any] = dict(context.params)
        return settings_from(options.pop("target"), folder, options)


def refused(*arguments: str) -> str:
    with pytest.raises(click.UsageError) as caught:
        asked(*arguments)
    return caught.value.format_message()


def test_the_defaults_of_the_options_are_those_of_the_settings() -> None:
    assert asked("shop") == ServeSettings(target="shop", folder="/srv")


def test_every_option_reaches_the_settings(project: Project) -> None:
    folder = str(project({"shop.py": "", "lib/x.py": ""}))
    assert asked(
        "shop",
        *("--host", "::1", "--port", "443", "--uds", "app.sock"),
        *("--server", "granian", "--workers", "4", "--reload", "--reload-dir", f"{folder}/lib"),
        *("--threads", "1", "--queue-size", "2", "--queue-timeout", "3", "--shutdown-timeout", "4.5"),
        *("--executor", "greenlet", "--greenlets", "5", "--lanes", "lanes.toml", "--watchdog"),
        *("--client-timeout", "7"),
        *("--body-window", "1k", "--high-water", "2M", "--no-spool-chunked", "--underscore-headers"),
        "--websockets",
        *("--gc-threshold", "0"),
        *("--log-level", "debug", "--no-access-log", "--metrics=/m"),
        *("--no-proxy-headers", "--forwarded-allow-ips", "10.0.0.0/8, ::1", "--root-path", "/shop/"),
        *("--tls-cert", "c.pem", "--tls-key", "/k.pem", "--tls-key-password", "geheim", "--tls-ca", "a.pem"),
        folder=folder,
    ) == ServeSettings(
        target="shop",
        folder=folder,
        server="granian",
        workers=4,
        gc_threshold=0,
        reload=True,
        reload_dirs=(f"{folder}/lib",),
        listen=Listen(host="::1", port=443, uds=f"{folder}/app.sock"),
        limits=Limits(
            executor="greenlet",
            lanes=f"{folder}/lanes.toml",
            report_holds=True,
            max_threads=1,
            max_greenlets=5,
            max_queue=2,
            queue_timeout=3.0,
            shutdown_timeout=4.5,
            client_timeout=7.0,
            body_window=1024,
            high_water=2 * 1024 * 1024,
            spool_chunked=False,
            keep_underscore_headers=True,
            websockets=True,
        ),
        logs=Logs(level="debug", access=False),
        edge=Edge(
            proxy_headers=False, forwarded_allow_ips=("10.0.0.0/8", "::1"), root_path="/shop", metrics="/m"
        ),
        tls=Tls(cert=f"{folder}/c.pem", key="/k.pem", key_password="geheim", ca=f"{folder}/a.pem"),
    )


def test_the_working_folder_is_the_current_one(
    started: list[ServeSettings], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as end:
        main(["serve", "shop"])
    assert end.value.code == 0
    assert started == [ServeSettings(target="shop", folder=str(tmp_path))]


def test_the_exit_code_of_the_server_is_the_command_s(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bridge.cli.starting.start", lambda _: 3)
    with pytest.raises(SystemExit) as end:
        main(["serve", "shop"])
    assert end.value.code == 3


def test_an_option_can_be_set_in_the_environment(
    started: list[ServeSettings], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WSGI_BRIDGE_SERVE_PORT", "8080")
    monkeypatch.setenv("WSGI_BRIDGE_SERVE_TLS_KEY_PASSWORD", "geheim")
    with pytest.raises(SystemExit):
        main(["serve", "shop"])
    assert (started[0].listen.port, started[0].tls.key_password) == (8080, "geheim")


def test_a_queue_timeout_of_0_is_no_limit() -> None:
    assert asked("shop", "--queue-timeout", "0").limits.queue_timeout is None


@pytest.mark.parametrize(
    ("arguments", "path"),
    [
        (["shop"], None),
        (["shop", "--metrics"], "/metrics"),
        (["--metrics", "shop"], "/metrics"),
        (["--metrics=/m", "shop"], "/m"),
        (["shop", "--metrics", "--workers", "2"], "/metrics"),
    ],
    ids=["none", "bare, last", "bare, first", "with a path", "bare, before an option"],
)
def test_metrics_take_a_path_or_none_wherever_they_stand(arguments: list[str], path: str | None) -> None:
    settings = asked(*arguments)
    assert (settings.edge.metrics, settings.target) == (path, "shop")


def test_reload_watches_the_application_s_folder(project: Project) -> None:
    folder = str(project({"src/web/__init__.py": "", "src/web/site.py": ""}))
    assert asked("src/web/site.py:app", "--reload", folder=folder).reload_dirs == (f"{folder}/src",)
    assert asked("src/web/site.py:app", folder=folder).reload_dirs == ()


@pytest.mark.parametrize("option", ["--metrics", "--root-path"])
def test_a_path_without_a_slash_is_shown_with_one(option: str) -> None:
    assert refused("shop", f"{option}=shop") == f"{option}: a path begins with a slash; write {option}=/shop"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["shop", "--port", "65536"], "65536 is not in the range 0<=x<=65535"),
        (["shop", "--port", "http"], "'http' is not a valid integer range"),
        (["shop", "--workers", "0"], "0 is not in the range x>=1"),
        (["shop", "--threads", "0"], "0 is not in the range x>=1"),
        (
            ["shop", "--server", "gunicorn"],
            "'gunicorn' is not one of 'uvicorn', 'hypercorn', 'granian', 'daphne'",
        ),
        (["shop", "--body-window", "much"], "'much' is not a size; write 65536, 64k or 1M"),
        (["shop", "--reload", "--reload-dir", "/no/such"], "'/no/such' does not exist"),
        (["shop", "--prot", "80"], "--prot"),
    ],
    ids=["port", "word", "workers", "threads", "server", "size", "folder", "typo"],
)
def test_what_is_no_value_is_a_usage_error(arguments: list[str], message: str) -> None:
    with pytest.raises(click.UsageError) as caught:
        asked(*arguments)
    assert message in caught.value.format_message()


def test_a_path_behind_a_bare_option_is_told_where_it_belongs() -> None:
    assert refused("shop", "--dashboard", "/moves").endswith(
        "Got unexpected extra argument (/moves)\nThe path of --dashboard stands behind an equals sign: --dashboard=/moves"
    )


def test_no_target_is_told_with_what_could_be_served(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project({"shop/__init__.py": "", "shop/wsgi.py": ""}))
    with pytest.raises(TargetMissing) as caught:
        serve.main([], standalone_mode=False)
    assert caught.value.advice == ("Did you mean", "  wsgi-bridge serve shop/")


def test_every_section_of_the_help_has_its_options() -> None:
    with click.Context(serve, info_name="wsgi-bridge serve", terminal_width=100) as context:
        text = serve.get_help(context)
    headings = [line for line in text.splitlines() if line.endswith(":") and not line.startswith(" ")]
    assert headings == [
        "Where to listen:",
        "Server:",
        "Threads and greenlets:",
        "Requests and responses:",
        "Logging and metrics:",
        "Behind a proxy:",
        "TLS:",
        "Help:",
        "Examples:",
    ]
    assert max(map(len, text.splitlines())) <= 100
    assert "UNSET" not in text
