from __future__ import annotations

import logging
import logging.config
import re
from collections.abc import Iterator

import pytest

from bridge.cli.logs import ACCESS_LOGGERS, LOGGERS, ColourFormatter, configure_logging, logging_config
from bridge.cli.settings import Logs


@pytest.fixture(autouse=True)
def loggers_as_before() -> Iterator[None]:
    """Loggers are global: what a test configures must not reach the next one."""
    known = [logging.getLogger(name) for name in (*LOGGERS, *ACCESS_LOGGERS)]
    before = [(logger.level, logger.propagate, list(logger.handlers)) for logger in known]
    yield
    for logger, (level, propagate, handlers) in zip(known, before, strict=True):
        logger.setLevel(level)
        logger.propagate = propagate
        logger.handlers = handlers


def test_what_we_and_the_servers_say_goes_to_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(Logs())
    for name in LOGGERS:
        logging.getLogger(name).info("from %s", name)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert [line.partition("] ")[2] for line in captured.err.splitlines()] == [
        f"INFO     from {name}" for name in LOGGERS
    ]


def test_requests_go_to_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(Logs())
    for name in ACCESS_LOGGERS:
        logging.getLogger(name).info("GET %s", name)
    captured = capsys.readouterr()
    assert captured.err == ""
    assert [line.partition("] ")[2] for line in captured.out.splitlines()] == [
        f"GET {name}" for name in ACCESS_LOGGERS
    ]


def test_requests_are_not_logged_when_not_wanted(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(Logs(access=False))
    logging.getLogger("uvicorn.access").info("GET /")
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(("level", "shown"), [("debug", 3), ("info", 2), ("warning", 1), ("error", 0)])
def test_less_than_the_level_is_not_logged(
    level: str, shown: int, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logging(Logs(level=level))
    for number in (logging.DEBUG, logging.INFO, logging.WARNING):
        logging.getLogger("bridge.serve").log(number, "x")
    assert len(capsys.readouterr().err.splitlines()) == shown


def test_the_root_logger_and_the_application_s_are_left_alone() -> None:
    root, own = logging.getLogger(), logging.getLogger("shop")
    before = (root.level, list(root.handlers), own.level, list(own.handlers), own.disabled)
    configure_logging(Logs())
    assert (root.level, list(root.handlers), own.level, list(own.handlers), own.disabled) == before


def test_a_line_has_time_process_and_level(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(Logs())
    logging.getLogger("bridge").warning("look")
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \[\d+\] WARNING  look\n", capsys.readouterr().err)


@pytest.mark.parametrize(
    ("terminal", "environment", "coloured"),
    [
        (True, {}, True),
        (False, {}, False),
        (True, {"NO_COLOR": "1"}, False),
        (True, {"NO_COLOR": ""}, True),
        (True, {"TERM": "dumb"}, False),
    ],
    ids=["terminal", "file", "NO_COLOR", "empty NO_COLOR", "dumb"],
)
def test_a_warning_is_coloured_on_a_terminal_that_wants_it(
    terminal: bool, environment: dict[str, str], coloured: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("NO_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.stderr.isatty", lambda: terminal)
    record = logging.LogRecord("bridge", logging.WARNING, "", 0, "look", (), None)
    line = ColourFormatter("%(message)s").format(record)
    assert line == ("\x1b[33mlook\x1b[0m" if coloured else "look")


def test_an_ordinary_line_has_no_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    record = logging.LogRecord("bridge", logging.INFO, "", 0, "look", (), None)
    assert ColourFormatter("%(message)s").format(record) == "look"


def test_the_configuration_is_plain_data_that_a_server_may_copy() -> None:
    config = logging_config(Logs())
    assert config is not logging_config(Logs())
    assert config["disable_existing_loggers"] is False
