from __future__ import annotations

import sys

import pytest

from bridge.cli.errors import CommandError
from bridge.cli.framework import Framework
from bridge.cli.loading import Loaded
from bridge.cli.probe import Description, ProbeDied, describe_in_process, described
from bridge.cli.settings import ServeSettings
from tests.cli.conftest import Project

APP = "def app(environ, start_response): return []\n"


def settings(project: Project, source: str) -> ServeSettings:
    return ServeSettings(target="probed_shop", folder=str(project({"probed_shop.py": source})))


def test_described_is_the_application_in_words() -> None:
    loaded = Loaded(lambda environ, start_response: [], "shop:app", Framework("Flask", "3.1"), "/srv")
    assert described(loaded) == Description("shop:app", "Flask 3.1", "/srv")
    plain = Loaded(loaded.application, "shop:app", None, "/srv")
    assert described(plain) == Description("shop:app", None, "/srv")


def test_describe_in_process_says_what_another_process_finds(project: Project) -> None:
    asked = settings(project, APP)
    assert describe_in_process(asked) == Description("probed_shop:app", None, asked.folder)


def test_describe_in_process_leaves_nothing_of_the_application_here(project: Project) -> None:
    path = list(sys.path)
    describe_in_process(settings(project, APP))
    assert "probed_shop" not in sys.modules
    assert sys.path == path


def test_describe_in_process_raises_what_is_wrong_there(project: Project) -> None:
    with pytest.raises(CommandError) as caught:
        describe_in_process(settings(project, "1 / 0\n"))
    assert caught.value.summary == "importing probed_shop raised ZeroDivisionError: division by zero"
    assert caught.value.exit_code == 2


def test_describe_in_process_tells_of_a_process_that_died(project: Project) -> None:
    with pytest.raises(ProbeDied) as caught:
        describe_in_process(settings(project, "import os\nos._exit(7)\n"))
    assert caught.value.exit_code_seen == 7
    assert caught.value.advice[1] == "  python -X faulthandler -c 'import probed_shop'"


def test_describe_in_process_does_not_wait_for_threads_of_the_application(project: Project) -> None:
    source = APP + "import threading\nthreading.Thread(target=threading.Event().wait).start()\n"
    assert describe_in_process(settings(project, source)).name == "probed_shop:app"


def test_describe_in_process_ends_an_application_that_ignores_signals(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bridge.cli.probe.GRACE", 0.05)
    source = APP + (
        "import signal, threading\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "threading.Thread(target=threading.Event().wait).start()\n"
    )
    assert describe_in_process(settings(project, source)).name == "probed_shop:app"
