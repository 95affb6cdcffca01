"""Recorded requests, asked of two targets, and what differs. Clients keep their order and their cookies."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from urllib.parse import unquote

from bridge.incremental.compare import Answer, NoiseBook, Outcome, Verdict, compare, field_key, verdict_of
from bridge.incremental.redaction import Redaction
from bridge.incremental.rules import Rule
from bridge.incremental.shadow import SAFE_METHODS
from bridge.incremental.store.base import FieldValues
from bridge.incremental.table import RuleTable
from bridge.incremental.traffic.requests import RecordedRequest
from bridge.incremental.traffic.targets import Target

__all__ = ["CookieJar", "Replay", "ReplayOptions", "Replayed", "route_of", "rule_of"]

_NUMBER = re.compile(r"[0-9]+")
_UUID = re.compile(r"[0-9A-Fa-f]{8}-?(?:[0-9A-Fa-f]{4}-?){3}[0-9A-Fa-f]{12}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayOptions:
    """How requests are replayed. `noise`: the first target is asked twice, to learn what differs by itself.
    `parallel`: clients at one time. `headers` are added to every request, in place of its own of that name. `table`: rules to group by, and whose
    ignored headers, fields and `compare` functions hold here, too. `secrets`: names of fields that are not shown, beside the usual ones.
    """

    parallel: int = 1
    timeout: float = 30.0
    noise: bool = True
    headers: tuple[tuple[str, str], ...] = ()
    ignore_headers: tuple[str, ...] = ()
    ignore_fields: tuple[str, ...] = ()
    table: RuleTable | None = None
    secrets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Replayed:
    """One request, both answers, and the fields that differ beyond noise, without their secrets.

    `target`: the request's, to be shown.
    """

    request: RecordedRequest
    target: str
    route: str
    legacy: Answer
    modern: Answer
    outcome: Outcome
    fields: tuple[FieldValues, ...]


class CookieJar:
    """What one client has been told to keep by one target. There is one site, so domain and path are not asked."""

    def __init__(self) -> None:
        self._cookies: dict[str, str | None] = {}  # None: taken back

    def header(self, sent: str) -> str:
        """Return the Cookie header: what the client sent once, and above it what it has been told since."""
        pairs = (pair.partition("=") for pair in sent.split(";") if "=" in pair)
        cookies = {**{name.strip(): value.strip() for name, _, value in pairs}, **self._cookies}
        return "; ".join(f"{name}={value}" for name, value in cookies.items() if value is not None)

    def update(self, answer: Answer) -> None:
        """Keep the cookies of an answer; one with `Max-Age=0` is taken back (RFC 6265 section 5.2.2)."""
        for name, value in answer.headers:
            if name == b"set-cookie":
                pair, *attributes = value.decode("latin-1").split(";")
                key, _, content = pair.partition("=")
                gone = any(each.strip().lower() == "max-age=0" for each in attributes)
                self._cookies[key.strip()] = None if gone else content.strip()


def rule_of(request: RecordedRequest, table: RuleTable | None) -> Rule | None:
    """Return the rule that is for a request; None where it is only the default."""
    rule = None if table is None else table.find(request.method, unquote(request.path))
    return None if rule is None or table is None or rule is table.default else rule


def route_of(request: RecordedRequest, table: RuleTable | None) -> str:
    """Return what requests are grouped by: the rule, or else the path with its numbers left out."""
    rule = rule_of(request, table)
    if rule is not None:
        return rule.name
    steps = request.path.split("/")
    shape = ("<int>" if _NUMBER.fullmatch(s) else "<uuid>" if _UUID.fullmatch(s) else s for s in steps)
    return f"{request.method} {unquote('/'.join(shape))}"


@dataclass(slots=True)
class _Client:
    """One client's requests, and its cookies with each target."""

    requests: list[RecordedRequest] = field(default_factory=list)
    jars: tuple[CookieJar, CookieJar] = field(default_factory=lambda: (CookieJar(), CookieJar()))


