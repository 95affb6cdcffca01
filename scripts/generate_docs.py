"""Writes the parts of the documentation that are derived from code; --check only compares.

A Markdown file asks for a part with a pair of comments, and what stands between them is replaced:

    <!-- generated: cli -->
    ...
    <!-- /generated -->
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PART = re.compile(r"(<!-- generated: (?P<name>\S+) -->\n).*?(<!-- /generated -->)", re.DOTALL)

Generator = Callable[[], str]
GENERATORS: dict[str, Generator] = {}


def documents() -> list[Path]:
    """Return every Markdown file that may hold a generated part."""
    return [ROOT / "README.md", *sorted((ROOT / "migration_guide").rglob("*.md"))]


def with_parts(text: str) -> str:
    """Return the text with every generated part as the code has it now; KeyError for an unknown part."""
    return PART.sub(lambda found: f"{found[1]}{GENERATORS[found['name']]()}{found[3]}", text)


def main(arguments: list[str]) -> int:
    """Return the exit code: 1 if --check found a file that is out of date."""
    stale = []
    for path in documents():
        text = path.read_text("utf-8")
        fresh = with_parts(text)
        if fresh != text:
            stale.append(path.relative_to(ROOT))
            if "--check" not in arguments:
                path.write_text(fresh, "utf-8")
    verb = "out of date, run scripts/docs" if "--check" in arguments else "written"
    for path in stale:
        print(f"{path}: {verb}")
    return int(bool(stale) and "--check" in arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
