"""What the formats say about rules: their docstrings, as `explain` and the guide have them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from bridge.analysis.model import Finding
from bridge.analysis.rules import rules
from bridge.analysis.rules.documentation import documentation_of
from bridge.reports.context import RuleText

__all__ = ["rule_texts"]

URL = re.compile(r"https?://[^\s<>()`]+")


def rule_texts(findings: Iterable[Finding]) -> Mapping[str, RuleText]:
    """Return the text of every rule that has a finding. Its URL is the first of its references."""
    known = rules()
    return {code: _text(code) for code in sorted({each.rule for each in findings}) if code in known}


def _text(code: str) -> RuleText:
    rule = rules()[code]
    documented = documentation_of(rule)
    url = URL.search(documented.sections.get("References", ""))
    summary = " ".join(documented.summary.split())
    return RuleText(code, rule.name, summary, documented.markdown, url[0] if url else "")
