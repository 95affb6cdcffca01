"""What every launcher promises, without starting a server."""

from __future__ import annotations

import ast
import importlib.metadata
import inspect
from pathlib import Path

import pytest

from bridge.cli.errors import MissingPackage, OptionConflict, PackageTooOld
from bridge.cli.servers import SERVERS, launcher_for
from bridge.cli.settings import ServeSettings, Tls


def settings(server: str, **changes: object) -> ServeSettings:
    return ServeSettings(target="shop", folder="/", server=server, **changes)  # type: ignore[arg-type] # any of them


@pytest.mark.parametrize("server", SERVERS)
def test_check_has_nothing_to_say_about_the_defaults(server: str) -> None:
    launcher_for(server).check(settings(server))


@pytest.mark.parametrize("server", SERVERS)
def test_check_names_the_package_that_is_missing(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bridge.cli.servers.base.installed", lambda module: module != server)
    with pytest.raises(MissingPackage) as caught:
        launcher_for(server).check(settings(server))
    assert caught.value.summary == f"--server {server} needs the package {server}, which is not installed."
    install = "'wsgi-bridge[serve]'" if server == "uvicorn" else server
    assert caught.value.advice == (f"pip install {install}",)


@pytest.mark.parametrize("server", SERVERS)
def test_check_names_the_version_that_is_needed(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    launcher = launcher_for(server)
    monkeypatch.setattr(importlib.metadata, "version", lambda _: "0.1.0")
    with pytest.raises(PackageTooOld) as caught:
        launcher.check(settings(server))
    assert caught.value.summary == (
        f"--server {server} needs {server} {launcher.minimum} or newer; 0.1.0 is installed."
    )
    assert caught.value.advice == (f"pip install '{server}>={launcher.minimum}'",)


@pytest.mark.parametrize(
    ("version", "old"),
    [("2.5.9", True), ("2.6", False), ("2.6.0rc1", False), ("2.10.1", False), ("3", False), ("1.99", True)],
)
def test_check_compares_versions_by_their_numbers(
    version: str, old: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.metadata, "version", lambda _: version)
    if old:
        with pytest.raises(PackageTooOld):
            launcher_for("granian").check(settings("granian"))
    else:
        launcher_for("granian").check(settings("granian"))


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize(
    ("option", "changes", "shown"),
    [
        ("workers", {"workers": 3}, "--workers 3"),
        ("tls_key_password", {"tls": Tls(cert="c", key_password="x")}, "--tls-key-password"),
    ],
)
def test_check_refuses_what_the_server_cannot_do(
    server: str, option: str, changes: dict[str, object], shown: str
) -> None:
    launcher = launcher_for(server)
    if option not in launcher.refuses:
        launcher.check(settings(server, **changes))
        return
    with pytest.raises(OptionConflict) as caught:
        launcher.check(settings(server, **changes))
    assert caught.value.summary == f"{server} has no way to honour {shown}."
    assert caught.value.advice == (launcher.refuses[option],)


def test_what_is_refused_is_what_was_tried_in_vain() -> None:
    refused = {server: sorted(launcher_for(server).refuses) for server in SERVERS}
    assert refused == {"uvicorn": [], "hypercorn": [], "granian": ["tls_key_password"], "daphne": ["workers"]}


@pytest.mark.parametrize("server", SERVERS)
def test_describe_has_the_version_that_is_installed(server: str) -> None:
    version = importlib.metadata.version(server)
    assert launcher_for(server).describe().startswith(f"{server} {version}")


@pytest.mark.parametrize(
    ("present", "parts"),
    [({"uvloop", "httptools"}, ["uvloop", "httptools"]), (set(), ["asyncio", "h11"])],
    ids=["with the extra", "bare"],
)
def test_describe_names_the_loop_and_the_parser(
    present: set[str], parts: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bridge.cli.servers.uvicorn.installed", present.__contains__)
    assert launcher_for("uvicorn").parts() == parts


@pytest.mark.parametrize("server", SERVERS)
def test_a_launcher_s_module_imports_its_server_only_when_it_runs(server: str) -> None:
    """`--help` and the errors before the start must work without any of the servers."""
    source = Path(inspect.getfile(type(launcher_for(server)))).read_text()
    imports = [
        name
        for node in ast.parse(source).body
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for name in (
            [node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]
        )
    ]
    assert [name for name in imports if name.partition(".")[0] in {*SERVERS, "twisted", "uvloop"}] == []
