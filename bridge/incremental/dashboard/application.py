"""`Dashboard`: progress, verdicts, differences, a switch for every route; live by server-sent events.

GET  /                     all routes
GET  /route?name=ROUTE     one route: numbers, differences side by side, history, the switch
POST /change               asks for confirmation, and with it changes a setting
POST /forget               the same for what was counted
POST /ignore               the same for a field that is not to be compared, or to be compared again
GET  /events[?name=ROUTE]  the parts of those pages, whenever they have changed
GET  /static/...           the style sheet and the script; nothing comes from elsewhere
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from bridge.errors import BridgeError
from bridge.incremental.changing import change_modes, compare_again, ignore
from bridge.incremental.compare import parse_field
from bridge.incremental.compare.verdict import READY
from bridge.incremental.configuration import Configuration
from bridge.incremental.dashboard.access import COOKIE, Access, hide_token
from bridge.incremental.dashboard.analysed import ReportFile
from bridge.incremental.dashboard.live import stream
from bridge.incremental.dashboard.pages import Pages
from bridge.incremental.dashboard.requests import SECURITY, Asked, Reply, read_request, send_reply
from bridge.incremental.dashboard.showing import Row, histogram, progress, rows_of
from bridge.incremental.errors import StoreUnavailable
from bridge.incremental.overview import overview
from bridge.incremental.rules import parse_setting
from bridge.incremental.store.base import Store
from bridge.protocol.asgi_types import Receive, Scope, Send

__all__ = ["Dashboard"]

STATIC = Path(__file__).parent / "static"
TYPES = {"dashboard.css": "text/css; charset=utf-8", "dashboard.js": "text/javascript; charset=utf-8"}
HISTORY_SHOWN = 20  # changes
NOT_YOURS = "Open it with its token, ?token=..., or from the machine it runs on."
OLD_FORM = "The form is out of date. Go back, and load the page again."


class Dashboard:
    """An ASGI application that shows the migration in `store`.

    `configuration`: a function that returns the rules as they are now, None where they are not known.
    `token`: who brings it may see and change everything; None: requests from this machine only.
    `secret`: what forms are signed with, for a page that several processes serve without a token; None: the token's, or
    one of this process alone. `report`: the path of a JSON report of the analyser, for its verdicts; it is read again when it changes.
    Raises `MissingExtra` without Jinja2, `InvalidReport` for a file that is none.
    """

    def __init__(
        self,
        store: Store,
        configuration: Callable[[], Configuration | None] = lambda: None,
        *,
        token: str | None = None,
        secret: str | None = None,
        report: str | os.PathLike[str] | None = None,
    ) -> None:
        self._store = store
        self._configuration = configuration
        self._access = Access(token, secret)
        self._pages = Pages()
        self._report = None if report is None else ReportFile(report)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one scope."""
        if scope["type"] == "lifespan":
            await _answer_lifespan(receive, send)
        elif scope["type"] == "http":
            await self._serve(scope, receive, send)
        else:
            await receive()
            await send({"type": "websocket.close"})

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] not in {"GET", "HEAD", "POST"}:
            await send_reply(send, Reply(405, "405", headers=((b"allow", b"GET, HEAD, POST"),)))
            return
        asked = await read_request(scope, receive)
        hide_token(scope)
        if asked.path == "/events" and self._access.may_see(scope):
            await stream(lambda: self._parts(asked), SECURITY, scope, receive, send)
            return
        reply = await asyncio.to_thread(self._reply_or_explain, asked)
        await send_reply(send, reply, bodyless=scope["method"] == "HEAD")

    # ------------------------------------------------------------ which page; in a thread, for the store blocks

    def _reply_or_explain(self, asked: Asked) -> Reply:
        try:
            return self._reply(asked)
        except StoreUnavailable as error:
            return self._message(asked, 503, "The store is away", str(error))
        except BridgeError as error:
            return self._message(asked, 400, "That is not possible", str(error))

    def _reply(self, asked: Asked) -> Reply:
        if asked.path.startswith("/static/"):
            return _static(asked.path.removeprefix("/static/"))
        if self._access.is_token(asked.query.get("token", "")):
            return self._welcome(asked)
        if not self._access.may_see(asked.scope):
            return self._message(asked, 403, "Not for you", NOT_YOURS)
        if asked.method == "POST" and not self._access.may_change(
            asked.scope, asked.form.get("form_token", "")
        ):
            return self._message(asked, 403, "Not changed", OLD_FORM)
        pages: dict[tuple[str, str], Callable[[Asked], Reply]] = {
            ("GET", "/"): self._overview,
            ("GET", "/route"): self._route,
            ("POST", "/change"): self._change,
            ("POST", "/ignore"): self._ignore,
            ("POST", "/forget"): self._forget,
        }
        page = pages.get((asked.method, asked.path))
        return page(asked) if page else self._message(asked, 404, "No such page", asked.path)

    def _welcome(self, asked: Asked) -> Reply:
        """Keep the token out of the address, of history and of logs: it becomes a cookie."""
        secure = "; Secure" if asked.scope.get("scheme") == "https" else ""
        path = f"{asked.root}/"
        cookie = f"{COOKIE}={self._access.cookie}; Path={path}; HttpOnly; SameSite=Strict{secure}"
        return Reply(303, headers=((b"set-cookie", cookie.encode()), (b"location", path.encode("latin-1"))))

    def _overview(self, asked: Asked) -> Reply:
        return self._page(asked, "overview.html", **self._all_routes())

    def _route(self, asked: Asked) -> Reply:
        row = self._row_of(asked.query)
        if row is None:
            return self._no_such_route(asked, asked.query)
        return self._page(asked, "route.html", **self._one_route(row))

    def _change(self, asked: Asked) -> Reply:
        """Ask for confirmation; with it, change the setting and go back to the route."""
        form, row = asked.form, self._row_of(asked.form)
        if row is None:
            return self._no_such_route(asked, form)
        setting = _setting(form)
        if setting == row.status.stored:
            return self._page(asked, "unchanged.html", row=row)
        if form.get("confirmed") != "yes":
            return self._page(asked, "confirm.html", row=row, setting=setting, reason=form.get("reason", ""))
        change_modes(
            self._store, {row.status.route: setting}, by="dashboard", reason=form.get("reason", "")[:200]
        )
        return _to_route(asked, row)

    def _forget(self, asked: Asked) -> Reply:
        """Ask for confirmation; with it, drop what was counted of a route that has been repaired."""
        form, row = asked.form, self._row_of(asked.form)
        if row is None:
            return self._no_such_route(asked, form)
        if form.get("confirmed") != "yes":
            return self._page(asked, "confirm_forget.html", row=row)
        self._store.forget(row.status.route)
        # Workers learn anew at a change of settings: this one changes nothing else.
        reason = form.get("reason", "")[:200] or "counts forgotten"
        self._store.change({row.status.route: row.status.stored}, by="dashboard", reason=reason)
        return _to_route(asked, row)

    def _ignore(self, asked: Asked) -> Reply:
        """Ask for confirmation; with it, have a field ignored, or compared again."""
        form, row = asked.form, self._row_of(asked.form)
        if row is None:
            return self._no_such_route(asked, form)
        again = "compare" in form
        field = parse_field(form["compare"] if again else form.get("ignore", ""), route=row.status.route)
        if form.get("confirmed") != "yes":
            return self._page(asked, "confirm_ignore.html", row=row, field=field, again=again)
        route, reason = row.status.route, form.get("reason", "")[:200]
        if form.get("forget") == "yes":
            self._store.forget(route)
            reason = f"{reason}; counts forgotten" if reason else "counts forgotten"
        (compare_again if again else ignore)(self._store, route, field, by="dashboard", reason=reason)
        return _to_route(asked, row)

    # ------------------------------------------------------------ what they show

    def _all_routes(self) -> dict[str, Any]:
        rows = self._rows()
        whole, by_verdict = progress(rows)
        history = self._store.history(HISTORY_SHOWN)
        return {"rows": rows, "whole": whole, "by_verdict": by_verdict, "history": history}

    def _one_route(self, row: Row) -> dict[str, Any]:
        name = row.status.route
        return {
            "row": row,
            "differences": self._store.differences(name),
            "history": [each for each in self._store.history() if each.route == name][:HISTORY_SHOWN],
            "histogram": histogram(self._store.counters().get(name, {})),
        }

    def _rows(self) -> list[Row]:
        configuration = self._configuration()
        table = None if configuration is None else configuration.table
        ready = READY if configuration is None else configuration.ready
        statuses = overview(table, self._store.settings(), self._store.counters(), ready=ready)
        return rows_of(statuses, () if self._report is None else self._report.routes(), table)

    def _row_of(self, given: dict[str, str]) -> Row | None:
        """Return the row of the route that a query or a form names."""
        name = given.get("name") or given.get("route", "")
        return next((row for row in self._rows() if row.status.route == name), None)

    def _parts(self, asked: Asked) -> dict[str, str]:
        """Return the parts of a page that are kept up to date, by name."""
        try:
            if "name" not in asked.query:
                return self._rendered(asked, ("progress", "routes", "history"), self._all_routes())
            row = self._row_of(asked.query)
            if row is None:
                return {}
            return self._rendered(asked, ("numbers", "differences", "history"), self._one_route(row))
        except StoreUnavailable as error:
            return {"trouble": self._pages.render("parts/trouble.html", text=str(error))}

    def _rendered(self, asked: Asked, names: tuple[str, ...], context: dict[str, Any]) -> dict[str, str]:
        common = {"root": asked.root_text, "form_token": self._access.form_token}
        parts = {name: self._pages.render(f"parts/{name}.html", **common, **context) for name in names}
        return parts | {"trouble": ""}

    def _page(self, asked: Asked, template: str, **context: Any) -> Reply:
        common = {"root": asked.root_text, "form_token": self._access.form_token}
        return Reply(body=self._pages.render(template, **common, **context))

    def _message(self, asked: Asked, status: int, title: str, text: str) -> Reply:
        page = self._page(asked, "message.html", title=title, text=text)
        return Reply(status, page.body)

    def _no_such_route(self, asked: Asked, given: dict[str, str]) -> Reply:
        return self._message(asked, 404, "No such route", given.get("name") or given.get("route", ""))


def _setting(form: dict[str, str]) -> str | None:
    """Return the setting that a form asks for, None for "as configured"; raises `InvalidSetting`."""
    mode = form.get("mode", "")
    if mode == "configured":
        return None
    return str(parse_setting(f"canary:{form.get('percent', '')}" if mode == "canary" else mode))


def _to_route(asked: Asked, row: Row) -> Reply:
    where = f"{asked.root}/route?{urlencode({'name': row.status.route})}"
    return Reply(303, headers=((b"location", where.encode("latin-1")),))


def _static(name: str) -> Reply:
    if name not in TYPES:  # two names, so no path can be made of it
        return Reply(404, "404")
    return Reply(body=(STATIC / name).read_text("utf-8"), content_type=TYPES[name])


async def _answer_lifespan(receive: Receive, send: Send) -> None:
    for phase in ("startup", "shutdown"):
        await receive()
        await send({"type": f"lifespan.{phase}.complete"})
