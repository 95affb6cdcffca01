from __future__ import annotations

import inspect
import json
from dataclasses import asdict

import pytest

from bridge import GreenletExecutor, ThreadExecutor, WsgiToAsgi
from bridge.cli.settings import VARIABLE, Edge, Limits, Listen, Logs, ServeSettings, Tls

FULL = ServeSettings(
    target="shop:create_app('x')",
    folder="/srv/shop",
    server="granian",
    workers=4,
    reload=True,
    reload_dirs=("/srv/shop", "/srv/lib"),
    listen=Listen(host="::1", port=443, uds="/run/app.sock", fd=7),
    limits=Limits(
        max_threads=1,
        max_queue=2,
        queue_timeout=None,
        client_timeout=None,
        shutdown_timeout=4.5,
        body_window=5,
        high_water=6,
        spool_chunked=False,
        keep_underscore_headers=True,
    ),
    logs=Logs(level="debug", access=False),
    edge=Edge(proxy_headers=False, forwarded_allow_ips=("10.0.0.0/8",), root_path="/x", metrics="/m"),
    tls=Tls(cert="c", key="k", key_password="geheim", ca="a"),
)


@pytest.mark.parametrize(
    "settings", [FULL, ServeSettings(target="shop", folder="/")], ids=["full", "defaults"]
)
def test_settings_come_back_from_the_environment_as_they_were(settings: ServeSettings) -> None:
    environment: dict[str, str] = {}
    settings.store(environment)
    assert ServeSettings.restore(environment) == settings


def test_settings_take_one_variable_of_json() -> None:
    environment: dict[str, str] = {}
    FULL.store(environment)
    assert list(environment) == [VARIABLE]
    assert json.loads(environment[VARIABLE])["limits"]["max_threads"] == 1


def test_settings_are_missing_in_a_process_that_serve_did_not_start() -> None:
    with pytest.raises(KeyError):
        ServeSettings.restore({})


def test_settings_do_not_show_the_password() -> None:
    assert "geheim" not in repr(FULL)


@pytest.mark.parametrize(
    ("listen", "tls", "url"),
    [
        (Listen(), Tls(), "http://127.0.0.1:8000"),
        (Listen(host="shop.example", port=1), Tls(cert="c"), "https://shop.example:1"),
        (Listen(host="0.0.0.0"), Tls(), "http://127.0.0.1:8000"),
        (Listen(host=""), Tls(), "http://127.0.0.1:8000"),
        (Listen(host="::"), Tls(), "http://[::1]:8000"),
        (Listen(host="fe80::1"), Tls(), "http://[fe80::1]:8000"),
        (Listen(uds="/run/app.sock"), Tls(), "unix:/run/app.sock"),
    ],
    ids=["default", "tls", "all", "empty", "all-6", "ipv6", "unix"],
)
def test_url_is_one_that_can_be_opened(listen: Listen, tls: Tls, url: str) -> None:
    assert ServeSettings(target="shop", folder="/", listen=listen, tls=tls).url == url


@pytest.mark.parametrize(
    ("host", "wildcard"), [("0.0.0.0", True), ("::", True), ("", True), ("127.0.0.1", False)]
)
def test_is_wildcard_tells_an_address_that_is_every_address(host: str, wildcard: bool) -> None:
    assert Listen(host=host).is_wildcard is wildcard


def test_key_file_is_the_certificate_s_when_no_key_is_given() -> None:
    assert Tls(cert="both.pem").key_file == "both.pem"
    assert Tls(cert="cert.pem", key="key.pem").key_file == "key.pem"


def test_the_limits_have_the_names_and_defaults_of_the_bridge() -> None:
    real = {**_defaults(ThreadExecutor), **_defaults(GreenletExecutor), **_defaults(WsgiToAsgi)}
    assert {name: real[name] for name in asdict(Limits())} == asdict(Limits())


def _defaults(subject: type) -> dict[str, object]:
    parameters = inspect.signature(subject).parameters.values()
    return {each.name: each.default for each in parameters if each.kind is each.KEYWORD_ONLY}
