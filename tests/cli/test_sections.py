from __future__ import annotations

import shlex

import click
import pytest

from bridge.cli.main import VERBS
from bridge.cli.sections import SectionedCommand, Size, option, size_text

HELP = """\
Usage: make [OPTIONS]

Size:
  --width N                   How wide.  [5]
  --depth METRES              How deep.  [1.5]
  --tag TEXT                  A tag; repeatable.

Looks:
  --[no-]round                Without corners.  [off]
  --[no-]shiny                With gloss.  [on]
  --plain                     Neither.
  --paint[=COLOUR]            With paint.
  --name TEXT                 What to call it.

Help:
  --help                      Show this message and exit.
"""


@click.command(cls=SectionedCommand)
@option("Size", "--width", metavar="N", type=click.IntRange(1), default=5, help="How wide.")
@option("Looks", "--round/--no-round", default=False, help="Without corners.")
@option("Looks", "--shiny/--no-shiny", default=True, help="With gloss.")
@option("Size", "--depth", metavar="METRES", type=float, default=1.5, help="How deep.")
@option("Looks", "--plain", is_flag=True, help="Neither.")
@option("Looks", "--paint", metavar="[=COLOUR]", help="With paint.")
@option("Looks", "--name", metavar="TEXT", default="", help="What to call it.")
@option("Looks", "--secret", hidden=True, help="Nobody's business.")
@option("Size", "--tag", metavar="TEXT", multiple=True, help="A tag; repeatable.")
def make(**_: object) -> None:
    pass


def test_help_lists_options_under_their_headings_in_one_column() -> None:
    with click.Context(make, info_name="make", terminal_width=80) as context:
        assert make.get_help(context) + "\n" == HELP


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("65536", 65536),
        ("64k", 65536),
        ("64K", 65536),
        ("64KiB", 65536),
        ("64 kb", 64000),
        ("1M", 2**20),
        ("2mib", 2**21),
    ],
)
def test_size_is_a_number_of_bytes(text: str, size: int) -> None:
    assert Size().convert(text, None, None) == size


def test_size_takes_a_number_as_it_is() -> None:
    assert Size().convert(5, None, None) == 5


@pytest.mark.parametrize("text", ["", "k", "-1", "0", "1.5k", "64 kilos", "1 2k"])
def test_size_refuses_anything_else(text: str) -> None:
    with pytest.raises(click.BadParameter, match="is not a size; write 65536, 64k or 1M"):
        Size().convert(text, None, None)


@pytest.mark.parametrize(("size", "text"), [(65536, "64KiB"), (2**20, "1MiB"), (1000, "1000"), (1, "1")])
def test_size_text_is_what_size_reads(size: int, text: str) -> None:
    assert size_text(size) == text
    assert Size().convert(text, None, None) == size


def test_examples_stand_at_the_end_of_the_help_one_a_line_however_narrow() -> None:
    long = "knit --needles 4 --wool merino --pattern 'three over, two under' --rows 128 scarf"

    @click.command(cls=SectionedCommand, examples=("knit scarf", long))
    def knit() -> None:
        pass

    with click.Context(knit, info_name="knit", terminal_width=60) as context:
        assert knit.get_help(context).endswith(f"Examples:\n  knit scarf\n  {long}")


@pytest.mark.parametrize("verb", VERBS)
def test_the_examples_of_every_verb_are_command_lines_that_it_takes(verb: str) -> None:
    command = VERBS[verb].load()
    assert isinstance(command, SectionedCommand)
    assert any(example.startswith(f"wsgi-bridge {verb}") for example in command.examples)
    for example in command.examples:
        program, name, *arguments = shlex.split(example)
        assert program == "wsgi-bridge"
        assert len(example) <= 78  # it is not wrapped: it has to fit into 80 columns, behind a margin of 2
        VERBS[name].load().make_context(name, arguments)  # a usage error is an exception
