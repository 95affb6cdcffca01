"""The differences as tables for the documentation."""

from __future__ import annotations

from tests.differential.differences import ENVIRON, REFUSALS, RESPONSES, Difference

__all__ = ["environ_table", "refusals_table", "responses_table"]


def environ_table() -> str:
    """Return what is otherwise in environ."""
    return _table(ENVIRON)


def responses_table() -> str:
    """Return what is otherwise in responses."""
    return _table(RESPONSES)


def refusals_table() -> str:
    """Return which requests are refused otherwise."""
    return _table(REFUSALS)


def _table(differences: list[Difference]) -> str:
    rows = [f"| {each.what} | {' and '.join(each.references)} | {each.why} |" for each in differences]
    return "\n".join(["| with the bridge | otherwise under | why |", "| --- | --- | --- |", *rows, ""])
