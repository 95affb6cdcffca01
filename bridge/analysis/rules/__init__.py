"""The rules, one file each: `wb<number>_<name>.py`.

base.py            what a rule is, and what it may look at
claiming.py        which rule a blocking call belongs to
documentation.py   a rule's docstring as text, as a page
request_code.py    what rules by project ask of the code that runs on requests

    WB1  waiting             WB4  computing             WB7  blocking the event loop
    WB2  network, database   WB5  bound to a thread     WB9  the analysis itself
    WB3  files               WB6  the framework
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from bridge.analysis.rules.base import Inspection, Obstacle, Rule

__all__ = ["FAMILIES", "Inspection", "Obstacle", "Rule", "module_of", "rules"]

FAMILIES: Mapping[str, str] = MappingProxyType(
    {
        "WB1": "Waiting",
        "WB2": "Network and databases",
        "WB3": "Files",
        "WB4": "Computing",
        "WB5": "Bound to a thread or shared by all",
        "WB6": "The framework",
        "WB7": "Async code that blocks its event loop",
        "WB9": "The analysis itself",
    }
)


@cache
def rules() -> Mapping[str, Rule]:
    """Return every rule by its code, in the order of the codes."""
    found = [importlib.import_module(f"{__name__}.{name}").RULE for name in _module_names()]
    return MappingProxyType({rule.code: rule for rule in found})


def _module_names() -> list[str]:
    return sorted(each.name for each in pkgutil.iter_modules(__path__) if each.name.startswith("wb"))


def module_of(rule: Rule) -> str:
    """Return the dotted name of the module that a rule stands in."""
    return f"{__name__}.{rule.code.lower()}_{rule.name.replace('-', '_')}"
