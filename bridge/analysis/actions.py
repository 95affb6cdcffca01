"""What to do about a finding, in a line of the plan: the call that takes its place, or in words where none does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from bridge.analysis.model import Category, Finding
from bridge.analysis.spoken import spoken

__all__ = ["actions"]

TO_A_THREAD = "no async replacement is known, hand it to a thread: asyncio.to_thread"
TO_A_PROCESS = "hand it to a thread or a process: run_in_executor"
CARRY_ALONG = "keep it in a contextvars.ContextVar"
AS_ARGUMENT = "pass it on as an argument instead of changing the process"

# By rule, where what to do is no call: as its page says under "Use instead".
WORDS: Mapping[str, str] = MappingProxyType(
    {
        "WB106": "ask in a form of the page, not on the console",
        "WB215": "ask once before the loop, for all rounds",
        "WB232": "answer at once, and let the client ask for the result",
        "WB405": "use a simpler pattern, or limit the text",
        "WB501": CARRY_ALONG,
        "WB502": CARRY_ALONG,
        "WB503": "open a session for each request, with async_sessionmaker",
        "WB504": "set it where it is used, or keep it in a contextvars.ContextVar",
        "WB505": "keep it in an asynchronous pool, not in the thread",
        "WB510": CARRY_ALONG,
        "WB520": AS_ARGUMENT,
        "WB521": AS_ARGUMENT,
        "WB522": AS_ARGUMENT,
        "WB523": "register it at start-up, in the server's event loop: loop.add_signal_handler",
        "WB524": AS_ARGUMENT,
        "WB531": "start a task, not a thread for each request: asyncio.create_task or asyncio.to_thread",
        "WB532": "make the view async def and await the coroutine",
        "WB601": "write it as asynchronous middleware, or for both kinds",
        "WB602": "take ASGI middleware that does the same",
        "WB610": "load it before the template is rendered",
        "WB611": "load it before it is serialized: select_related or prefetch_related",
        "WB620": "open the transaction in the views that need it",
        "WB621": "keep it in one synchronous function, and hand that to a thread: sync_to_async",
        "WB630": "write it as an asynchronous generator",
        "WB631": "use what every server has, not a key of this one",
    }
)


def actions(findings: Iterable[Finding]) -> tuple[str, ...]:
    """Return what to do about `findings` of one function, in the order of its lines, each once."""
    return tuple(dict.fromkeys(_action(each) for each in sorted(findings, key=lambda each: each.line)))


def _action(finding: Finding) -> str:
    place = f"{finding.file}:{finding.line}"
    new = finding.replacement
    instead = (new.call or new.package) if new else ""
    if instead:
        return f"{place}: {spoken(finding.sink)} -> {spoken(instead)}"
    # What is a function or class itself (middleware) is named above its actions.
    what = "" if finding.sink == finding.symbol else f"{spoken(finding.sink)}: "
    return f"{place}: {what}{_words(finding)} ({finding.rule})"


def _words(finding: Finding) -> str:
    if finding.rule in WORDS:
        return WORDS[finding.rule]
    if finding.category is None:
        return f"see wsgi-bridge explain {finding.rule}"
    return TO_A_PROCESS if finding.category is Category.CPU else TO_A_THREAD
