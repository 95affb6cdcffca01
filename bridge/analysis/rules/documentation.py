"""A rule's docstring: its sentence and sections, as `explain` prints them and as a page of the guide."""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bridge.analysis.rules import module_of
from bridge.analysis.rules.base import Rule

__all__ = ["Documentation", "documentation_of", "page_of"]

HEADING = re.compile(r"^## (.+)$", re.MULTILINE)
BLOCK = re.compile(r"(?:^ {4}.*\n?|^\n(?= {4}))+", re.MULTILINE)
POINTS = {0: "nothing to change", 1: "a library is swapped", 3: "a documented change", 5: "a local redesign"}
MORE_POINTS = {7: "a new architecture", 13: "not known"}


@dataclass(frozen=True, slots=True)
class Documentation:
    """What a rule says about itself. `sections` are text by heading."""

    rule: Rule
    summary: str
    sections: Mapping[str, str]

    @property
    def text(self) -> str:
        """Return it for a terminal."""
        head = f"{self.rule.code} {self.rule.name}\n\n{self.summary}\n"
        body = "".join(f"\n{title}\n\n{_indented(text)}\n" for title, text in self.sections.items())
        return head + body

    @property
    def markdown(self) -> str:
        """Return summary and sections as Markdown, with fences around the code."""
        body = "".join(f"\n## {title}\n\n{_fenced(text)}\n" for title, text in self.sections.items())
        return f"{self.summary}\n{body}"


def documentation_of(rule: Rule) -> Documentation:
    """Return what the docstring of the rule's module says."""
    text = inspect.cleandoc(importlib.import_module(module_of(rule)).__doc__ or rule.name)
    summary, *rest = HEADING.split(text)
    pairs = zip(rest[::2], rest[1::2], strict=True)
    return Documentation(rule, summary.strip(), {title: body.strip("\n") for title, body in pairs})


def page_of(rule: Rule) -> str:
    """Return the rule's page in migration_guide/rules/."""
    effort = {**POINTS, **MORE_POINTS}[rule.effort]
    facts = f"Severity: {rule.severity.value}. Effort: {rule.effort} ({effort}), unless the called library says otherwise."
    binds = "\n\nWhat it finds makes a route a `redesign`: it is bound to a thread." if rule.binds else ""
    return f"# {rule.code}: {rule.name}\n\n{documentation_of(rule).markdown}\n{facts}{binds}\n"


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" if line else "" for line in text.splitlines())


def _fenced(text: str) -> str:
    return "".join(_fenced_parts(text)).rstrip("\n")


def _fenced_parts(text: str) -> Iterator[str]:
    end = 0
    for found in BLOCK.finditer(text):
        code = inspect.cleandoc("\n" + found[0]).rstrip("\n")
        before = text[end : found.start()].strip("\n")
        yield f"{before}\n\n" if before else ""
        yield f"```python no-run: a fragment of an application\n{code}\n```\n"
        end = found.end()
    yield text[end:]
