from __future__ import annotations

import socket
from pathlib import Path

import click
import pytest

from bridge.cli.errors import OptionConflict
from bridge.cli.serve import serve, settings_from
from bridge.cli.settings import VARIABLE, ServeSettings
from bridge.cli.starting import start
from tests.cli.conftest import Project
from tests.cli.serving import Served, run_command

APP = "def app(environ, start_response):\n    start_response('200 OK', [])\n    return [b'hello']\n"


def failed(folder: Path, *arguments: str) -> tuple[int, list[str]]:
    done = run_command(folder, "serve", *arguments)
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    return done.returncode, done.stderr.splitlines()


def test_start_shows_the_panel_once_and_before_anything_is_logged(project: Project) -> None:
    with Served(project({"shop.py": APP}), "shop", "--port", "0") as served:
        assert served.get("/").body == b"hello"
        assert served.stop() == 0
    assert served.lines[0].startswith("wsgi-bridge ")
    assert [line.split()[0] for line in served.lines[1:8]] == [
        "app",
        "framework",
        "server",
        "lane",
        "threads",
        "queue",
        "address",
    ]
    assert "wsgi-bridge" not in "".join(served.lines[1:])


def test_start_exits_with_2_for_a_target_that_is_none(project: Project) -> None:
    code, lines = failed(project({"shop.py": APP}), "shpo", "--port", "0")
    assert (code, lines[0], lines[-1]) == (2, "Error: there is no module 'shpo'.", "  wsgi-bridge serve shop")


def test_start_exits_with_2_for_an_application_that_raises(project: Project) -> None:
    folder = project({"shop.py": "import nothing_of_that_name\n"})
    code, lines = failed(folder, "shop", "--port", "0")
    assert (code, lines[0]) == (
        2,
        "Error: importing shop raised ModuleNotFoundError: No module named 'nothing_of_that_name'",
    )


def test_start_exits_with_1_for_a_port_in_use_before_it_imports_anything(project: Project) -> None:
    folder = project({"shop.py": "1 / 0\n"})
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, lines = failed(folder, "shop", "--port", str(port))
    assert (code, lines[0]) == (
        1,
        f"Error: cannot listen on 127.0.0.1:{port}: another program listens there.",
    )


def test_start_exits_with_2_for_what_a_server_cannot_do(project: Project) -> None:
    code, lines = failed(project({}), "shop", "--server", "daphne", "--workers", "2")
    assert (code, lines[0]) == (2, "Error: daphne has no way to honour --workers 2.")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--greenlets", "5"), "--greenlets does nothing with --executor thread."),
        (("--executor", "greenlet", "--threads", "5"), "--threads does nothing with --executor greenlet."),
        (("--lanes", "lanes.toml", "--queue-size", "5"), "--queue-size belongs to one lane,"),
        (("--record", "nowhere/traffic.jsonl"), "--record: there is no folder "),
        (("--record", "."), "--record: "),
        (("--reload-dir", "."), "--reload-dir does nothing without --reload; add it"),
        (("--dashboard-token", "x"), "--dashboard-token does nothing without --dashboard; add it"),
    ],
    ids=lambda given: " ".join(given) if isinstance(given, tuple) else "",
)
def test_start_refuses_options_that_would_be_ignored(
    project: Project, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...], said: str
) -> None:
    folder = project({"shop.py": APP, "lanes.toml": 'version = 1\ndefault = "thread"\n'})
    monkeypatch.chdir(folder)
    with serve.make_context("serve", ["shop", *options]) as context:
        asked = dict(context.params)
        with pytest.raises((OptionConflict, click.UsageError)) as caught:
            start(settings_from(asked.pop("target"), str(folder), asked))
    assert str(caught.value).startswith(said)


def test_start_exits_with_2_for_a_certificate_that_is_none(project: Project) -> None:
    code, lines = failed(project({"cert.pem": "x"}), "shop", "--tls-cert", "cert.pem")
    assert (code, lines[0].rpartition(": ")[2]) == (2, "no certificate in PEM form is in it.")


def test_start_exits_with_2_for_a_proxy_that_is_no_address(project: Project) -> None:
    code, lines = failed(project({}), "shop", "--forwarded-allow-ips", "proxy.example")
    assert code == 2
    assert lines[0].startswith("Error: --forwarded-allow-ips: 'proxy.example' does not appear to be")


@pytest.mark.parametrize(
    ("module", "arguments", "install"),
    [
        ("prometheus_client", ["--metrics"], "pip install 'wsgi-bridge[metrics]'"),
        ("watchfiles", ["--reload"], "pip install 'wsgi-bridge[serve]'"),
        ("uvicorn", [], "pip install 'wsgi-bridge[serve]'"),
        ("granian", ["--server", "granian"], "pip install granian"),
    ],
)
def test_start_exits_with_1_for_a_package_that_is_missing(
    project: Project, module: str, arguments: list[str], install: str
) -> None:
    # Python imports sitecustomize at start-up; importlib finds no spec for a module that is None.
    folder = project(
        {"shop.py": APP, "hide/sitecustomize.py": f"import sys\nsys.modules['{module}'] = None\n"}
    )
    done = run_command(
        folder, "serve", "shop", "--port", "0", *arguments, env={"PYTHONPATH": str(folder / "hide")}
    )
    assert done.returncode == 1
    package = module.replace("_", "-")
    assert f"needs the package {package}, which is not installed." in done.stderr
    assert done.stderr.endswith(f"\n\n{install}\n")


def test_start_removes_the_socket_file_of_a_start_that_failed(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = project({"shop.py": "1 / 0\n"})
    assert failed(folder, "shop", "--uds", "app.sock")[0] == 2
    assert not (folder / "app.sock").exists()


def test_the_settings_of_a_single_process_are_not_left_in_the_application_s_environment(
    project: Project,
) -> None:
    source = (
        "import os\n"
        "def app(environ, start_response):\n"
        "    start_response('200 OK', [])\n"
        f"    return [os.environ.get('{VARIABLE}', 'nothing').encode()]\n"
    )
    with Served(project({"shop.py": source}), "shop", "--port", "0") as served:
        assert served.get("/").body == b"nothing"


def test_the_command_works_where_the_application_has_changed_the_folder(project: Project) -> None:
    folder = project({"shop.py": "import os\nos.chdir('/')\n" + APP})
    with Served(folder, "shop", "--port", "0", "--workers", "2") as served:
        assert served.get("/").body == b"hello"
        assert served.stop() == 0


def test_settings_have_no_field_that_only_one_process_knows() -> None:
    assert ServeSettings(target="shop", folder="/").listen.fd is None
