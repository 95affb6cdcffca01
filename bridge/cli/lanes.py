"""`wsgi-bridge lanes PATH`: which executor suits which route, written for `serve --lanes`."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import click

from bridge.analysis.lanes import LANES, lanes_toml
from bridge.analysis.model import Report
from bridge.cli.analysing import (
    OUTPUT,
    configuration_or_error,
    input_options,
    project_path,
    report_or_error,
    root_of,
)
from bridge.cli.errors import CommandError
from bridge.cli.output_file import write_file
from bridge.cli.sections import SectionedCommand, option

__all__ = ["lanes"]

DEFAULT = "lanes.toml"


class FileExists(CommandError):
    """The file to write is there already, and may hold what somebody changed by hand."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{path} is there already.",
            advice=[
                "Write it anew, without what was changed in it:",
                f"  wsgi-bridge lanes --output-file {path} --force",
            ],
        )
        self.path = path


@click.command(
    cls=SectionedCommand,
    short_help="Write which executor suits which route.",
    examples=(
        "wsgi-bridge lanes src",
        "wsgi-bridge serve shop.wsgi --lanes lanes.toml",
    ),
)
@project_path
@input_options
@option(
    OUTPUT,
    "--output-file",
    metavar="FILE",
    type=click.Path(path_type=Path),
    default=Path(DEFAULT),
    help=f"Where to write; - is standard output.  [{DEFAULT}]",
)
@option(OUTPUT, "--force", is_flag=True, help="Overwrite the file.")
def lanes(path: Path | None, workers: int, cache: bool, output_file: Path, force: bool) -> None:
    """Say for each route of the project in PATH (default: here) which executor suits it, and why: thread, greenlet
    or stream.

    The file is what `wsgi-bridge serve --lanes` and `WsgiToAsgi(app, lanes=...)` read.
    """
    on_stdout = str(output_file) == "-"
    if not on_stdout and output_file.exists() and not force:
        raise FileExists(output_file)
    configuration = configuration_or_error(path or Path())
    root = root_of(path, configuration)
    report = report_or_error("lanes", root, configuration, workers=workers, cache=cache)
    text = lanes_toml(report)
    if on_stdout:
        click.echo(text, nl=False)
    else:
        write_file(output_file, text)
        click.echo(f"{output_file}: {_counted(report)}", err=True)


def _counted(report: Report) -> str:
    counts = Counter(route.lane for route in report.routes)
    return ", ".join(f"{counts[lane]} {lane}" for lane in LANES)
