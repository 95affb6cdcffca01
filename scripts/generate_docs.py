"""Writes the parts of the documentation that are derived from code; --check only compares.

A Markdown file asks for a part with a pair of comments, and what stands between them is replaced:

    <!-- generated: command-line -->
    ...
    <!-- /generated -->
"""

from __future__ import annotations

import importlib
import inspect
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import click

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # run as a script it has scripts/ there, and some tables are in tests/
PART = re.compile(r"(<!-- generated: (?P<name>\S+) -->\n).*?(<!-- /generated -->)", re.DOTALL)


def documents() -> list[Path]:
    """Return every Markdown file that may hold a generated part."""
    return [ROOT / "README.md", *sorted((ROOT / "migration_guide").rglob("*.md"))]


def with_parts(text: str) -> str:
    """Return the text with every generated part as the code has it now; KeyError for an unknown part."""
    return PART.sub(lambda found: f"{found[1]}{PARTS[found['name']]()}{found[3]}", text)


def command_line() -> str:
    """Return a section for every verb of `wsgi-bridge`, with a table of its options."""
    from bridge.cli.main import VERBS

    return "".join(_verb(name, verb.load()) for name, verb in VERBS.items())


def _verb(name: str, command: click.Command) -> str:
    context = click.Context(command, info_name=name)
    usage = " ".join(command.collect_usage_pieces(context))
    help_text = inspect.cleandoc((command.help or "").split("\f")[0])
    sections: dict[str, list[str]] = {}
    for option in command.params:
        if isinstance(option, click.Option):
            sections.setdefault(getattr(option, "section", "Options"), []).append(
                _option_row(option, context)
            )
    tables = "\n".join(f"### {section}\n\n{_table(rows)}" for section, rows in sections.items())
    return f"\n## `wsgi-bridge {name} {usage}`\n\n{_paragraphs(help_text)}\n\n{_examples(command)}{tables}"


def _examples(command: click.Command) -> str:
    lines = "\n".join(f"$ {each}" for each in getattr(command, "examples", ()))
    return f"```console\n{lines}\n```\n\n" if lines else ""


def _table(rows: list[str]) -> str:
    return "\n".join(["| option | default | meaning |", "| --- | --- | --- |", *rows, ""])


def _paragraphs(help_text: str) -> str:
    r"""Return click's help as Markdown: what stands under a \b is laid out by hand and stays so."""
    blocks = [block for block in help_text.split("\n\n") if block]
    return "\n\n".join(_literal(block) if block.startswith("\b\n") else _one_line(block) for block in blocks)


def _literal(block: str) -> str:
    return f"```text\n{block[2:]}\n```"


def _option_row(option: click.Option, context: click.Context) -> str:
    # How --help spells the option, but its help without the default, which has a column here.
    spelled, _ = option.get_help_record(context) or ("", "")
    return f"| `{_cell(spelled)}` | {_default(option)} | {_cell(option.help or '')} |"


def _default(option: click.Option) -> str:
    if isinstance(option.show_default, str):
        return _cell(option.show_default)
    value = option.to_info_dict()["default"]
    if option.is_flag and not isinstance(value, bool):
        value = False
    if value is None or value in ((), "") or callable(value):
        return ""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, float):
        return f"`{value:g}`"
    return f"`{', '.join(map(str, value)) if isinstance(value, (list, tuple)) else value}`"


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _cell(text: str) -> str:
    return _one_line(text).replace("|", "\\|")


def _table_of(module: str, function: str) -> Callable[[], str]:
    """Return what makes a part from a table that a test keeps true; its module is imported when it is asked for."""

    def table() -> str:
        made: str = getattr(importlib.import_module(module), function)()
        return made

    return table


def rules_index() -> str:
    """Return a table for each family of rules, every code with a link to its page."""
    from bridge.analysis.rules import FAMILIES, rules
    from bridge.analysis.rules.documentation import documentation_of

    lines = []
    for family, title in FAMILIES.items():
        lines += ["", f"## {family}: {title}", "", "| rule | name | what it finds |", "| --- | --- | --- |"]
        for rule in rules().values():
            if rule.code.startswith(family):
                summary = _cell(documentation_of(rule).summary)
                lines.append(f"| [{rule.code}]({rule.code}.md) | {rule.name} | {summary} |")
    return "\n".join([*lines, "", ""])


def exit_codes() -> str:
    """Return the exit codes of `check` as a table."""
    from bridge.cli.check import EXIT_CODES

    rows = [f"| {code} | {meaning} |" for code, meaning in EXIT_CODES.items()]
    return "\n".join(["", "| exit code | meaning |", "| --- | --- |", *rows, "", ""])


def configuration_keys() -> str:
    """Return the keys of [tool.wsgi-bridge] as a table."""
    from bridge.analysis.configuration import KEYS

    rows = [f"| `{key}` | {_cell(each.metadata['meaning'])} |" for key, each in KEYS.items()]
    return "\n".join(["", "| key | meaning |", "| --- | --- |", *rows, "", ""])


def rule_pages() -> dict[Path, str]:
    """Return the text of every page that is generated whole: one for each rule of the analysis."""
    from bridge.analysis.rules import rules
    from bridge.analysis.rules.documentation import page_of

    folder = ROOT / "migration_guide" / "rules"
    return {folder / f"{rule.code}.md": page_of(rule) for rule in rules().values()}


PARTS: dict[str, Callable[[], str]] = {
    "command-line": command_line,
    "rules": rules_index,
    "exit-codes": exit_codes,
    "configuration": configuration_keys,
    "report-efforts": _table_of("bridge.reports.tables", "efforts_table"),
    "report-excerpt": _table_of("scripts.report_excerpt", "excerpt"),
    "knowledge-counts": _table_of("bridge.analysis.knowledge.page", "counts_table"),
    "knowledge-packages": _table_of("bridge.analysis.knowledge.page", "packages_table"),
    "report-fields": _table_of("bridge.reports.fields", "fields_table"),
    "report-formats": _table_of("bridge.reports.tables", "formats_table"),
    "report-verdicts": _table_of("bridge.reports.tables", "verdicts_table"),
    "trace-fields": _table_of("bridge.reports.fields", "trace_fields_table"),
    "servers": _table_of("tests.servers.limits_table", "peers_table"),
    "server-limits": _table_of("tests.servers.limits_table", "limits_table"),
    "differences-environ": _table_of("tests.differential.differences_table", "environ_table"),
    "differences-responses": _table_of("tests.differential.differences_table", "responses_table"),
    "differences-refusals": _table_of("tests.differential.differences_table", "refusals_table"),
}


def main(arguments: list[str]) -> int:
    """Return the exit code: 1 if --check found a file that is out of date."""
    check = "--check" in arguments
    stale = [path.relative_to(ROOT) for path, fresh in _fresh() if _differs(path, fresh, write=not check)]
    verb = "out of date, run scripts/docs" if check else "written"
    for path in stale:
        print(f"{path}: {verb}")
    return int(bool(stale) and check)


def _fresh() -> Iterator[tuple[Path, str]]:
    pages = rule_pages()
    yield from pages.items()
    for path in documents():
        if path not in pages:
            yield path, with_parts(path.read_text("utf-8"))


def _differs(path: Path, fresh: str, *, write: bool) -> bool:
    if path.exists() and path.read_text("utf-8") == fresh:
        return False
    if write:
        path.parent.mkdir(exist_ok=True)
        path.write_text(fresh, "utf-8")
    return True


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
