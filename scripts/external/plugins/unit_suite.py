"""NGINX Unit's `test/test_python_application.py`, its daemon replaced by uvicorn and a bridge.

The suite configures Unit over a control socket and reads its log. Here a configuration starts
`scripts.external.plugins.unit_live` on the application, its stderr being the log. What the suite knows is
Unit's own way is set up the same for every contender:

- the settings that an ASGI server or a bridge has, too: callable, threads, prefix (a mount), rewrite;
- names of header fields are compared in one case (RFC 9110 section 5.1; ASGI has them in lower case);
- a connection that a test doesn't read from stays open until its end: Unit runs the request of a client
  that has gone, an ASGI application may forget it (specification, "Disconnected Client");
- a record of the log that is looked for in Unit's own words is looked for in Python's (`_IN_OTHER_WORDS`).

Run with `--noconftest`: the suite's own conftest starts unitd.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from scripts.external.contenders import BRIDGE_VARIABLE, bridge_name
from scripts.external.serving import listen

__all__ = [
    "UnitStandIn", "date_to_sec_epoch", "findall", "pytest_configure", "require", "sec_epoch", "skip_alert",
    "stand_in", "temp_dir", "wait_for_record",
]  # fmt: skip

_ROOT = Path(__file__).parents[3]
_IN_OTHER_WORDS = {
    r"RuntimeError": r"RuntimeError|StartResponseTwice",  # which is one
    r"\[error\].+the application returned not an iterable object": r"TypeError: .*non-iterator",
}


class UnitStandIn:
    """Serves one configuration at a time; `port` is the one that `*:8080` stands for."""

    def __init__(self) -> None:
        self.config: dict[str, Any] = {}
        self.process: subprocess.Popen[bytes] | None = None
        self.port = 0
        self.log = Path(os.devnull)
        self.unread: list[socket.socket] = []

    def configure(self, value: Any, url: str) -> dict[str, str]:
        """Take a whole configuration, or one value below it, and serve it from now on."""
        value = json.loads(value) if isinstance(value, str) else value
        keys = [key for key in url.removeprefix("/config").split("/") if key]
        if keys:
            place = self.config
            for key in keys[:-1]:
                place = place.setdefault(key, {})
            place[keys[-1]] = value
        else:
            self.config = value
        self.stop()
        if self.config.get("listeners"):
            self._start()
        return {"success": "Reconfiguration done."}

    def stop(self) -> None:
        """End the server as a supervisor does, and wait for it."""
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(20)
            self.process = None

    def end_test(self) -> None:
        """Forget everything but the log, which its folder takes along."""
        self.stop()
        self.config = {}
        for connection in self.unread:
            connection.close()
        self.unread.clear()

    def _start(self) -> None:
        (application,) = self.config["applications"].values()
        listener = listen()
        self.port = listener.getsockname()[1]
        action = self.config.get("routes", [{"action": {}}])[0]["action"]
        settings = {**application, "rewrite": action.get("rewrite"), "fd": listener.fileno()}
        with listener, self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "scripts.external.plugins.unit_live", json.dumps(settings)],
                cwd=application["path"],
                env={
                    **os.environ,
                    **application.get("environment", {}),
                    "PYTHONPATH": str(_ROOT),
                    BRIDGE_VARIABLE: bridge_name(),
                },
                pass_fds=[listener.fileno()],
                stderr=log,
            )


_unit = UnitStandIn()


def pytest_configure(config: Any) -> None:
    """Give the suite a client that talks to the stand-in."""
    from unit.applications.lang import python  # type: ignore[import-not-found]  # of the checkout
    from unit.option import option  # type: ignore[import-not-found]  # of the checkout

    class Client(python.ApplicationPython):  # type: ignore[misc]  # of the checkout, untyped
        def conf(self, value: Any, url: str = "/config") -> dict[str, str]:
            return _unit.configure(value, url)

        def http(self, method: str, /, **options: Any) -> Any:
            answer = super().http(method, **{"port": _unit.port, **options})
            if "no_recv" in options:
                _unit.unread.append(answer)
            return answer

        def _resp_to_dict(self, text: str) -> dict[str, Any]:
            answer: dict[str, Any] = super()._resp_to_dict(text)
            if "headers" in answer:
                answer["headers"] = {name.title(): value for name, value in answer["headers"].items()}
            return answer

    option.test_dir = str(Path(python.__file__).parents[3])
    option.generated_tests = {}
    option.detailed = False
    python.ApplicationPython = Client


@pytest.fixture(autouse=True)
def stand_in(tmp_path: Path) -> Iterator[UnitStandIn]:
    """A log of its own for every test, and no server left after it."""
    from unit.log import Log  # type: ignore[import-not-found]  # of the checkout
    from unit.option import option

    option.temp_dir = str(tmp_path)
    _unit.log = Path(Log.get_path())
    _unit.log.touch()
    yield _unit
    _unit.end_test()


@pytest.fixture
def findall() -> Callable[..., Any]:
    """All matches in the log."""
    from unit.log import Log

    return Log.findall  # type: ignore[no-any-return]


@pytest.fixture
def wait_for_record() -> Callable[..., Any]:
    """Wait for a match in the log."""
    from unit.log import Log

    def wait(pattern: str, **options: Any) -> object:
        return Log.wait_for_record(_IN_OTHER_WORDS.get(pattern, pattern), **options)

    return wait


@pytest.fixture
def skip_alert() -> Callable[..., None]:
    """Unit's alerts: there are none here."""
    return lambda *alerts: None


@pytest.fixture
def require() -> Callable[..., None]:
    """Requirements of Unit's build: taken as met."""
    return lambda *features: None


@pytest.fixture
def temp_dir(tmp_path: Path) -> str:
    """A folder of the test's own."""
    return str(tmp_path)


@pytest.fixture
def sec_epoch() -> float:
    """Now."""
    return time.mktime(time.gmtime())


@pytest.fixture
def date_to_sec_epoch() -> Callable[[str], float]:
    """Read an HTTP date."""
    return lambda date: time.mktime(time.strptime(date, "%a, %d %b %Y %X %Z"))
