from __future__ import annotations

import pickle

from bridge.cli.errors import CommandError, MissingPackage, OptionConflict
from bridge.cli.target_errors import ModuleMissing
from bridge.errors import BridgeError


def test_command_error_is_a_bridge_error_whose_text_is_its_summary() -> None:
    error = CommandError("no.", facts=[("tried", "yes")], advice=["maybe"])
    assert isinstance(error, BridgeError)
    assert (str(error), error.summary) == ("no.", "no.")
    assert error.facts == (("tried", "yes"),)
    assert error.advice == ("maybe",)
    assert error.exit_code == 2


def test_command_error_of_any_class_crosses_a_process_border_as_what_is_shown() -> None:
    error = ModuleMissing("shpo", folder="/srv", suggestions=["shop"])
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is CommandError
    assert (copy.summary, copy.facts, copy.advice) == (error.summary, error.facts, error.advice)


def test_command_error_keeps_its_exit_code_across_a_process_border() -> None:
    error = MissingPackage("--reload", "watchfiles", "watchfiles", python="/usr/bin/python3")
    assert pickle.loads(pickle.dumps(error)).exit_code == error.exit_code == 1


def test_missing_package_names_the_feature_the_python_and_the_command() -> None:
    error = MissingPackage("--metrics", "prometheus_client", "'wsgi-bridge[metrics]'", python="/venv/python")
    assert error.summary == "--metrics needs the package prometheus_client, which is not installed."
    assert error.facts == (("Python", "/venv/python"),)
    assert error.advice == ("pip install 'wsgi-bridge[metrics]'",)


def test_option_conflict_takes_its_advice_as_lines() -> None:
    error = OptionConflict("a and b do not go together.", "Leave a.", "Leave b.")
    assert (error.summary, error.advice) == ("a and b do not go together.", ("Leave a.", "Leave b."))
