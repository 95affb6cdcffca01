"""A `# noqa: WB...` that suppresses nothing.

## What it does

Finds comments `# noqa: CODE` with a code of this tool on lines where that rule finds nothing.

## Why it blocks

It blocks nothing. A comment that outlives its reason hides the next finding on its line.

## Example

    def rates(client):
        return client.cached_rates()  # noqa: WB201 - waits for the carrier

## Use instead

    def rates(client):
        return client.cached_rates()

## References

- https://docs.astral.sh/ruff/rules/unused-noqa/
"""

from __future__ import annotations

from bridge.analysis.model import Severity
from bridge.analysis.rules.base import Rule

__all__ = ["RULE"]

RULE = Rule(
    code="WB905",
    name="unused-suppression",
    message="{sink} suppresses nothing",
    severity=Severity.WARNING,
    effort=0,
)
