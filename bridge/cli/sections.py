"""A click command whose `--help` lists its options under headings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

__all__ = ["SectionedCommand", "Size", "option"]

F = TypeVar("F", bound=Callable[..., Any])

UNITS = {"": 1, "k": 1024, "kib": 1024, "kb": 1000, "m": 1024**2, "mib": 1024**2, "mb": 1000**2}


class SectionedOption(click.Option):
    """An option that knows its heading."""

    def __init__(self, *declarations: Any, section: str, **attributes: Any) -> None:
        super().__init__(*declarations, **attributes)
        self.section = section


def option(section: str, *declarations: str, **attributes: Any) -> Callable[[F], F]:
    """Return `click.option` for an option that stands under `section` in the help."""
    return click.option(*declarations, cls=SectionedOption, section=section, **attributes)


class SectionedCommand(click.Command):
    """Lists its options under their headings, in the order in which these first appear."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options, those without a heading last."""
        sections: dict[str, list[tuple[str, str]]] = {}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record is not None:
                sections.setdefault(getattr(parameter, "section", "Other"), []).append(record)
        for section, records in sections.items():
            with formatter.section(section):
                formatter.write_dl(records)


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
