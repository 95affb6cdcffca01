"""The table of formats; the module behind a name is imported when its renderer is called."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from bridge.analysis.model import Report
from bridge.reports.context import RenderContext

__all__ = ["FORMATS", "Format", "format_of_file"]


@dataclass(frozen=True, slots=True)
class Format:
    """A renderer (`module:function`), what it is for, and the ends of file names that ask for it."""

    renderer: str
    summary: str
    suffixes: tuple[str, ...] = ()

    def __call__(self, report: Report, context: RenderContext) -> str:
        """Return the report as text, with a newline at its end unless it is empty."""
        module, _, function = self.renderer.partition(":")
        text: str = getattr(importlib.import_module(f"bridge.reports.{module}"), function)(report, context)
        return text


FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        "rich": Format("as_terminal:render", "a summary and the table of routes, for people"),
        "full": Format("as_terminal:render_full", "every finding with its chain and source lines", (".txt",)),
        "concise": Format("as_concise:render", "one line a finding, as compilers write them"),
        "json": Format("as_json:render", "everything, for programs; schema_version 1", (".json",)),
        "jsonl": Format("as_jsonl:render", "the same, one record a line", (".jsonl", ".ndjson")),
        "sarif": Format("as_sarif:render", "SARIF 2.1.0, for code scanning", (".sarif", ".sarif.json")),
        "html": Format("as_html:render", "one page that needs no network", (".html", ".htm")),
        "markdown": Format("as_markdown:render", "for a ticket or a pull request", (".md",)),
        "github": Format("as_github:render", "annotations of GitHub Actions"),
        "gitlab": Format("as_gitlab:render", "GitLab's code quality report"),
        "junit": Format("as_junit:render", "a test case for each route", (".xml",)),
        "rdjson": Format("as_rdjson:render", "reviewdog's diagnostics", (".rdjson",)),
    }
)


def format_of_file(name: str) -> str | None:
    """Return the format that a file's name asks for ("report.html": html); None where it says nothing."""
    asked = {suffix: key for key, each in FORMATS.items() for suffix in each.suffixes}
    for suffix in sorted(asked, key=len, reverse=True):
        if name.lower().endswith(suffix):
            return asked[suffix]
    return None
