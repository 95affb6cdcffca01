"""Why a route has its verdict, in sentences that need no knowledge of this tool."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from bridge.analysis.model import Category, Finding, Verdict
from bridge.analysis.requirements import normalised
from bridge.analysis.spoken import spoken

__all__ = ["accepted_reason", "reasons_for"]

MOST = 3  # names in a sentence; the findings themselves list all

WORDS = {
    Category.NETWORK: "waits for the network",
    Category.DATABASE: "waits for the database",
    Category.ORM_LAZY: "loads from the database where no call shows it",
    Category.FILE: "waits for files",
    Category.SLEEP: "sleeps",
    Category.LOCK: "waits for other threads",
    Category.SUBPROCESS: "starts or waits for processes",
    Category.CPU: "computes",
    Category.THREAD_LOCAL: "keeps state that belongs to its thread",
    Category.PROCESS_STATE: "changes state of the whole process",
}

MEANINGS = {
    Verdict.READY: "nothing that it calls blocks",
    Verdict.OFFLOAD: "what it waits for is inside C, costly to replace, or replaced by threads: a thread serves it as well as it is",
    Verdict.GREENLET: "all of its waits are cooperative: it may run in the greenlet lane as it is",
    Verdict.KEEP_SYNC: "it computes and hardly waits: async would gain nothing",
    Verdict.REWRITE: "every blocking call has an async replacement",
    Verdict.REDESIGN: "what is bound to a thread, or has no replacement, must change before it can be async",
}


def reasons_for(
    verdict: Verdict,
    findings: Sequence[Finding],
    *,
    waits: Sequence[Finding],
    bound: Sequence[Finding],
    resolved: float,
) -> tuple[str, ...]:
    """Return the meaning of the verdict first, then what blocks by kind, what is bound, and what replaces it."""
    return (
        MEANINGS[verdict],
        *_by_kind(waits),
        *dict.fromkeys(f"{spoken(each.sink)}: {each.message}" for each in bound[:MOST]),
        *_loops(waits),
        *_replacements(findings),
        *_doubts(resolved),
    )


def accepted_reason(accepted: Iterable[Finding]) -> Iterator[str]:
    """Yield what blocks and is no finding, because a comment says so."""
    sinks = [each.sink for each in accepted]
    if sinks:
        yield f"accepted by # noqa, and counted here all the same: {_list(sinks)}"


def _by_kind(waits: Sequence[Finding]) -> Iterator[str]:
    for category, words in WORDS.items():
        sinks = [each.sink for each in waits if each.category is category]
        if sinks:
            yield f"{words}: {_list(sinks)}"


def _loops(waits: Sequence[Finding]) -> Iterator[str]:
    sinks = [each.sink for each in waits if each.in_loop]
    if sinks:
        yield f"once for each round of a loop: {_list(sinks)}"


def _replacements(findings: Sequence[Finding]) -> Iterator[str]:
    own: dict[str, list[str]] = {}
    pairs: dict[tuple[str, str], None] = {}
    for each in findings:
        new = each.replacement
        if new is None or each.category is None:
            continue
        old = _library(each.sink)
        if _is_same(old, new.package):
            own.setdefault(old, []).extend([new.call] if new.call else [])
        elif new.package or new.call:
            pairs[old, new.package or new.call] = None
    yield from [f"{old}: {name} takes its place" for old, name in pairs][:MOST]
    yield from [
        f"{old} has what takes their place itself: {_list(calls)}" for old, calls in own.items() if calls
    ]


def _is_same(library: str, package: str) -> bool:
    return normalised(package.partition("[")[0]) == normalised(library)


def _doubts(resolved: float) -> Iterator[str]:
    if resolved < 1:
        yield f"{resolved:.0%} of its calls are understood"


def _library(sink: str) -> str:
    return sink.removeprefix("builtins.").partition(".")[0]


def _list(sinks: Iterable[str]) -> str:
    names = list(dict.fromkeys(spoken(each) for each in sinks))
    more = len(names) - MOST
    return ", ".join(names[:MOST]) + (f" and {more} more" if more > 0 else "")
