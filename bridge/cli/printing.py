"""Where a report goes, and how: `--output-format`, `--output-file`, width, colour, encoding."""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from bridge.analysis.model import Report
from bridge.cli.analysing import OUTPUT, output_file_option
from bridge.cli.errors import CommandError, MissingPackage
from bridge.cli.output_file import write_file
from bridge.cli.sections import option
from bridge.reports import FORMATS, RenderContext, SourceReader
from bridge.reports.as_html import MissingTemplateEngine
from bridge.reports.formats import format_of_file
from bridge.reports.rules import rule_texts

__all__ = ["check_output_file", "echo_wrapped", "output_options", "print_report", "write_text"]

F = TypeVar("F", bound=Callable[..., Any])


def output_options(command: F) -> F:
    """Add `--output-format` and `--output-file`."""
    names = option(
        OUTPUT,
        "--output-format",
        metavar="NAME",
        type=click.Choice(list(FORMATS)),
        help=f"{', '.join(FORMATS)}. On a terminal rich, else concise; or what the file's name says.",
    )
    return names(output_file_option(command))


class MissingFormatPackage(MissingPackage):
    """A format needs a package that is not installed. Exit code 2: 1 would be what `check` says of findings."""

    exit_code = 2


class UnknownEnding(CommandError):
    """No format is known by the end of a file's name, and no option names one."""

    def __init__(self, file: Path) -> None:
        known = {suffix: name for name, each in FORMATS.items() for suffix in each.suffixes}
        super().__init__(
            f"--output-file {file}: no format has files that end in {file.suffix}.",
            facts=[(suffix, FORMATS[name].summary) for suffix, name in known.items()],
            advice=["Name a file that ends in one of these, or the format:", "  --output-format full"],
        )
        self.file = file


def check_output_file(output_format: str | None, output_file: Path | None) -> None:
    """Raise `UnknownEnding` where a file's name asks for what no format is: report.pdf. To be called before the work."""
    if output_file is None or output_format is not None:
        return
    if output_file.suffix and format_of_file(output_file.name) is None:
        raise UnknownEnding(output_file)


def print_report(
    report: Report,
    root: Path,
    *,
    output_format: str | None,
    output_file: Path | None,
    findings_only: bool = False,
    elsewhere: str = "concise",
    **asked: Any,
) -> None:
    """Render `report` and write it to standard output, or to `output_file`.

    `elsewhere` is the format where neither an option nor a file's name says one and there is no terminal; `asked`
    are further fields of the `RenderContext`.
    """
    on_terminal = output_file is None and sys.stdout.isatty()
    by_name = format_of_file(output_file.name) if output_file else None
    name = output_format or by_name or ("rich" if on_terminal else elsewhere)
    context = RenderContext(
        sources=SourceReader(root if root.is_dir() else root.parent),
        prefix=_prefix(root),
        width=shutil.get_terminal_size().columns if on_terminal else 100,
        color=on_terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb",
        encoding=(sys.stdout.encoding or "utf-8") if output_file is None else "utf-8",
        findings_only=findings_only,
        rules=rule_texts(report.findings),
        **asked,
    )
    write_text(_rendered(name, report, context), output_file)


def echo_wrapped(line: str) -> None:
    """Print a line, on a terminal broken between words at its width, what follows two columns further in.

    Elsewhere a line stays whole: grep finds it. A name that is longer than the terminal is wide stays whole, too.
    """
    width = shutil.get_terminal_size().columns
    if not sys.stdout.isatty() or len(line) <= width:
        click.echo(line)
        return
    indent = line[: len(line) - len(line.lstrip())]
    click.echo(
        textwrap.fill(
            line.lstrip(),
            width,
            initial_indent=indent,
            subsequent_indent=f"{indent}  ",
            break_long_words=False,
            break_on_hyphens=False,
        )
    )


def write_text(text: str, file: Path | None) -> None:
    """Write `text` to a file in UTF-8, or to standard output in what that takes."""
    if file is None:
        encoding = sys.stdout.encoding or "utf-8"
        click.echo(text.encode(encoding, "replace").decode(encoding), nl=False)
    else:
        write_file(file, text)


def _rendered(name: str, report: Report, context: RenderContext) -> str:
    try:
        return FORMATS[name](report, context)
    except MissingTemplateEngine as error:
        raise MissingFormatPackage(
            "The HTML report", error.package, f"'wsgi-bridge[{error.extra}]'", python=sys.executable
        ) from None


def _prefix(root: Path) -> str:
    """Return the way from the working directory to the project's root, so that editors and CI find the files."""
    folder = (root if root.is_dir() else root.parent).resolve()
    here = Path.cwd().resolve()
    if folder == here or not folder.is_relative_to(here):
        return ""
    return f"{folder.relative_to(here).as_posix()}/"
