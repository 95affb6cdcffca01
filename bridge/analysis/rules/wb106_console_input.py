"""A request that reads from the terminal.

## What it does

Finds `input`, `getpass.getpass` and reads of `sys.stdin`.

## Why it blocks

A server has nobody at its terminal. The call waits for a line that does not come, or fails because there is no
terminal.

## Example

    def confirm(request):
        return input("Really delete? ")

## Use instead

    def confirm(request):
        return request.form["confirmed"]

## References

- https://docs.python.org/3/library/functions.html#input
"""

from __future__ import annotations

from bridge.analysis.rules.base import Rule

__all__ = ["RULE"]

RULE = Rule(
    code="WB106",
    name="console-input",
    message="{sink} waits for somebody to type",
    effort=3,
    sinks=(
        "builtins.input",
        "getpass",
        "sys.stdin",
    ),
)
