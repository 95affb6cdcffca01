"""A click command whose `--help` lists its options under headings, in one column, and ends with examples."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import click

__all__ = ["SectionedCommand", "Size", "option", "size_text"]

F = TypeVar("F", bound=Callable[..., Any])

UNITS = {"": 1, "k": 1024, "kib": 1024, "kb": 1000, "m": 1024**2, "mib": 1024**2, "mb": 1000**2}
NAME_WIDTH = 26  # columns; a longer name pushes its text to the next line


class SectionedOption(click.Option):
    """An option that knows its heading, and shows its default but not its type and range."""

    def __init__(self, *declarations: Any, section: str, **attributes: Any) -> None:
        super().__init__(*declarations, **attributes)
        self.section = section

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:  # noqa: ARG002 - click's signature
        """Return `--port N` and what it means; None for a hidden option."""
        if self.hidden:
            return None
        name = self.opts[0]
        if self.secondary_opts:
            default = "on" if self.default else "off"
            return f"--[no-]{name.removeprefix('--')}", f"{self.help}  [{default}]"
        if self.is_flag:
            return name, self.help or ""
        # click marks "no default" with None or an object of its own, by version.
        has_default = isinstance(self.default, (int, float, str)) and self.default != ""
        default = f"  [{self.default:g}]" if isinstance(self.default, float) else f"  [{self.default}]"
        return f"{name} {self.metavar}".replace(" [", "["), f"{self.help}{default if has_default else ''}"


def option(section: str, *declarations: str, **attributes: Any) -> Callable[[F], F]:
    """Return `click.option` for an option that stands under `section` in the help."""
    return click.option(*declarations, cls=SectionedOption, section=section, **attributes)


class SectionedCommand(click.Command):
    """Lists its options under their headings, in the order in which these first appear, and examples after them.

    `examples` are command lines as a shell takes them, the most usual first.
    """

    def __init__(self, *arguments: Any, examples: Sequence[str] = (), **attributes: Any) -> None:
        super().__init__(*arguments, **attributes)
        self.examples = tuple(examples)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples, each on a line of its own: they are copied and pasted."""
        super().format_epilog(ctx, formatter)
        if self.examples:
            with formatter.section("Examples"):
                for example in self.examples:
                    formatter.write(f"{'':{formatter.current_indent}}{example}\n")

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options; those that every command has come last."""
        sections: dict[str, list[tuple[str, str]]] = {}
        options = [parameter for parameter in self.get_params(ctx) if isinstance(parameter, click.Option)]
        for parameter in sorted(options, key=lambda entry: not isinstance(entry, SectionedOption)):
            record = parameter.get_help_record(ctx)
            if record is not None:
                heading = getattr(parameter, "section", "Help")
                sections.setdefault(heading, []).append((record[0].ljust(NAME_WIDTH), record[1]))
        for heading, records in sections.items():
            with formatter.section(heading):
                formatter.write_dl(records)


def size_text(size: int) -> str:
    """Return a number of bytes as `Size` reads it: 64KiB, 1MiB, 1000."""
    for unit, factor in (("MiB", 1024**2), ("KiB", 1024)):
        if size % factor == 0:
            return f"{size // factor}{unit}"
    return str(size)


class Size(click.ParamType):  # type: ignore[type-arg] # generic since click 8.2 only
    """A number of bytes: 65536, 64k, 64KiB, 1M."""

    name = "size"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the bytes; a usage error for what is no size."""
        if isinstance(value, int):
            return value
        text = str(value).strip().lower()
        digits = text.rstrip("abcdefghijklmnopqrstuvwxyz ")
        unit = text[len(digits) :].strip()
        if not digits.isdecimal() or unit not in UNITS or int(digits) == 0:
            self.fail(f"{value!r} is not a size; write 65536, 64k or 1M.", param, ctx)
        return int(digits) * UNITS[unit]
