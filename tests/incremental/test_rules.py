"""Modes and options as they are written, in text and in tables."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from bridge.incremental.errors import InvalidSetting
from bridge.incremental.rules import GuardBounds, Mode, Setting, Sticky, parse_rule, parse_setting


@pytest.mark.parametrize("mode", [mode for mode in Mode if mode is not Mode.CANARY])
def test_a_mode_is_written_as_its_name(mode: Mode) -> None:
    assert parse_setting(f" {str(mode).upper()} ") == Setting(mode)


@given(st.integers(0, 1_000_000).map(lambda number: number / 10_000))
def test_a_canary_is_read_as_it_is_written(percent: float) -> None:
    setting = Setting(Mode.CANARY, percent)
    assert abs(parse_setting(str(setting)).percent - percent) <= 1e-4 * max(percent, 1)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("canary", "canary:N"),
        ("canary:101", "from 0 to 100"),
        ("canary:-1", "from 0 to 100"),
        ("canary:nan", "from 0 to 100"),
        ("shado", "did you mean shadow"),
        ("modern:5", "legacy, modern, shadow"),
        (5, "legacy, modern, shadow"),
    ],
)
def test_what_is_no_setting_is_told_with_its_route(text: object, expected: str) -> None:
    with pytest.raises(InvalidSetting, match=expected) as caught:
        parse_rule("GET /x", text)
    assert caught.value.route == "GET /x"


def test_a_table_of_options_becomes_a_rule() -> None:
    rule = parse_rule(
        "GET /x",
        {
            "mode": "canary",
            "percent": 2.5,
            "sticky": "header:X-User",
            "sample": 0.1,
            "unsafe": True,
            "ignore_headers": ["ETag"],
            "ignore_fields": "$.id, $.at",
            "guard": {"error_rate": 0.1, "min_requests": 20},
        },
    )
    assert rule.setting == Setting(Mode.CANARY, 2.5)
    assert rule.sticky == Sticky("header", "x-user")
    assert (rule.ignore_headers, rule.ignore_fields) == (("etag",), ("$.id", "$.at"))
    assert rule.guard == GuardBounds(error_rate=0.1, min_requests=20)
    assert parse_rule(None, {"guard": True}).guard == GuardBounds()


@pytest.mark.parametrize(
    "options",
    [
        {"mode": "shadow", "percent": 5},
        {"mod": "shadow"},
        {"sample": 2},
        {"sample": True},
        {"timeout": 0},
        {"unsafe": "yes"},
        {"sticky": "cookie"},
        {"sticky": "client:x"},
        {"sticky": "moon:x"},
        {"ignore_headers": 5},
        {"guard": 5},
        {"guard": {"p96": 1}},
        {"guard": {"error_rate": 2}},
    ],
    ids=str,
)
def test_an_option_that_makes_no_sense_is_refused(options: dict[str, object]) -> None:
    with pytest.raises(InvalidSetting):
        parse_rule("GET /x", options)
