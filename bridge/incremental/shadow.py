"""Both applications are asked, one of them answers, and the two answers are compared afterwards.

    client        first application           second application           ledger's thread
    receive() --> body ------ tee, spool
    send() <----- answer ---- copied
                  returns --> a task: the spool, answer copied
                                            (first once more: noise)
                                                          `--------------> compare, count, keep

The second call begins when the client has its answer whole. It has a time limit, a limit of body and of
answer, and there are only so many at a time; beyond them the request is not compared, and counted as
skipped. Whatever it does, nobody waits for it and nothing of it gets out.
"""

from __future__ import annotations

import asyncio
import contextvars
import logging
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from bridge.incremental.applications import Pair
from bridge.incremental.calling import CANCEL_GRACE, answer_within
from bridge.incremental.compare import Answer, NoiseBook, Outcome, compare, field_key
from bridge.incremental.errors import ComparisonFailed
from bridge.incremental.ledger import Ledger
from bridge.incremental.pressure import Pressure
from bridge.incremental.receiving import ReplayReceive, TeeReceive, announces_body
from bridge.incremental.redaction import Redaction
from bridge.incremental.rules import Rule
from bridge.incremental.sideline import Sideline
from bridge.incremental.spool import BodySpool
from bridge.incremental.store.base import Difference, FieldValues, storable
from bridge.incremental.watching import Capture
from bridge.protocol.asgi_types import AsgiApp, Receive, Scope, Send

__all__ = ["SAFE_METHODS", "Comparer", "ShadowLimits", "Shadows", "Sides", "sides_of"]

logger = logging.getLogger("bridge.incremental")

# RFC 9110 section 9.2.1; TRACE echoes and CONNECT is none of ours.
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "QUERY", "PROPFIND", "REPORT", "SEARCH"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ShadowLimits:
    """What second calls may take. `concurrency`: calls at one time in a worker; `copies`: first answers that are
    copied at one time. Bytes: `memory` of a request's body held, the rest in a file; `request_body` at most;
    `response_body` at most that is compared by its content, larger ones are by digest; `flood` at most that a
    second answer may have.
    """

    concurrency: int = 8
    copies: int = 256
    memory: int = 256 * 1024
    request_body: int = 32 * 1024 * 1024
    response_body: int = 1024 * 1024
    flood: int = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Sides:
    """Which application answers and which is asked too; `again` is asked for noise, always legacy."""

    first: AsgiApp
    second: AsgiApp
    again: AsgiApp
    first_is_legacy: bool

    @property
    def second_name(self) -> str:
        """Return the second one's name in the counters."""
        return "modern" if self.first_is_legacy else "legacy"


def sides_of(applications: Pair) -> Mapping[str, Sides]:
    """Return who is asked first and who second, by the name of the one that answers."""
    legacy, modern, apart = applications.legacy, applications.modern, applications.legacy_apart
    return {
        "legacy": Sides(legacy, modern, apart, first_is_legacy=True),
        "modern": Sides(modern, apart, apart, first_is_legacy=False),
    }


