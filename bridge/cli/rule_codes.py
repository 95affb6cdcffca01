"""Codes of rules as options take them: `WB2,WB501`, repeated, each checked."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from bridge.analysis.rules import FAMILIES, Rule, rules
from bridge.cli.errors import CommandError

__all__ = ["codes_or_error", "rule_or_error"]


class NoSuchRule(CommandError):
    """No rule has this code, or begins with it."""

    def __init__(self, where: str, code: str, near: Sequence[str]) -> None:
        families = [f"  {code}  {title}" for code, title in FAMILIES.items()]
        advice = [f"Did you mean {near[0]}?"] if near else ["Codes begin with", *families]
        super().__init__(f"{where}: there is no rule {code!r}.", advice=advice)
        self.code = code


def codes_or_error(where: str, texts: Sequence[str]) -> tuple[str, ...]:
    """Return the codes in the values of an option; each is a rule's, or the beginning of one."""
    codes = [code.strip().upper() for text in texts for code in text.split(",") if code.strip()]
    for code in codes:
        if not any(known.startswith(code) for known in rules()):
            raise NoSuchRule(where, code, _near(code))
    return tuple(codes)


def rule_or_error(code: str) -> Rule:
    """Return the rule with exactly this code."""
    found = rules().get(code.upper())
    if found is None:
        raise NoSuchRule("explain", code, _near(code.upper()))
    return found


def _near(code: str) -> list[str]:
    return difflib.get_close_matches(code, [*rules(), *FAMILIES], n=1)
