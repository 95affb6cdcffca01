from __future__ import annotations

from pathlib import Path

import pytest

from scripts.compare_servers.options import read_options


def test_defaults_are_this_python_and_this_folder() -> None:
    options = read_options(["shop:app"])
    assert (options.target, options.folder, options.server) == ("shop:app", Path.cwd(), "uvicorn")
    assert (options.environment, options.load, options.json) == ({}, 0.0, None)


def test_environment_is_name_and_value() -> None:
    assert read_options(["shop:app", "--env", "A=1=2", "--env", "B="]).environment == {"A": "1=2", "B": ""}


@pytest.mark.parametrize("arguments", [[], ["shop:app", "--env", "A"], ["shop:app", "--server", "apache"]])
def test_nonsense_ends_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        read_options(arguments)
    assert ended.value.code == 2
    assert "usage: scripts/compare" in capsys.readouterr().err
