from __future__ import annotations

import io

import pytest
from rich.console import Console

from bridge.cli.complaint import complain
from bridge.cli.errors import CommandError

ERROR = CommandError(
    "importing shop raised ModuleNotFoundError: No module named 'flask_sqlalchemy'",
    facts=[
        ("in", "/srv/shop/models.py, line 3\n  from flask_sqlalchemy import SQLAlchemy"),
        ("raised in", "a library that is quite far away from here"),
    ],
    advice=["Install it into this environment:", "  pip install flask_sqlalchemy --and-more --to-be-long"],
)

PLAIN = """\
Error: importing shop raised ModuleNotFoundError: No module named 'flask_sqlalchemy'

  in         /srv/shop/models.py, line 3
               from flask_sqlalchemy import SQLAlchemy
  raised in  a library that is quite far away from here

Install it into this environment:
  pip install flask_sqlalchemy --and-more --to-be-long
"""

# Sentences are wrapped at words, what follows a fact hangs below it; code and commands stay whole.
NARROW = """\
Error: importing shop raised
ModuleNotFoundError: No module named
'flask_sqlalchemy'

  in         /srv/shop/models.py, line 3
               from flask_sqlalchemy import SQLAlchemy
  raised in  a library that is quite far
             away from here

Install it into this environment:
  pip install flask_sqlalchemy --and-more --to-be-long
"""


def shown(error: CommandError, **options: object) -> str:
    file = io.StringIO()
    complain(error, console=Console(file=file, _environ={}, **options))  # type: ignore[arg-type] # rich's are many
    return file.getvalue()


def test_complain_writes_whole_lines_where_there_is_no_terminal() -> None:
    assert shown(ERROR, width=40) == PLAIN


def test_complain_wraps_on_a_narrow_terminal_but_no_code_and_no_command() -> None:
    assert shown(ERROR, width=40, force_terminal=True, color_system=None) == NARROW


def test_complain_colours_the_word_error_and_what_can_be_copied() -> None:
    text = shown(ERROR, width=200, force_terminal=True, color_system="standard")
    assert text.startswith("\x1b[1;31mError:\x1b[0m importing shop")
    assert "\x1b[1m  pip install flask_sqlalchemy --and-more --to-be-long\x1b[0m\n" in text
    assert "\x1b[2m  in         \x1b[0m/srv/shop/models.py" in text


def test_complain_obeys_no_color() -> None:
    file = io.StringIO()
    complain(ERROR, console=Console(file=file, force_terminal=True, width=100, _environ={"NO_COLOR": "1"}))
    assert "\x1b[3" not in file.getvalue()


def test_complain_leaves_out_what_an_error_has_not() -> None:
    assert shown(CommandError("no.")) == "Error: no.\n"
    assert shown(CommandError("no.", advice=["yes"])) == "Error: no.\n\nyes\n"
    assert shown(CommandError("no.", facts=[("a", "b")])) == "Error: no.\n\n  a  b\n"


def test_complain_shows_markup_of_rich_as_it_was_written() -> None:
    assert shown(CommandError("[bold]no[/bold].")) == "Error: [bold]no[/bold].\n"


def test_complain_goes_to_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    complain(CommandError("no."))
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "Error: no.\n")
