"""The whole sequence of requests: crawl as a stranger, log in, crawl, ask again in other ways, submit, crawl again."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from urllib.parse import urljoin, urlsplit

from scripts.compare_servers.crawl import Frontier, Targets, shape_of
from scripts.compare_servers.exchange import HOST, Answer, Request
from scripts.compare_servers.forms import fill, request_for
from scripts.compare_servers.pages import Form, Page, read_page
from scripts.compare_servers.scenario import Extra, Login, Scenario
from scripts.compare_servers.trio import Answers, Requests, Trio
from scripts.compare_servers.variants import ODD_REQUESTS, WRONG_METHODS, variants

__all__ = ["Journey", "Limits", "LoginError"]

HOPS = 5  # redirects followed after a form


class LoginError(Exception):
    """The page with the login has no form with the scenario's fields, or waitress refused them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How far a journey goes; `pages` per crawl, `per_shape` of them alike but for numbers."""

    depth: int = 4
    pages: int = 150
    per_shape: int = 3


class Journey:
    """One walk through an application on three servers."""

    def __init__(self, trio: Trio, scenario: Scenario, limits: Limits) -> None:
        self._trio, self._scenario, self._limits = trio, scenario, limits
        self.visited: dict[str, tuple[Targets, Answers]] = {}
        self.last_crawl: dict[str, tuple[Targets, Answers]] = {}
        self._forms: dict[tuple[str, ...], tuple[Targets, int]] = {}

    def run(self) -> None:
        """Do all of it. Raises LoginError."""
        self._crawl("crawl as a stranger")
        if self._scenario.logins:
            self._forms.clear()  # those of strangers; most of them are the same ones
            for login in self._scenario.logins:
                self._log_in(login)
            self._crawl("crawl logged in")
        self._vary()
        self._submit_forms()
        self._send_extras()
        self._crawl("crawl after the changes")
        self._ask_odd_things()

    # ------------------------------------------------------------ pages

    def _crawl(self, phase: str) -> None:
        self._trio.phase = phase
        self.last_crawl = {}
        frontier = Frontier(
            depth=self._limits.depth,
            limit=self._limits.pages,
            per_shape=self._limits.per_shape,
            skips=self._scenario.skips,
        )
        for target in self._scenario.start:
            frontier.add((target, target, target), 0)
        while (following := frontier.maybe_next()) is not None:
            self._visit(*following, frontier)

    def _visit(self, targets: Targets, depth: int, frontier: Frontier) -> None:
        answers = self._trio.ask_each(Request("GET", target) for target in targets)
        self.visited[targets[0]] = self.last_crawl[targets[0]] = targets, answers
        pages = [_page(answer, target) for answer, target in zip(answers, targets, strict=True)]
        for links in _aligned([page.links for page in pages]):
            frontier.add(links, depth + 1)
        for index, form in enumerate(pages[0].forms):
            if form.action and not self._scenario.skips(form.action):
                self._forms.setdefault(form.shape, (targets, index))

    def _vary(self) -> None:
        self._trio.phase = "HEAD, OPTIONS, conditions, ranges, gzip"
        for targets, answers in list(self.visited.values()):
            own = [list(variants(target, answer)) for target, answer in zip(targets, answers, strict=True)]
            for requests in zip(
                *own, strict=False
            ):  # of unequal length only where headers differ, which is reported
                self._trio.ask_each(requests)

    # ------------------------------------------------------------ forms

    def _log_in(self, login: Login) -> None:
        self._trio.phase = "login"
        page = (login.page, login.page, login.page)
        answers = self._trio.ask(Request("GET", login.page))
        for index, form in enumerate(_page(answers.waitress, login.page).forms):
            if login.fields.keys() <= {field.name for field in form.fields}:
                requests = self._submission(page, answers, index, dict(login.fields), invent=False)
                answered = self._follow(requests, self._trio.ask_each(requests))
                if answered.waitress.status >= 400:
                    raise LoginError(
                        f"{login.page}: waitress answered the login with {answered.waitress.status}"
                    )
                return
        raise LoginError(f"{login.page} has no form with the fields {', '.join(login.fields)}")

    def _submit_forms(self) -> None:
        for targets, index in list(self._forms.values()):
            for invent, chunked in ((False, False), (True, False), (True, True)):
                self._trio.phase = f"forms{', filled in' * invent}{', chunked' * chunked}"
                self._submit(targets, index, invent=invent, chunked=chunked)

    def _submit(self, targets: Targets, index: int, *, invent: bool, chunked: bool) -> None:
        answers = self._trio.ask_each(Request("GET", target) for target in targets)
        forms = [_page(answer, target).forms for answer, target in zip(answers, targets, strict=True)]
        if min(len(each) for each in forms) <= index or (chunked and forms[0][index].method == "get"):
            return  # the page has changed meanwhile, on all servers alike or it has been reported
        requests = self._submission(targets, answers, index, dict(self._scenario.values), invent=invent)
        if chunked:
            requests = _each(replace(request, chunked=True) for request in requests)
        self._follow(requests, self._trio.ask_each(requests))

    def _submission(
        self, targets: Targets, answers: Answers, index: int, values: dict[str, str], *, invent: bool
    ) -> Requests:
        made = []
        for target, answer in zip(targets, answers, strict=True):
            form: Form = _page(answer, target).forms[index]
            made.append(request_for(form, *fill(form, values, invent=invent), page=target))
        return _each(made)

    def _follow(self, requests: Requests, answers: Answers) -> Answers:
        """Go where every server sends its client."""
        for _ in range(HOPS):
            targets = [
                _redirect(answer, request.target) for answer, request in zip(answers, requests, strict=True)
            ]
            if not all(targets):
                break
            requests = _each(Request("GET", target) for target in targets)
            answers = self._trio.ask_each(requests)
        return answers

    # ------------------------------------------------------------ requests that no page leads to

    def _send_extras(self) -> None:
        if not self._scenario.requests:
            return
        self._trio.phase = "the scenario's own requests"
        headers = self._tokens()
        for extra in self._scenario.requests:
            requests = [extra.request.with_headers(*header) for header in headers]
            answers = self._follow(_each(requests), self._trio.ask_each(requests))
            self._follow_pattern(extra, answers)

    def _tokens(self) -> list[tuple[tuple[str, str], ...]]:
        """The header with each server's own token; nothing without a [token]."""
        token = self._scenario.token
        if token is None:
            return [(), (), ()]
        found = [
            re.search(token.pattern, answer.body.decode("latin-1"))
            for answer in self._trio.ask(Request("GET", token.page))
        ]
        return [((token.header, match[1]),) if match else () for match in found]

    def _follow_pattern(self, extra: Extra, answers: Answers) -> None:
        if extra.follow is None:
            return
        found = [re.search(extra.follow, answer.body.decode("latin-1")) for answer in answers]
        if all(found):
            self._trio.ask_each(Request("GET", match[0]) for match in found if match)

    def _ask_odd_things(self) -> None:
        self._trio.phase = "odd requests"
        for request in ODD_REQUESTS:
            self._trio.ask(request)
        self._trio.phase = "methods that a page may refuse"
        one_of_a_kind = {shape_of(name): targets for name, (targets, _) in self.visited.items()}
        for targets in one_of_a_kind.values():
            for method in WRONG_METHODS:
                body = None if method == "PROPFIND" else b""
                self._trio.ask_each(Request(method, target, body=body) for target in targets)


def _each(requests: Iterable[Request]) -> Requests:
    first, second, third = requests
    return first, second, third


def _page(answer: Answer, target: str) -> Page:
    text = answer.body.decode("utf-8", "replace") if answer.html else ""
    page = read_page(text, target)
    redirect = _redirect(answer, target)
    return Page((*page.links, redirect), page.forms) if redirect else page


def _redirect(answer: Answer, target: str) -> str:
    """Where on the same site `answer` sends its client; "" for nowhere."""
    location = answer.maybe_header("location") if 300 <= answer.status < 400 else None
    if location is None:
        return ""
    parts = urlsplit(urljoin(f"http://{HOST}{target}", location))
    return "" if parts.netloc != HOST else (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _aligned(links: list[tuple[str, ...]]) -> Iterable[Targets]:
    """Each link with its counterparts; by the first server's alone where pages have unequal numbers of links."""
    first, second, third = links
    if not len(first) == len(second) == len(third):
        second = third = first
    return zip(first, second, third, strict=True)
