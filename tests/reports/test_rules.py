from __future__ import annotations

import dataclasses

from bridge.analysis.rules import rules
from bridge.reports.rules import rule_texts
from tests.reports.samples import FINDINGS


def test_every_rule_has_a_text_with_a_link() -> None:
    findings = [dataclasses.replace(FINDINGS[0], rule=code) for code in rules()]
    texts = rule_texts(findings)
    assert list(texts) == sorted(rules())
    for text in texts.values():
        assert text.summary
        assert "\n## Use instead\n" in text.markdown
        assert text.url.startswith("https://"), text.code


def test_only_rules_with_findings_are_read_and_unknown_ones_are_left_out() -> None:
    known = next(iter(rules()))
    findings = [dataclasses.replace(FINDINGS[0], rule=code) for code in (known, "WB000")]
    assert list(rule_texts(findings)) == [known]
