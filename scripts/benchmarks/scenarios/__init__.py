"""All scenarios, in the order of the issue's table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scripts.benchmarks.scenarios.analysis import ANALYSIS
from scripts.benchmarks.scenarios.answers import DJANGO, FLASK, HELLO_WORLD
from scripts.benchmarks.scenarios.bodies import FILE, UPLOAD
from scripts.benchmarks.scenarios.calling import CALLING, DATABASE, REQUESTS
from scripts.benchmarks.scenarios.changes import CHANGES
from scripts.benchmarks.scenarios.imports import IMPORTS
from scripts.benchmarks.scenarios.migration import MIGRATION, RULES, SHADOW
from scripts.benchmarks.scenarios.streams import BEATS, STREAM
from scripts.benchmarks.scenarios.talking import MESSAGES, SOCKS
from scripts.benchmarks.scenarios.waiting import BESIDE, GREENLETS, WAITING

if TYPE_CHECKING:
    from scripts.benchmarks.scenarios.base import Scenario

__all__ = ["SCENARIOS"]

SCENARIOS: dict[str, Scenario] = {
    scenario.name: scenario
    for scenario in (
        HELLO_WORLD,
        FLASK,
        DJANGO,
        STREAM,
        BEATS,
        UPLOAD,
        FILE,
        WAITING,
        GREENLETS,
        BESIDE,
        SOCKS,
        MESSAGES,
        CALLING,
        REQUESTS,
        DATABASE,
        IMPORTS,
        MIGRATION,
        RULES,
        SHADOW,
        CHANGES,
        ANALYSIS,
    )
}
