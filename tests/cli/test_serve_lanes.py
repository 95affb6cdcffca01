"""`serve --executor greenlet` and `serve --lanes`: installed before the import, shown, and told when wrong."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tests.cli.serving import Served

# Waits on a lock that was made at import, and on a sleep that was imported by name.
APPLICATION = """
import gc, threading
from time import monotonic, sleep

LOCK = threading.Lock()
LOCAL = threading.local()

def application(environ, start_response):
    begun = monotonic()
    if environ["PATH_INFO"] == "/computes":
        while environ:  # in Python: C that keeps the GIL would keep the watchdog's thread out, too
            if monotonic() > begun + 0.5:
                break
    with LOCK:
        LOCAL.value = environ["QUERY_STRING"]
        sleep(0.001)
    start_response("200 OK", [("Content-Type", "text/plain")])
    if environ["PATH_INFO"] == "/collector":
        return [f"{gc.get_freeze_count() > 1000} {gc.get_threshold()[0]}".encode()]
    return [f"{LOCAL.value} {threading.current_thread().name} {environ['wsgi.multithread']}".encode()]
"""

LANES = """
[routes]
"GET /waits/<int:id>" = "greenlet"
"GET /export.csv" = "stream"
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    (tmp_path / "shop.py").write_text(APPLICATION)
    (tmp_path / "lanes.toml").write_text(LANES)
    return tmp_path


@pytest.mark.parametrize("workers", ["1", "2"])
def test_requests_run_in_greenlets_of_the_main_thread(shop: Path, workers: str) -> None:
    arguments = ("--executor", "greenlet", "--greenlets", "7", "--workers", workers)
    with Served(shop, "shop", "--port", "0", *arguments) as served:
        served.line(r"^\W*lane\s+greenlet")
        served.line(r"^\W*greenlets\s+at most 7")
        assert served.get("/?a").body == b"a MainThread False"
        assert served.get("/collector").body == b"True 10000"
        assert served.stop(signal.SIGTERM) == 0


def test_each_route_has_its_lane_and_the_panel_shows_them(shop: Path) -> None:
    with Served(shop, "shop", "--port", "0", "--lanes", "lanes.toml", "--metrics") as served:
        served.line(r"^\W*lanes\s+lanes.toml: thread for all routes but these")
        served.line(r"^\W*greenlet\s+GET /waits/<int:id>")
        served.line(r"^\W*stream\s+GET /export.csv")
        assert served.get("/waits/1?a").body == b"a MainThread False"
        assert served.get("/export.csv").body.endswith(b"bridge-stream-1 True")
        assert served.get("/").body.endswith(b"bridge-1 True")
        metrics = served.get("/metrics").body.decode()
        assert all(f'lane="{name}"' in metrics for name in ("bridge", "bridge-stream", "bridge-greenlets"))
        assert served.stop(signal.SIGTERM) == 0


def test_the_watchdog_tells_who_holds_the_loop(shop: Path) -> None:
    with Served(shop, "shop", "--port", "0", "--executor", "greenlet", "--watchdog") as served:
        served.get("/computes")
        served.line(r"GET /computes held the event loop for \d+ ms at .*shop\.py:\d+ in application")


@pytest.mark.parametrize(
    ("text", "arguments", "message"),
    [
        ('[routes]\n"GET /" = "fibre"', (), r"--lanes: route 'GET /': there is no lane 'fibre'"),
        ('[routes]\n"/" = "thread"', (), r"--lanes: route '/': a route is METHODS"),
        ("[lanes.thread]\nmax_threads = 0", (), r"max_threads=0 is not possible"),
        ("", ("--executor", "greenlet"), r"--lanes says which executor"),
        (None, (), r"--lanes: it can't be read"),
    ],
)
def test_what_is_wrong_is_said_before_anything_is_served(
    shop: Path, text: str | None, arguments: tuple[str, ...], message: str
) -> None:
    file = shop / "lanes.toml"
    if text is None:
        file.unlink()
    else:
        file.write_text(text)
    served = Served(shop, "shop", "--port", "0", "--lanes", "lanes.toml", *arguments)
    try:
        assert served.process.wait(40) != 0
        served.line(message)
    finally:
        served.__exit__()


def test_a_watchdog_in_threads_is_refused(shop: Path) -> None:
    served = Served(shop, "shop", "--port", "0", "--watchdog")
    try:
        assert served.process.wait(40) != 0
        served.line("--watchdog looks for requests that hold the event loop")
    finally:
        served.__exit__()
