"""`Dashboard`: progress, verdicts, differences, a switch for every route; live by server-sent events.

GET  /                     all routes
GET  /route?name=ROUTE     one route: numbers, differences side by side, history, the switch
POST /change               asks for confirmation, and with it changes a setting
GET  /events               the table of routes, whenever it has changed
GET  /static/...           the style sheet and the script; nothing comes from elsewhere
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

from bridge.errors import BridgeError
from bridge.incremental.compare.verdict import READY
from bridge.incremental.configuration import Configuration
from bridge.incremental.dashboard.access import COOKIE, Access
from bridge.incremental.dashboard.pages import Pages, progress
from bridge.incremental.errors import StoreUnavailable
from bridge.incremental.overview import RouteStatus, overview
from bridge.incremental.rules import parse_setting
from bridge.incremental.store.base import Store
from bridge.protocol.asgi_types import Receive, Scope, Send
from bridge.protocol.environ import split_path

__all__ = ["Dashboard"]

STATIC = Path(__file__).parent / "static"
TYPES = {"dashboard.css": "text/css; charset=utf-8", "dashboard.js": "text/javascript; charset=utf-8"}
FORM_LIMIT = 16 * 1024  # bytes
LOOK_EVERY = 1.0  # seconds between two looks at the store, for each open page
POLICY = (
    b"default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src data:; "
    b"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
SECURITY = (
    (b"content-security-policy", POLICY),
    (
        b"referrer-policy",
        b"same-origin",
    ),  # with "no-referrer" browsers send "Origin: null" with our own forms
    (b"x-content-type-options", b"nosniff"),
    (b"cache-control", b"no-store"),
)


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole response."""

    status: int = 200
    body: str = ""
    content_type: str = "text/html; charset=utf-8"
    headers: tuple[tuple[bytes, bytes], ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """One request, taken apart. `root` is where the dashboard is mounted."""

    scope: Scope
    path: str
    root: str
    query: dict[str, str]
    form: dict[str, str]


class Dashboard:
    """An ASGI application that shows the migration in `store`.

    `configuration`: a function that returns the rules as they are now, None where they are not known.
    `token`: who brings it may see and change everything; None: requests from this machine only.
    Raises `MissingExtra` without Jinja2.
    """

    def __init__(
        self,
        store: Store,
        configuration: Callable[[], Configuration | None] = lambda: None,
        *,
        token: str | None = None,
    ) -> None:
        self._store = store
        self._configuration = configuration
        self._access = Access(token)
        self._pages = Pages()

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
        root, path, _ = split_path(scope)
        query = dict(parse_qsl(scope.get("query_string", b"").decode("latin-1")))
        if scope["method"] not in {"GET", "HEAD", "POST"}:
            await _send(send, Reply(405, "405", headers=((b"allow", b"GET, HEAD, POST"),)))
            return
        if path == "/events" and self._access.may_see(scope):
            await self._stream(_text(root), receive, send)
            return
        form = await _form(receive) if scope["method"] == "POST" else {}
        asked = Asked(scope, path or "/", root, query, form)
        reply = await asyncio.to_thread(self._reply_or_explain, asked)
        await _send(send, reply, bodyless=scope["method"] == "HEAD")

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
            return self._message(
                asked,
                403,
                "Not for you",
                "Open it with its token, ?token=..., or from the machine it runs on.",
            )
        pages: dict[tuple[str, str], Callable[[Asked], Reply]] = {
            ("GET", "/"): self._overview,
            ("GET", "/route"): self._route,
            ("POST", "/change"): self._change,
        }
        method = "GET" if asked.scope["method"] == "HEAD" else asked.scope["method"]
        page = pages.get((method, asked.path))
        return page(asked) if page else self._message(asked, 404, "No such page", asked.path)

    def _welcome(self, asked: Asked) -> Reply:
        """Keep the token out of the address, of history and of logs: it becomes a cookie."""
        secure = "; Secure" if asked.scope.get("scheme") == "https" else ""
        path = f"{asked.root}/"
        cookie = f"{COOKIE}={self._access.cookie}; Path={path}; HttpOnly; SameSite=Strict{secure}"
        return Reply(303, headers=((b"set-cookie", cookie.encode()), (b"location", path.encode("latin-1"))))

    def _overview(self, asked: Asked) -> Reply:
        statuses = self._statuses()
        return self._page(asked, "overview.html", statuses=statuses, progress=progress(statuses))

    def _route(self, asked: Asked) -> Reply:
        name = asked.query.get("name", "")
        status = next((each for each in self._statuses() if each.route == name), None)
        if status is None:
            return self._message(asked, 404, "No such route", name)
        history = [each for each in self._store.history() if each.route == name]
        return self._page(
            asked,
            "route.html",
            status=status,
            history=history[:20],
            differences=self._store.differences(name),
        )

    def _change(self, asked: Asked) -> Reply:
        """Ask for confirmation; with it, change the setting and go back to the route."""
        form = asked.form
        if not self._access.may_change(asked.scope, form.get("form_token", "")):
            return self._message(
                asked, 403, "Not changed", "The form is out of date. Go back, and load the page again."
            )
        route = form.get("route", "")
        status = next((each for each in self._statuses() if each.route == route), None)
        if status is None:
            return self._message(asked, 404, "No such route", route)
        setting = _setting(form)
        if form.get("confirmed") != "yes":
            return self._page(asked, "confirm.html", status=status, setting=setting)
        self._store.change({route: setting}, by="dashboard", reason=form.get("reason", "")[:200])
        where = f"{asked.root}/route?{urlencode({'name': route})}"
        return Reply(303, headers=((b"location", where.encode("latin-1")),))

    # ------------------------------------------------------------ what they show

    def _statuses(self) -> list[RouteStatus]:
        configuration = self._configuration()
        table = None if configuration is None else configuration.table
        ready = READY if configuration is None else configuration.ready
        return overview(table, self._store.settings().routes, self._store.counters(), ready=ready)

    def _page(self, asked: Asked, template: str, **context: Any) -> Reply:
        body = self._pages.render(
            template, root=_text(asked.root), form_token=self._access.form_token, **context
        )
        return Reply(body=body)

    def _message(self, asked: Asked, status: int, title: str, text: str) -> Reply:
        page = self._page(asked, "message.html", title=title, text=text)
        return Reply(status, page.body)

    # ------------------------------------------------------------ live

    async def _stream(self, root: str, receive: Receive, send: Send) -> None:
        """Send the table of routes whenever it has changed, until the page is closed."""
        headers = [(b"content-type", b"text/event-stream"), *SECURITY]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        gone = asyncio.ensure_future(_gone(receive))
        last = ""
        try:
            while not gone.done():
                fragment = await asyncio.to_thread(self._fragment, root)
                # A comment when there is no news: a connection that is broken is found out by it.
                event = _event(fragment) if fragment != last else b":\n\n"
                last = fragment
                await send({"type": "http.response.body", "body": event, "more_body": True})
                await asyncio.wait([gone], timeout=LOOK_EVERY)
        except OSError:  # the page has been closed (ASGI, "Disconnected Client")
            return
        finally:
            gone.cancel()

    def _fragment(self, root: str) -> str:
        try:
            statuses = self._statuses()
        except StoreUnavailable as error:
            return self._pages.render("away.html", text=str(error))
        return self._pages.render("routes.html", root=root, statuses=statuses, progress=progress(statuses))


def _text(latin: str) -> str:
    """Return a native string of WSGI (bytes as latin-1) as text."""
    return latin.encode("latin-1").decode("utf-8", "replace")


def _event(fragment: str) -> bytes:
    lines = "".join(f"data: {line}\n" for line in fragment.splitlines())
    return f"event: routes\n{lines}\n".encode()


def _setting(form: dict[str, str]) -> str | None:
    """Return the setting that a form asks for, None for "as configured"; raises `InvalidSetting`."""
    mode = form.get("mode", "")
    if mode == "configured":
        return None
    return str(parse_setting(f"canary:{form.get('percent', '')}" if mode == "canary" else mode))


async def _form(receive: Receive) -> dict[str, str]:
    body, more = b"", True
    while more and len(body) <= FORM_LIMIT:
        event = await receive()
        body += event.get("body", b"")
        more = event.get("more_body", False)
    return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _static(name: str) -> Reply:
    if name not in TYPES:  # two names, so no path can be made of it
        return Reply(404, "404")
    return Reply(body=(STATIC / name).read_text("utf-8"), content_type=TYPES[name])


async def _send(send: Callable[[Any], Awaitable[None]], reply: Reply, *, bodyless: bool = False) -> None:
    body = reply.body.encode()
    headers = [
        (b"content-type", reply.content_type.encode()),
        (b"content-length", b"%d" % len(body)),
        *SECURITY,
        *reply.headers,
    ]
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if bodyless else body})


async def _answer_lifespan(receive: Receive, send: Send) -> None:
    for phase in ("startup", "shutdown"):
        await receive()
        await send({"type": f"lifespan.{phase}.complete"})
