"""`wsgi-bridge check PATH`: the gate for a build."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import click

from bridge.analysis.configuration import Configuration
from bridge.analysis.gate import Gate, Outcome, judge
from bridge.analysis.model import Confidence, Report
from bridge.cli.analysing import (
    OUTPUT,
    configuration_or_error,
    input_options,
    min_confidence_option,
    project_path,
    report_or_error,
    root_of,
)
from bridge.cli.baseline_file import BaselineFile
from bridge.cli.printing import check_output_file, output_options, print_report
from bridge.cli.revision import findings_at
from bridge.cli.rule_codes import codes_or_error
from bridge.cli.sections import SectionedCommand, option
from bridge.cli.trace_file import trace_or_error
from bridge.reports.sureness import hidden_remark, is_sure
from bridge.reports.witnessing import witnessing
from bridge.reports.wording import counted

__all__ = ["EXIT_CODES", "check"]

WHICH, BASELINE = "Which findings count", "Baseline"
CLEAN, FINDINGS, FAILED, STALE = 0, 1, 2, 3
EXIT_CODES = {
    CLEAN: "nothing found that counts",
    FINDINGS: "findings",
    FAILED: "wrong usage, or a part of the analysis failed",
    STALE: "no findings, but the baseline knows some that are no longer there",
}
SHOWN = 10  # stale entries


@click.command(
    cls=SectionedCommand,
    short_help="Say what blocks, for a build to fail on.",
    examples=(
        "wsgi-bridge check src --baseline known.json --update-baseline",
        "wsgi-bridge check src --baseline known.json",
        "wsgi-bridge check --diff origin/main --output-format github",
    ),
)
@project_path
@option(
    WHICH,
    "--select",
    metavar="CODES",
    multiple=True,
    help="Only these rules: WB201, or WB2,WB501; repeatable.",
)
@option(WHICH, "--ignore", metavar="CODES", multiple=True, help="Not these rules; the longer code wins.")
@min_confidence_option
@option(WHICH, "--diff", "revision", metavar="REV", help="Only what is new since this git revision.")
@option(
    BASELINE,
    "--baseline",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Findings that are known: they don't count.",
)
@option(BASELINE, "--update-baseline", is_flag=True, help="Write all findings of today to the baseline.")
@option(BASELINE, "--prune-baseline", is_flag=True, help="Take out of the baseline what is no longer found.")
@input_options
@option(
    OUTPUT,
    "--trace",
    "trace_file",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="What `wsgi-bridge trace` recorded: says how often each finding was witnessed.",
)
@output_options
@click.pass_context
def check(  # noqa: PLR0917 - click passes options by name
    context: click.Context,
    path: Path | None,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    min_confidence: str,
    revision: str | None,
    baseline: Path | None,
    update_baseline: bool,
    prune_baseline: bool,
    workers: int,
    cache: bool,
    trace_file: Path | None,
    output_format: str | None,
    output_file: Path | None,
) -> None:
    """Find what blocks on the routes of the project in PATH (a folder, or one file; default: here).

    The files are read, never imported or run. A finding is accepted with `# noqa: WB201` at the end of its line,
    all of today's with a baseline. What only informs is printed and does not fail.
    """
    check_output_file(output_format, output_file)
    configuration = configuration_or_error(path or Path())
    least = Confidence(min_confidence)
    gate = replace(_gate(select, ignore, configuration), is_sure=partial(is_sure, least=least))
    file = BaselineFile.chosen(baseline, configuration, update=update_baseline, prune=prune_baseline)
    known = file.read()
    trace = trace_or_error(trace_file) if trace_file else None
    root = root_of(path, configuration)
    report = report_or_error("check", root, configuration, workers=workers, cache=cache)
    before = None
    if revision is not None:
        before = findings_at(revision, root, configuration, workers=workers, cache=cache)
    if trace is not None:
        report = witnessing(report, trace).report
    outcome = judge(report.findings, gate, known, before=before)
    if file.write(outcome):
        context.exit(FAILED if report.crashed else CLEAN)
    shown = replace(report, findings=outcome.new)
    print_report(
        shown,
        root,
        output_format=output_format,
        output_file=output_file,
        findings_only=True,
        hidden=outcome.unsure,
    )
    _remark(report, outcome, least)
    context.exit(_exit_code(report, outcome))


def _gate(select: tuple[str, ...], ignore: tuple[str, ...], configuration: Configuration) -> Gate:
    """Return what the command line selects, else the configuration; what either ignores is ignored."""
    chosen = codes_or_error("--select", select) or configuration.select
    return Gate(chosen, (*configuration.ignore, *codes_or_error("--ignore", ignore)))


def _exit_code(report: Report, outcome: Outcome) -> int:
    if report.crashed:
        return FAILED
    if outcome.fails:
        return FINDINGS
    return STALE if outcome.stale else CLEAN


def _remark(report: Report, outcome: Outcome, least: Confidence) -> None:
    """Say on standard error what the findings do not say."""
    for crash in report.crashed:
        click.echo(f"a part of the analysis failed, the rest went on: {crash}", err=True)
    for entry in outcome.stale[:SHOWN]:
        click.echo(f"no longer found: {entry.rule} {entry.sink} in {entry.symbol or entry.file}", err=True)
    if outcome.stale:
        stale = counted(len(outcome.stale), "entry of the baseline is", "entries of the baseline are")
        click.echo(f"{stale} stale: --prune-baseline takes out what is", err=True)
    if outcome.unsure:
        click.echo(hidden_remark(outcome.unsure, least), err=True)
    new = counted(len(outcome.new), "finding")
    known = f", {outcome.known} known" if outcome.known else ""
    click.echo(f"{new}{known}; {counted(len(report.routes), 'route')}", err=True)