class Replay:
    """Replays requests; `results` grow as they come, in no particular order between clients."""

    def __init__(self, legacy: Target, modern: Target, options: ReplayOptions) -> None:
        self.results: list[Replayed] = []
        self._targets = (legacy, modern)
        self._options = options
        self._redaction = Redaction(options.secrets)
        self._books: dict[str, NoiseBook] = {}
        self._counters: dict[str, dict[str, int]] = {}

    async def run(self, requests: Sequence[RecordedRequest], progress: Callable[[str], object] = str) -> None:
        """Ask both targets every request; `progress` is told how far it is.

        Raises `LifespanFailed` when an application does not start, `ComparisonFailed` when a `compare` function does.
        """
        clients: dict[str, _Client] = {}
        for request in requests:
            clients.setdefault(request.session, _Client()).requests.append(request)
        waiting = list(reversed(clients.values()))
        opened: list[Target] = []
        try:
            for target in dict.fromkeys(self._targets):
                await target.open()
                opened.append(target)
            await asyncio.gather(
                *(
                    self._work(waiting, lambda: progress(f"replayed {len(self.results)} of {len(requests)}"))
                    for _ in range(self._options.parallel)
                )
            )
        finally:
            for target in reversed(opened):
                await target.close()

    async def _work(self, waiting: list[_Client], tell: Callable[[], object]) -> None:
        while waiting:
            client = waiting.pop()
            for request in client.requests:
                await self._ask_both(request, client)
                tell()

    async def _ask_both(self, request: RecordedRequest, client: _Client) -> None:
        legacy, modern = [await self._ask(side, request, client.jars[side]) for side in (0, 1)]
        again = None
        if self._options.noise and request.method in SAFE_METHODS:
            # As the same client, who is logged in by now; what this answer sets is not kept.
            again = await self._send(0, request, client.jars[0])
        self._judge(request, legacy, modern, again)

    async def _ask(self, side: int, request: RecordedRequest, jar: CookieJar) -> Answer:
        answer = await self._send(side, request, jar)
        jar.update(answer)
        return answer

    async def _send(self, side: int, request: RecordedRequest, jar: CookieJar) -> Answer:
        headers = self._headers(request, jar)
        return await self._targets[side].ask(request, headers, self._options.timeout)

    def _headers(self, request: RecordedRequest, jar: CookieJar) -> Iterable[tuple[str, str]]:
        replaced = {name.lower() for name, _ in self._options.headers} | {"cookie", "content-length"}
        own = [(name.lower(), value) for name, value in request.headers]
        headers = [(name, value) for name, value in own if name not in replaced]
        headers += [(name.lower(), value) for name, value in self._options.headers]
        if not any(name == "host" for name, _ in headers):
            headers.append(("host", "localhost"))
        sent = "; ".join(value for name, value in [*own, *headers] if name == "cookie")
        headers = [(name, value) for name, value in headers if name != "cookie"]
        cookie = jar.header(sent)
        if cookie:
            headers.append(("cookie", cookie))
        if request.body or request.method in {"POST", "PUT", "PATCH"}:
            headers.append(("content-length", str(len(request.body))))
        return headers

    def _judge(self, request: RecordedRequest, legacy: Answer, modern: Answer, again: Answer | None) -> None:
        compared = self._comparison(request)
        found = compared(legacy, modern)
        own = None if again is None else [field_key(each.field) for each in compared(legacy, again)]
        route = route_of(request, self._options.table)
        book = self._books.setdefault(route, NoiseBook())
        outcome, increments = book.judge([field_key(each.field) for each in found], own)
        counters = self._counters.setdefault(route, {})
        for name, number in increments.items():
            counters[name] = counters.get(name, 0) + number
        fields = tuple(
            self._redaction.field(each) for each in found if field_key(each.field) not in (own or ())
        )
        path, _, query = request.target.partition("?")
        target = self._redaction.target(path, query.encode("utf-8", "surrogateescape"))
        self.results.append(Replayed(request, target, route, legacy, modern, outcome, fields))

    def _comparison(self, request: RecordedRequest) -> Callable[[Answer, Answer], tuple[FieldValues, ...]]:
        """Return how two answers are compared: as the rule for the request says, and as was asked for."""
        options, rule = self._options, rule_of(request, self._options.table)
        return partial(
            compare,
            ignore_headers=options.ignore_headers + (rule.ignore_headers if rule else ()),
            ignore_fields=options.ignore_fields + (rule.ignore_fields if rule else ()),
            by=rule.compare if rule else None,
        )

    def verdicts(self) -> dict[str, Verdict]:
        """Return the verdict on each route, in the order in which they were first seen."""
        return {route: verdict_of(counters) for route, counters in self._counters.items()}

    @property
    def different(self) -> list[Replayed]:
        """Return the requests whose answers differ."""
        return [each for each in self.results if each.outcome is Outcome.DIFFERENT]
