from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from bridge.cli.expression import Call, Name, parse_expression
from bridge.cli.target_errors import TargetSyntaxError


@pytest.mark.parametrize(
    ("expression", "steps"),
    [
        ("app", (Name("app"),)),
        ("site.wsgi", (Name("site"), Name("wsgi"))),
        ("create_app()", (Name("create_app"), Call())),
        ("create_app('dev', debug=True)", (Name("create_app"), Call(("dev",), (("debug", True),)))),
        ("make({'a': [1, -2.5, None]}).app", (Name("make"), Call(({"a": [1, -2.5, None]},)), Name("app"))),
        (" app ", (Name("app"),)),
    ],
)
def test_expression_becomes_steps(expression: str, steps: tuple[object, ...]) -> None:
    assert parse_expression(expression, f"shop:{expression}") == steps


@pytest.mark.parametrize(
    ("expression", "problem"),
    [
        ("create_app(", "'(' was never closed"),
        ("", "invalid syntax"),
        ("a b", "invalid syntax"),
        ("apps['shop']", "only names, attributes and calls can be written here"),
        ("1 + 1", "only names, attributes and calls can be written here"),
        ("create_app(config)", "the arguments of a call must be literals, such as 'dev', 1 or debug=True"),
        ("create_app(*[1])", "the arguments of a call must be literals, such as 'dev', 1 or debug=True"),
        (
            "create_app(**{'a': b})",
            "the arguments of a call must be literals, such as 'dev', 1 or debug=True",
        ),
        ("f(1)(x)", "the arguments of a call must be literals, such as 'dev', 1 or debug=True"),
    ],
)
def test_expression_that_is_more_than_that_is_refused_and_not_run(expression: str, problem: str) -> None:
    with pytest.raises(TargetSyntaxError) as caught:
        parse_expression(expression, "shop:...")
    assert caught.value.summary == f"cannot read {expression!r} in the target 'shop:...': {problem}."
    assert caught.value.advice[0] == "A target is one of"


def test_two_stars_are_refused_even_around_a_literal() -> None:
    with pytest.raises(TargetSyntaxError, match="literals"):
        parse_expression("create_app(**{'debug': True})", "shop")


@given(st.text(max_size=40))
def test_any_text_gives_steps_or_the_error(expression: str) -> None:
    try:
        steps = parse_expression(expression, "shop")
    except TargetSyntaxError:
        return
    assert isinstance(steps[0], Name)
