from __future__ import annotations

from pathlib import Path

import pytest

from scripts.compare_servers.servers import BRIDGES, Application, ServerError, command, complaints, serving

APPLICATION = Application(target="shop:make()", folder=Path(), python="python", environment={})


def test_each_server_is_told_the_target_in_its_own_way() -> None:
    assert command(APPLICATION, "waitress", 1)[-2:] == ["--call", "shop:make"]
    assert command(APPLICATION, "bare-uvicorn", 1)[-2:] == ["shop:make()", "1"]
    assert command(APPLICATION, "daphne", 1)[1:5] == ["-m", "bridge", "serve", "shop:make()"]
    assert "daphne" in command(APPLICATION, "daphne", 1)
    assert "bare-uvicorn" in BRIDGES


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("INFO all is well\n", 0),
        ("2024 ERROR x\nTraceback (most recent call last):\n  ...\nValueError\n", 1),
        ("ERROR:    Exception in ASGI application\nTraceback (most recent call last):\n", 2),
        ("Task exception was never retrieved\n", 1),
    ],
)
def test_a_log_is_searched_for_what_went_wrong(tmp_path: Path, text: str, count: int) -> None:
    log = tmp_path / "log"
    log.write_text(text)
    assert complaints(log) == count


def test_a_server_that_does_not_start_says_why(tmp_path: Path) -> None:
    import sys

    folder = tmp_path / "site"
    folder.mkdir()
    absent = Application(target="absent:app", folder=folder, python=sys.executable, environment={})
    with (
        pytest.raises(ServerError, match="absent") as caught,
        serving(absent, "first", "waitress", tmp_path),
    ):
        pass
    assert str(caught.value).startswith("The application was not served: ")
    assert "No module named 'absent'" in str(caught.value)
    assert len(str(caught.value).splitlines()) < 20, "waitress's manual is not what went wrong"
