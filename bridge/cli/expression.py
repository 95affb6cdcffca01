"""The part of a target behind the colon: `app`, `site.wsgi`, `create_app("dev", debug=True).wsgi_app`.

Names, attributes and calls with literal arguments, read with `ast` and never evaluated as Python.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import Any

from bridge.cli.target_errors import TargetSyntaxError

__all__ = ["Call", "Name", "Step", "parse_expression"]


@dataclass(frozen=True, slots=True)
class Name:
    """Look the name up: in the module first, then in what the step before gave."""

    name: str


@dataclass(frozen=True, slots=True)
class Call:
    """Call what the step before gave."""

    arguments: tuple[Any, ...] = ()
    keywords: tuple[tuple[str, Any], ...] = ()


Step = Name | Call


def parse_expression(expression: str, target: str) -> tuple[Step, ...]:
    """Return the steps from a module to the application. Raises `TargetSyntaxError`."""
    try:
        tree = ast.parse(expression.strip(), mode="eval")
        return tuple(_steps(tree.body))
    except SyntaxError as error:
        raise TargetSyntaxError(target, expression, error.msg or "not Python") from None
    except ValueError as error:
        raise TargetSyntaxError(target, expression, str(error)) from None


def _steps(node: ast.expr) -> list[Step]:
    match node:
        case ast.Name(id=name):
            return [Name(name)]
        case ast.Attribute(value=value, attr=name):
            return [*_steps(value), Name(name)]
        case ast.Call(func=function, args=arguments, keywords=keywords):
            return [*_steps(function), _call(arguments, keywords)]
    raise ValueError("only names, attributes and calls can be written here")


def _call(arguments: list[ast.expr], keywords: list[ast.keyword]) -> Call:
    # `*options` and `**options` have no value or name of their own: refused, as the rest that is no literal.
    literal = "the arguments of a call must be literals, such as 'dev', 1 or debug=True"
    named = [(keyword.arg, keyword.value) for keyword in keywords if keyword.arg is not None]
    if len(named) != len(keywords):
        raise ValueError(literal)
    try:
        return Call(
            tuple(ast.literal_eval(node) for node in arguments),
            tuple((name, ast.literal_eval(node)) for name, node in named),
        )
    except ValueError:
        raise ValueError(literal) from None
