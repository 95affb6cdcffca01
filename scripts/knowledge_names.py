"""Compares every name with its library, in an environment that has them all; `scripts/check_knowledge` runs it."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # run as a script it has scripts/ there

from bridge.analysis.knowledge import load_knowledge
from tests.analysis.knowledge.resolving import importable, names_of, resolve


def main() -> int:
    """Print what is wrong and a summary; return 1 if a name is wrong or its library is missing."""
    counted: Counter[str] = Counter()
    for each in names_of(load_knowledge().store()):
        if each.unverified:
            counted["unverified"] += 1
        elif not importable(each.name):
            counted["not installed"] += 1
            print(
                f"{each.name} ({each.row}): its library is not installed here; add it to the group, or say why not"
            )
        else:
            counted[_checked(each.name, each.row)] += 1
    print(", ".join(f"{count} {what}" for what, count in counted.items()))
    return int(bool(counted["wrong"] or counted["not installed"]))


def _checked(name: str, row: str) -> str:
    try:
        resolve(name)
    except Exception as error:  # an import may raise anything
        print(f"{name} ({row}): {type(error).__name__}: {error}")
        return "wrong"
    return "right"


if __name__ == "__main__":
    sys.exit(main())
