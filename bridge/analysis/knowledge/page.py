"""The knowledge base as tables for `migration_guide/knowledge.md`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from bridge.analysis.knowledge.base import Knowledge, load_knowledge
from bridge.analysis.knowledge.rows import Call, Cooperative, Package

__all__ = ["counts_table", "packages_table"]

SHOWN = {  # kind -> heading, in the order of the page
    "framework": "Frameworks",
    "flask-extension": "Flask extensions",
    "django-app": "Django apps",
    "driver": "Databases, caches, queues: drivers",
    "library": "Libraries",
    "server": "Servers",
    "tool": "Tools",
}


def counts_table() -> str:
    """Return how many rows there are, by category and by what becomes of them in the greenlet lane."""
    knowledge = load_knowledge()
    calls = knowledge.calls()
    lines = [
        f"\n{len(knowledge.packages())} packages, {len(calls)} rows about blocking calls (a pattern counts as one).\n",
        "| category | rows | waits cooperatively | sent to a thread | as its driver |",
        "| --- | ---: | ---: | ---: | ---: |",
        *_count_rows(calls),
    ]
    return "\n".join([*lines, "", ""])


def _count_rows(calls: tuple[Call, ...]) -> Iterator[str]:
    counted = Counter((call.category, call.cooperative) for call in calls)
    for category in dict.fromkeys(sorted((call.category for call in calls), key=lambda each: each.value)):
        numbers = [counted[category, each] for each in (Cooperative.YES, Cooperative.NO, Cooperative.DRIVER)]
        yield f"| {category.value} | {sum(numbers)} | {' | '.join(map(str, numbers))} |"


def packages_table() -> str:
    """Return a heading and a table of packages for every kind."""
    knowledge = load_knowledge()
    return "".join(f"\n### {heading}\n\n{_packages(knowledge, kind)}" for kind, heading in SHOWN.items())


def _packages(knowledge: Knowledge, kind: str) -> str:
    rows = [_row(package) for package in knowledge.packages() if package.kind == kind]
    head = ["| package | status | instead | effort | note |", "| --- | --- | --- | ---: | --- |"]
    return "\n".join([*head, *rows, ""])


def _row(package: Package) -> str:
    since = f" ({package.since})" if package.since else ""
    note = package.note.replace("|", "\\|")
    return (
        f"| [{package.name}]({package.evidence}) | {package.status.value} | {package.replacement}{since} "
        f"| {package.effort or ''} | {note} |"
    )