class Shadows:
    """The second calls of one worker."""

    def __init__(self, ledger: Ledger, comparer: Callable[[], Comparer], limits: ShadowLimits) -> None:
        self.limits = limits
        self._ledger = ledger
        self._comparer = comparer
        self._tasks: set[asyncio.Task[None]] = set()
        self._sideline = Sideline()
        self._copied = 0  # requests whose answer is being copied now
        self._pressure = Pressure()

    async def run(self, rule: Rule, sides: Sides, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request by the first application, and ask the second one afterwards."""
        if not self._wanted(rule, scope):
            await sides.first(scope, receive, send)
            return
        limits = self.limits
        spool = BodySpool(memory=limits.memory, limit=limits.request_body)
        tee = TeeReceive(receive, spool, careful=False)
        capture = Capture(send, scope["method"], limit=limits.response_body)
        # Both as they are now: the first application changes its scope and the context while it runs.
        context, second_scope = contextvars.copy_context(), _second_scope(scope, sides.second_name)
        handed_on = False
        self._copied += 1
        try:
            await sides.first(scope, tee, capture)
            if self._usable(rule, scope, spool, capture):
                ready_at = self._pressure.clock()
                call = self._ask(rule, sides, second_scope, spool, capture.answer(), ready_at)
                self._keep(context.run(asyncio.get_running_loop().create_task, call))
                handed_on = True
        finally:
            self._copied -= 1
            if not handed_on:
                await spool.close()

    def _wanted(self, rule: Rule, scope: Scope) -> bool:
        """Decide before the request is answered; one that is not compared costs next to nothing."""
        if scope["method"] not in SAFE_METHODS and not rule.unsafe:
            self._ledger.count(rule.name, "skipped.unsafe")
        elif rule.sample < 1 and random.random() >= rule.sample:  # noqa: S311 - a sample, no secret
            self._ledger.count(rule.name, "skipped.sample")
        elif self._is_busy() or self._copied >= self.limits.copies:
            self._ledger.count(rule.name, "skipped.busy")
        else:
            return True
        return False

    def _is_busy(self) -> bool:
        return len(self._tasks) >= self.limits.concurrency or self._pressure.is_high()

    def _usable(self, rule: Rule, scope: Scope, spool: BodySpool, first: Capture) -> bool:
        """Tell whether the second application can be asked the same question."""
        if not first.complete:
            reason = "client-left"
        elif spool.broken:
            reason = "large-body"
        elif not spool.ended and (spool.size or announces_body(scope)):
            reason = "unread-body"  # the first application has answered without it
        elif self._is_busy():
            reason = "busy"
        else:
            return True
        self._ledger.count(rule.name, f"skipped.{reason}")
        return False

    def _keep(self, task: asyncio.Task[None]) -> None:
        self._tasks.add(task)  # the loop itself keeps only weak references
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Cancel what still runs."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=CANCEL_GRACE)
        await asyncio.to_thread(self._sideline.close)

    # ------------------------------------------------------------ the second call

    async def _ask(  # noqa: PLR0917 - what is known of one request
        self, rule: Rule, sides: Sides, scope: Scope, spool: BodySpool, first: Answer, ready_at: float
    ) -> None:
        try:
            if self._pressure.was_late(ready_at):
                self._ledger.count(rule.name, "skipped.busy")
                return
            second = await self._call(sides.second, rule, dict(scope), spool)
            failed = bool(second.error) or (second.status or 0) >= 500
            self._ledger.note(rule.name, sides.second_name, rule.mode, failed=failed, seconds=second.seconds)
            again = None
            if random.random() < rule.noise and scope["method"] in SAFE_METHODS:  # noqa: S311 - as above
                again = await self._call(sides.again, rule, dict(scope), spool)
            self._hand_over(rule, sides, scope, (first, second, again))
        except asyncio.CancelledError:
            raise
        # Raised in a task, SystemExit and KeyboardInterrupt would end the server's loop.
        except BaseException:
            logger.exception("%s: the comparison failed", rule.name)
        finally:
            await spool.close()

    def _hand_over(
        self, rule: Rule, sides: Sides, scope: Scope, answers: tuple[Answer, Answer, Answer | None]
    ) -> None:
        first, second, again = answers
        legacy, modern = (first, second) if sides.first_is_legacy else (second, first)
        comparer = self._comparer()
        size = sum(len(each.body or b"") for each in answers if each is not None)
        if rule.compare is None:
            taken = self._ledger.submit(lambda: comparer.compare(rule, scope, legacy, modern, again), size)
        else:
            taken = self._sideline.submit(
                lambda: comparer.compare_aside(rule, scope, legacy, modern, again), size
            )
        if not taken:
            self._ledger.count(rule.name, "skipped.busy")

    async def _call(self, app: AsgiApp, rule: Rule, scope: Scope, spool: BodySpool) -> Answer:
        """Return an application's answer to the spooled request."""
        receive = ReplayReceive(spool)
        capture = Capture(None, scope["method"], limit=self.limits.response_body, flood=self.limits.flood)
        try:
            return await answer_within(app, scope, receive, capture, rule.timeout)
        finally:
            receive.end()


def _compared(
    rule: Rule, legacy: Answer, modern: Answer, again: Answer | None
) -> tuple[tuple[FieldValues, ...], list[str] | None]:
    """Return the fields in which the two differ, and those in which legacy differs from itself; None: not asked twice."""
    compared = partial(
        compare, legacy, ignore_headers=rule.ignore_headers, ignore_fields=rule.ignore_fields, by=rule.compare
    )
    found = compared(modern)
    return found, None if again is None else [field_key(each.field) for each in compared(again)]


def _second_scope(scope: Scope, name: str) -> Scope:
    """Return a scope for the second call: no extensions, which would act on the client's connection."""
    second = dict(scope, extensions={}, headers=list(scope["headers"]))
    if "state" in scope:
        second["state"] = dict(scope["state"])
    second["bridge.shadow"] = name  # for an application that wants to know
    return second


class Comparer:
    """Compares answers and counts what comes of it; works in the ledger's thread.

    But for what a function of the user's computes: that is done in the sideline's, and handed in.
    """

    def __init__(self, ledger: Ledger, redaction: Redaction) -> None:
        self._ledger = ledger
        self._redaction = redaction
        self._books: dict[str, NoiseBook] = {}
        self._complained: set[str] = set()  # of which routes it is in the log that their function fails

    def forget(self) -> None:
        """Learn anew: a route was changed, or its counts were dropped."""
        self._books = {}
        self._complained = set()

    def compare(self, rule: Rule, scope: Scope, legacy: Answer, modern: Answer, again: Answer | None) -> None:
        """Compare the two answers, and legacy's two, if it was asked twice."""
        self._judge(rule, scope, *_compared(rule, legacy, modern, again))

    def compare_aside(
        self, rule: Rule, scope: Scope, legacy: Answer, modern: Answer, again: Answer | None
    ) -> None:
        """Compare by the rule's function, which may take its time, and raise: then the request is skipped."""
        try:
            found, noise = _compared(rule, legacy, modern, again)
        except ComparisonFailed as error:
            self._ledger.count(rule.name, "skipped.compare-failed")
            if rule.name not in self._complained:  # not for every request: the count tells how often
                self._complained.add(rule.name)
                logger.error(  # noqa: TRY400 - the traceback of what it has raised, not of our telling
                    "%s is not compared: %s", rule.name, error, exc_info=error.__cause__
                )
        else:
            self._ledger.hand_in(lambda: self._judge(rule, scope, found, noise))

    def _judge(
        self, rule: Rule, scope: Scope, found: tuple[FieldValues, ...], noise: list[str] | None
    ) -> None:
        book = self._book(rule.name)
        outcome, increments = book.judge([field_key(each.field) for each in found], noise)
        for name, number in increments.items():
            self._ledger.count(rule.name, name, number)
        if outcome is Outcome.DIFFERENT:
            self._ledger.keep(self._difference(rule, scope, found))

    def _book(self, route: str) -> NoiseBook:
        """Return a route's book, which goes on from what is in the store."""
        book = self._books.get(route)
        if book is None:
            try:
                counters = self._ledger.store.counters().get(route, {})
            except OSError:  # StoreUnavailable: what is learned begins anew
                counters = {}
            book = self._books[route] = NoiseBook(counters)
        return book

    def _difference(self, rule: Rule, scope: Scope, found: tuple[FieldValues, ...]) -> Difference:
        return Difference(
            route=rule.name,
            at=time.time(),
            method=scope["method"],
            target=storable(self._redaction.target(scope["path"], scope.get("query_string", b""))),
            headers=self._redaction.headers(scope["headers"]),
            fields=tuple(map(self._redaction.field, found)),
        )
