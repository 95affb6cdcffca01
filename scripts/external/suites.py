"""The suites: which of their tests are run, and how."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["SUITES", "Suite", "command"]

_PYTEST = (
    "-m", "pytest", "-q", "-rfE", "--tb=short", "-p", "pytest_timeout", "--timeout=60", "-p", "no:cacheprovider",
    "-p", "scripts.external.plugins.recording", "--rootdir=.",
    # The suites turn warnings into errors for the versions that they pin; those here may be newer.
    "-o", "addopts=", "-o", "filterwarnings=",
)  # fmt: skip
_UNIT = "not (reconfigure or unicode or user_group or path or loading_error)"
_GEVENT = (
    "socket", "socket_close", "socket_errors", "socket_send_memoryview", "socket_timeout", "socketpair", "ssl",
    "lock", "semaphore", "queue", "select", "selectors", "threading", "threading_2",
)  # fmt: skip
_ASYNC = ("-p", "pytest_asyncio.plugin", "-p", "anyio.pytest_plugin", "-p", "pytest_trio.plugin")


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """One suite of a checkout.

    `tests`: files, relative to the checkout. `plugin`: the module below `plugins/`. `options`: for
    pytest. `path`: folder of the checkout that its tests import from, beside the checkout itself.
    """

    tests: tuple[str, ...]
    plugin: str
    options: tuple[str, ...] = ()
    path: str | None = None
    layer: bool = False  # tests the cooperative layer, which is the same with each bridge and server
    judged: str = field(default="tests")  # what its ids are relative to: "tests" of pytest or "django"


SUITES: dict[str, Suite] = {
    "a2wsgi": Suite(tests=("tests/test_wsgi.py",), plugin="a2wsgi_suite", options=_ASYNC),
    "asgiref": Suite(tests=("tests/test_wsgi.py",), plugin="asgiref_suite", options=_ASYNC),
    "starlette": Suite(tests=("tests/middleware/test_wsgi.py",), plugin="starlette_suite", options=_ASYNC),
    "uvicorn": Suite(tests=("tests/middleware/test_wsgi.py",), plugin="uvicorn_suite", options=_ASYNC),
    "hypercorn": Suite(tests=("tests/test_app_wrappers.py",), plugin="hypercorn_suite", options=_ASYNC),
    "flask": Suite(tests=("tests",), plugin="flask_suite"),
    "werkzeug": Suite(tests=("tests/test_serving.py",), plugin="werkzeug_suite"),
    "waitress": Suite(
        tests=("tests/test_functional.py",), plugin="waitress_suite", options=("-k", "Tcp or SleepyThread")
    ),
    "unit": Suite(
        tests=("test/test_python_application.py",),
        plugin="unit_suite",
        # Its conftest starts unitd. What needs Unit's own process management isn't run at all: some would hang.
        options=("--noconftest", "-k", _UNIT),
        path="test",
    ),
    "greenletio": Suite(
        tests=tuple(f"tests/test_{name}.py" for name in ("core", "select", "socket", "ssl", "threading")),
        plugin="greenletio_suite",
        layer=True,
    ),
    "sqlalchemy": Suite(
        tests=("test/base/test_concurrency.py", "test/ext/asyncio"),
        plugin="sqlalchemy_suite",
        layer=True,
        path="lib",
        options=("-p", "no:warnings", "--db", "aiosqlite"),
    ),
    "gevent": Suite(
        tests=tuple(f"src/gevent/tests/test__{name}.py" for name in _GEVENT),
        plugin="gevent_suite",
        layer=True,
    ),
    "django": Suite(tests=("servers",), plugin="django_suite", judged="django"),
}


def command(
    suite: Suite,
    checkout: Path,
    *,
    python: str = sys.executable,
    only: tuple[str, ...] = (),
    bridged: bool = True,
) -> list[str]:
    """The command that runs `suite` in `checkout`.

    `only`: ids of tests, instead of all. Not `bridged`: as its authors run it, for comparison.
    """
    if suite.judged == "django":
        runtests = checkout / "tests/runtests.py"
        return [python, "-m", "scripts.external.plugins.django_suite", str(runtests), *(only or suite.tests)]
    plugin = ("-p", f"scripts.external.plugins.{suite.plugin}") if bridged else ()
    return [python, *_PYTEST, *plugin, *suite.options, *(only or suite.tests)]
