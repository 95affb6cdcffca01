from __future__ import annotations

import io

import pytest
from rich.console import Console

from bridge.cli.progress import showing_progress


def shown(**options: object) -> str:
    file = io.StringIO()
    with showing_progress(console=Console(file=file, _environ={}, **options)) as progress:  # type: ignore[arg-type] # rich's are many
        progress("reading files")
        progress("planning")
    return file.getvalue()


def test_elsewhere_than_on_a_terminal_it_is_quiet() -> None:
    assert shown() == ""


def test_a_terminal_that_cannot_move_its_cursor_gets_nothing() -> None:
    file = io.StringIO()
    console = Console(file=file, force_terminal=True, _environ={"TERM": "dumb"})
    with showing_progress(console=console) as progress:
        progress("reading files")
    assert file.getvalue() == ""


def test_a_terminal_sees_the_stages_and_the_line_is_gone_at_the_end() -> None:
    written = shown(force_terminal=True, width=80)
    assert "planning ..." in written  # what went by faster than it is painted is not there
    assert written.endswith("\x1b[2K")  # the line is erased


def test_the_line_is_gone_after_an_error() -> None:
    file = io.StringIO()
    console = Console(file=file, force_terminal=True, width=80, _environ={})
    with pytest.raises(KeyError), showing_progress(console=console):
        raise KeyError
    assert file.getvalue().endswith("\x1b[2K")
