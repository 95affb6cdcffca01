"""Two answers to one request, and what differs: pure functions, after Twitter's Diffy.

answers       what is known of one answer
comparison    status, headers and body of two answers -> the fields that differ
own           a function of the user's instead
ignoring      fields that are not compared
headers json_tree html_tree text    how each part is taken apart
noise         which fields differ by themselves
verdict       what the counts say of a route
"""

from __future__ import annotations

from bridge.incremental.compare.answers import Answer
from bridge.incremental.compare.comparison import compare, field_key
from bridge.incremental.compare.ignoring import is_ignored, parse_field
from bridge.incremental.compare.noise import NoiseBook, Outcome
from bridge.incremental.compare.own import ComparedAnswer
from bridge.incremental.compare.verdict import Verdict, verdict_of

__all__ = [
    "Answer",
    "ComparedAnswer",
    "NoiseBook",
    "Outcome",
    "Verdict",
    "compare",
    "field_key",
    "is_ignored",
    "parse_field",
    "verdict_of",
]
