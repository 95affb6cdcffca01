"""Who gets to see the dashboard, who may change things by it, and what it shows."""

from __future__ import annotations

import asyncio
import re
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from bridge.incremental.configuration import Configuration
from bridge.incremental.dashboard import Dashboard, live
from bridge.incremental.dashboard.access import COOKIE, Access
from bridge.incremental.dashboard.mounting import MountedBelow
from bridge.incremental.errors import StoreUnavailable
from bridge.incremental.store import Difference, FieldValues
from bridge.incremental.store.memory import MemoryStore
from tests.asgi_driver import Answer, AsgiCall

ROUTE = "GET /users/<int:id>"
LOCAL = [(b"host", b"localhost:8001")]


@pytest.fixture
def store() -> MemoryStore:
    store = MemoryStore()
    store.add(
        {
            ROUTE: {
                "compared": 400,
                "equal": 390,
                "different": 10,
                "field.raw:$.name": 10,
                "legacy.requests": 400,
            }
        }
    )
    fields = (FieldValues("$.name", "<script>alert(1)</script>", None),)
    store.add(
        {},
        [Difference(route=ROUTE, at=1e9, method="GET", target="/users/7?q=<b>", headers=(), fields=fields)],
    )
    return store


def made(store: MemoryStore, token: str | None = None) -> Dashboard:
    configuration = Configuration.from_mapping({"routes": {ROUTE: "shadow"}})
    return Dashboard(store, lambda: configuration, token=token)


async def get(app: Any, path: str = "/", *, headers: Any = LOCAL, **scope: Any) -> Answer:
    path, _, query = path.partition("?")
    call = AsgiCall(app, path=path, query=query.encode(), **scope)
    call.scope["headers"] = list(headers)
    return await call.run()


async def post(
    app: Any, form: dict[str, str], *, path: str = "/change", headers: Any = LOCAL, **scope: Any
) -> Answer:
    call = AsgiCall(app, method="POST", path=path, body=urlencode(form).encode(), **scope)
    call.scope["headers"] = list(headers)
    return await call.run()


def form_token(page: Answer) -> str:
    found = re.search(rb'name="form_token" value="(\w+)"', page.body)
    assert found
    return found[1].decode()


async def route_page(app: Any, **options: Any) -> Answer:
    return await get(app, f"/route?name={quote(ROUTE)}", **options)


# ---------------------------------------------------------------- who


@pytest.mark.parametrize(
    ("client", "headers"),
    [
        (("10.0.0.7", 5), LOCAL),
        (None, LOCAL),
        (("/run/x.sock", 0), LOCAL),
        (("127.0.0.1", 5), [(b"host", b"evil.example")]),
        (("127.0.0.1", 5), []),
        (("127.0.0.1", 5), [(b"host", b"[")]),
        (("127.0.0.1", 5), [*LOCAL, (b"x-forwarded-for", b"10.0.0.7")]),
        (("127.0.0.1", 5), [*LOCAL, (b"forwarded", b"for=10.0.0.7")]),
    ],
    ids=[
        "another machine",
        "unknown",
        "socket",
        "rebound name",
        "no name",
        "half a name",
        "proxy",
        "standard proxy",
    ],
)
@pytest.mark.parametrize("path", ["/", f"/route?name={quote(ROUTE)}", "/events"])
async def test_without_a_token_only_this_machine_is_let_in(
    store: MemoryStore, client: Any, headers: Any, path: str
) -> None:
    answer = await get(made(store), path, headers=headers, client=client)
    assert answer.status == 403
    assert b"users" not in answer.body


@pytest.mark.parametrize("host", [b"localhost", b"127.0.0.1:8001", b"[::1]:8001"])
@pytest.mark.parametrize("client", ["127.0.0.1", "::1", "127.8.8.8"])
async def test_this_machine_is_let_in(store: MemoryStore, host: bytes, client: str) -> None:
    answer = await get(made(store), headers=[(b"host", host)], client=(client, 5))
    assert answer.status == 200


async def test_a_token_becomes_a_cookie_that_nobody_else_can_use(store: MemoryStore) -> None:
    app = made(store, token="s3cret")
    assert (await get(app)).status == 403, "not even for this machine"
    assert (await get(app, "/?token=wrong")).status == 403
    welcome = await get(app, "/?token=s3cret", scheme="https")
    assert (welcome.status, welcome.header(b"location")) == (303, b"/")
    cookie = welcome.header(b"set-cookie") or b""
    assert b"HttpOnly; SameSite=Strict; Secure" in cookie
    assert b"s3cret" not in cookie
    headers = [(b"host", b"shop.example"), (b"cookie", cookie.split(b";")[0])]
    assert (await get(app, headers=headers, client=("10.0.0.7", 5))).status == 200
    forged = [(b"host", b"shop.example"), (b"cookie", f"{COOKIE}=s3cret".encode())]
    assert (await get(app, headers=forged)).status == 403


@pytest.mark.parametrize("mounted", [True, False])
async def test_the_token_is_not_in_what_access_logs_are_written_from(
    store: MemoryStore, *, mounted: bool
) -> None:
    """uvicorn and hypercorn write them when the response begins or ends, from their scope."""
    app: Any = made(store, token="s3cret")
    call = AsgiCall(
        MountedBelow(app, app, "/_migration") if mounted else app,
        path="/_migration/" if mounted else "/",
        query=b"x=token=1&token=s3cret&y=2",
    )
    assert (await call.run()).status == 303
    assert call.scope["query_string"] == b"x=token=1&token=...&y=2"


async def test_processes_that_serve_one_page_know_each_other_s_by_the_token_or_a_secret(
    store: MemoryStore,
) -> None:
    def told(**options: Any) -> tuple[str, str]:
        access = Access(**options)
        return access.cookie, access.form_token

    assert told(token="s3cret") == told(token="s3cret") != told(token="another")
    assert told(token=None, secret="x") == told(token=None, secret="x") != told(token=None, secret="y")
    assert told(token=None) != told(token=None)
    app = Dashboard(store, token="s3cret", secret="x")
    welcome = await get(app, "/?token=s3cret")
    assert f"{COOKIE}={told(token=None, secret='x')[0]}".encode() in (welcome.header(b"set-cookie") or b"")


async def test_every_page_is_told_to_load_nothing_from_elsewhere(store: MemoryStore) -> None:
    for path in ("/", "/none", f"/route?name={quote(ROUTE)}", "/static/dashboard.css"):
        answer = await get(made(store), path)
        policy = answer.header(b"content-security-policy") or b""
        assert policy.startswith(b"default-src 'none'")
        assert b"frame-ancestors 'none'" in policy
        assert not re.search(rb"(?:src|href)=.https?:|@import|url\(", answer.body)


# ---------------------------------------------------------------- what it shows


async def test_all_routes_are_shown_with_their_verdicts(store: MemoryStore) -> None:
    text = (await get(made(store))).body.decode()
    assert "GET /users/&lt;int:id&gt;" in text
    assert "400 compared, 10 different" in text
    assert "differs: <code>$.name</code>" in text
    assert 'aria-label="1 shadow, 1 legacy"' in text


async def test_differences_are_shown_side_by_side_and_escaped(store: MemoryStore) -> None:
    text = (await route_page(made(store))).body.decode()
    assert "<script>alert" not in text
    assert '<pre class="legacy"><mark>&lt;script&gt;alert(1)&lt;/script&gt;</mark></pre>' in text
    assert '<pre class="modern"><em class="hint">(not there)</em></pre>' in text
    assert "/users/7?q=&lt;b&gt;" in text


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/none", 404),
        ("/route?name=none", 404),
        ("/route", 404),
        ("/static/../access.py", 404),
        ("/static/x", 404),
    ],
)
async def test_what_is_not_there_is_not_there(store: MemoryStore, path: str, status: int) -> None:
    assert (await get(made(store), path)).status == status


async def test_other_methods_are_refused_and_head_has_no_body(store: MemoryStore) -> None:
    assert (await get(made(store), method="DELETE")).status == 405
    head = await get(made(store), method="HEAD")
    assert (head.status, head.body) == (200, b"")


async def test_mounted_below_a_path_its_links_stay_there(store: MemoryStore) -> None:
    answer = await get(made(store), "/_migration/", root_path="/_migration")
    links = re.findall(r'(?:href|src)="(/[^"]*)"', answer.body.decode())
    assert links
    assert all(link.startswith("/_migration/") for link in links)


async def test_a_store_that_is_away_is_told(store: MemoryStore, monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> Any:
        raise StoreUnavailable("redis://x", ConnectionError("refused"))

    monkeypatch.setattr(store, "settings", away)
    answer = await get(made(store))
    assert answer.status == 503
    assert b"redis://x" in answer.body


async def test_the_page_is_kept_up_to_date_and_let_go_when_it_closes(store: MemoryStore) -> None:
    app = made(store)
    call = AsgiCall(app, path="/events", body=None)
    call.scope["headers"] = LOCAL
    async with call.running():
        first = await call.event_sent(3)
        assert re.findall(rb"^event: (\w+)$", first["body"], re.MULTILINE) == [
            *(b"progress", b"routes", b"history", b"trouble")
        ]
        await asyncio.to_thread(store.change, {ROUTE: "modern"}, by="ann")
        index = 4
        while b"modern" not in (event := await call.event_sent(index))["body"]:
            assert event["body"] == b":\n\n"
            index += 1
        call.disconnect()


async def test_a_stream_ends_by_itself_so_that_servers_can_stop(
    store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "LASTS", 0.1)
    call = AsgiCall(made(store), path="/events", body=None)
    call.scope["headers"] = LOCAL
    answer = await call.run()
    assert answer.body.startswith(b"retry: 100\n\n"), "and the page asks again at once"
    assert b"event: routes" in answer.body


async def test_a_page_that_asks_again_gets_what_is_new(
    store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "LASTS", 0.01)

    async def asked(*headers: tuple[bytes, bytes]) -> bytes:
        call = AsgiCall(made(store), path="/events", body=None)
        call.scope["headers"] = [*LOCAL, *headers]
        return (await call.run()).body

    first = await asked()
    mark = re.search(rb"^id: (.+)$", first, re.MULTILINE)
    assert mark is not None
    assert b"event: " not in await asked((b"last-event-id", mark[1]))
    await asyncio.to_thread(store.change, {ROUTE: "modern"}, by="ann")
    again = await asked((b"last-event-id", mark[1]))
    assert b"event: history\n" in again
    assert b"event: trouble\n" not in again, "that part is as it was"
    assert b"event: history\n" in await asked((b"last-event-id", b"\xff,=nonsense"))


async def test_a_route_s_page_is_kept_up_to_date_in_parts(store: MemoryStore) -> None:
    call = AsgiCall(made(store), path="/events", query=urlencode({"name": ROUTE}).encode(), body=None)
    call.scope["headers"] = LOCAL
    async with call.running():
        first = await call.event_sent(3)
        assert b"event: numbers\n" in first["body"]
        assert b"event: differences\n" in first["body"]
        await asyncio.to_thread(store.add, {ROUTE: {"compared": 7}})
        index = 4
        while b"407 compared" not in (event := await call.event_sent(index))["body"]:
            index += 1
        assert b"event: differences\n" not in event["body"], "what has not changed is not sent again"
        call.disconnect()


async def test_a_store_that_comes_back_takes_its_complaint_away(
    store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = made(store)
    call = AsgiCall(app, path="/events", body=None)
    call.scope["headers"] = LOCAL
    with monkeypatch.context() as patched:
        patched.setattr(store, "settings", lambda: (_ for _ in ()).throw(StoreUnavailable("x", OSError())))
        running = call.running()
        await running.__aenter__()
        assert b'role="alert"' in (await call.event_sent(3))["body"]
    index = 4
    while b"event: trouble\ndata: \n\n" not in (await call.event_sent(index))["body"]:
        index += 1
    call.disconnect()
    await running.__aexit__(None, None, None)


# ---------------------------------------------------------------- what it changes


async def test_a_change_is_made_after_it_was_confirmed(store: MemoryStore) -> None:
    app = made(store)
    form = {
        "form_token": form_token(await route_page(app)),
        "route": ROUTE,
        "mode": "canary",
        "percent": "2.5",
    }
    asked = await post(app, form)
    assert asked.status == 200
    assert b"Yes, change it" in asked.body
    assert store.settings().routes == {}
    done = await post(app, form | {"confirmed": "yes", "reason": "try"})
    assert (done.status, done.header(b"location")) == (303, f"/route?{urlencode({'name': ROUTE})}".encode())
    assert store.settings().routes == {ROUTE: "canary:2.5"}
    (change,) = store.history()
    assert (change.by, change.reason) == ("dashboard", "try")
    await post(app, form | {"mode": "configured", "confirmed": "yes"})
    assert store.settings().routes == {}


async def test_a_change_that_changes_nothing_says_so_and_is_not_in_the_history(store: MemoryStore) -> None:
    app = made(store)
    form = {"form_token": form_token(await route_page(app)), "route": ROUTE, "mode": "canary", "percent": "5"}
    await post(app, form | {"confirmed": "yes"})
    for asked in (form, form | {"confirmed": "yes", "percent": "5.0"}):
        answer = await post(app, asked)
        assert b"Nothing to change" in answer.body
        assert b"canary:5</span> already. Nothing was changed" in answer.body
    assert len(store.history()) == 1
    back = form | {"mode": "configured", "confirmed": "yes"}
    assert (await post(app, back)).status == 303
    assert b"shadow</span> already, as configured" in (await post(app, back)).body
    assert len(store.history()) == 2


async def test_what_is_configured_so_can_be_set_to_stay_so(store: MemoryStore) -> None:
    app = made(store)
    form = {"form_token": form_token(await route_page(app)), "route": ROUTE, "mode": "shadow"}
    assert b"it stays so whatever the configuration says" in (await post(app, form)).body
    await post(app, form | {"confirmed": "yes"})
    assert [(each.before, each.after) for each in store.history()] == [(None, "shadow")]
    assert (
        b"From then on it follows the configuration" in (await post(app, form | {"mode": "configured"})).body
    )


@pytest.mark.parametrize(
    ("form", "headers", "status"),
    [
        ({"form_token": "forged"}, LOCAL, 403),
        ({"form_token": ""}, LOCAL, 403),
        ({}, [*LOCAL, (b"origin", b"https://evil.example")], 403),
        ({}, [*LOCAL, (b"origin", b"null")], 403),
        ({}, [*LOCAL, (b"origin", b"http://[")], 403),
        ({"route": "GET /none"}, LOCAL, 404),
        ({"mode": "nonsense"}, LOCAL, 400),
        ({"mode": "canary", "percent": "101"}, LOCAL, 400),
        ({"reason": "x" * 20_000}, LOCAL, 200),
    ],
    ids=["forged", "empty", "foreign", "sandboxed", "half", "unknown route", "unknown mode", "too much", "too long"],
)  # fmt: skip
async def test_what_is_forged_or_makes_no_sense_changes_nothing(
    store: MemoryStore, form: dict[str, str], headers: Any, status: int
) -> None:
    app = made(store)
    good = {"form_token": form_token(await route_page(app)), "route": ROUTE, "mode": "modern"}
    answer = await post(app, good | form, headers=headers)
    assert answer.status == status
    assert store.settings().routes == {}


async def test_a_stranger_s_change_is_refused(store: MemoryStore) -> None:
    app = made(store)
    form = {
        "form_token": form_token(await route_page(app)),
        "route": ROUTE,
        "mode": "modern",
        "confirmed": "yes",
    }
    assert (await post(app, form, client=("10.0.0.7", 5))).status == 403
    assert store.settings().routes == {}


async def test_counts_are_forgotten_after_it_was_confirmed(store: MemoryStore) -> None:
    app = made(store)
    form = {"form_token": form_token(await route_page(app)), "route": ROUTE}
    assert b"Yes, forget them" in (await post(app, form, path="/forget")).body
    assert store.counters()[ROUTE]["compared"] == 400
    forged = await post(app, form | {"form_token": "x", "confirmed": "yes"}, path="/forget")
    assert forged.status == 403
    assert store.counters()[ROUTE]["compared"] == 400
    done = await post(app, form | {"confirmed": "yes"}, path="/forget")
    assert done.status == 303
    assert (store.counters().get(ROUTE), store.differences(ROUTE)) == (None, [])
    assert [(each.after, each.reason) for each in store.history()] == [(None, "counts forgotten")]


@pytest.mark.parametrize(
    ("raw", "said"),
    [(0, b" differs by itself: noise"), (8, b" differs by itself, and was set aside in 8: noise")],
)
async def test_a_learned_field_has_a_count_where_there_is_one(
    store: MemoryStore, raw: int, said: bytes
) -> None:
    store.add({ROUTE: {"noise.asked": 400, "field.noise:$.at": 8, "field.raw:$.at": raw}})
    page = await route_page(made(store))
    assert b"<code>$.at</code>" + said in page.body


# ---------------------------------------------------------------- fields that are set aside by a click


async def test_a_field_is_ignored_and_compared_again_after_it_was_confirmed(store: MemoryStore) -> None:
    app = made(store)
    page = await route_page(app)
    assert page.body.count(b'name="ignore" value="$.name"') == 2, (
        "in the list of fields, and at the difference"
    )
    form = {"form_token": form_token(page), "route": ROUTE, "ignore": "$.name"}
    asked = await post(app, form, path="/ignore")
    assert b"Yes, ignore it" in asked.body
    assert b"400 compared, 10 different" in asked.body
    assert store.revision() == 0
    done = await post(app, form | {"confirmed": "yes", "reason": "a counter"}, path="/ignore")
    assert (done.status, done.header(b"location")) == (303, f"/route?{urlencode({'name': ROUTE})}".encode())
    assert store.settings().ignored == {ROUTE: ("$.name",)}

    page = await route_page(app)
    assert b"<code>$.name</code> is ignored" in page.body
    assert b"ignored by now" in page.body, "at the difference that was kept"
    assert b'name="ignore"' not in page.body
    assert b"speaks of a field that is ignored now" in page.body
    assert (
        '<code>$.name</code> <span class="nowrap">compared → <strong>ignored</strong>' in page.body.decode()
    )

    back = {"form_token": form["form_token"], "route": ROUTE, "compare": "$.name"}
    assert b"Yes, compare it again" in (await post(app, back, path="/ignore")).body
    await post(app, back | {"confirmed": "yes", "forget": "yes"}, path="/ignore")
    assert (store.settings().ignored, store.counters()) == ({}, {})
    assert [(each.route, each.field, each.after, each.by, each.reason) for each in store.history()] == [
        (ROUTE, "$.name", None, "dashboard", "counts forgotten"),
        (ROUTE, "$.name", "ignored", "dashboard", "a counter"),
    ]


@pytest.mark.parametrize(
    ("form", "headers", "status"),
    [
        ({"form_token": "forged"}, LOCAL, 403),
        ({}, [*LOCAL, (b"origin", b"https://evil.example")], 403),
        ({"route": "GET /none"}, LOCAL, 404),
        ({"ignore": ""}, LOCAL, 400),
        ({"ignore": "x" * 400}, LOCAL, 400),
        ({"ignore": "$.a\x1fb"}, LOCAL, 400),
    ],
    ids=["forged", "foreign", "unknown route", "no field", "too long", "no text"],
)
async def test_a_click_that_is_forged_or_makes_no_sense_ignores_nothing(
    store: MemoryStore, form: dict[str, str], headers: Any, status: int
) -> None:
    app = made(store)
    good = {"form_token": form_token(await route_page(app)), "route": ROUTE, "ignore": "$.name"}
    answer = await post(app, good | {"confirmed": "yes"} | form, path="/ignore", headers=headers)
    assert answer.status == status
    assert store.revision() == 0


async def test_names_of_fields_are_escaped_and_their_rows_are_one_field(store: MemoryStore) -> None:
    fields = (FieldValues('$.rows[3]."><script>', "1", "2"),)
    store.add({}, [Difference(route=ROUTE, at=2e9, method="GET", target="/", headers=(), fields=fields)])
    app = made(store)
    page = await route_page(app)
    assert b"<script>" not in page.body
    assert b'value="$.rows[*].&#34;&gt;&lt;script&gt;"' in page.body
    form = {"form_token": form_token(page), "route": ROUTE, "ignore": '$.rows[*]."><script>'}
    asked = await post(app, form, path="/ignore")
    assert b"<script>" not in asked.body.replace(b'<script src="/static', b"")


@pytest.mark.parametrize("field", ["status", "body"])
async def test_who_ignores_what_an_answer_stands_and_falls_with_is_warned(
    store: MemoryStore, field: str
) -> None:
    app = made(store)
    form = {"form_token": form_token(await route_page(app)), "route": ROUTE, "ignore": field}
    assert b"can become ready although its answers are wrong" in (await post(app, form, path="/ignore")).body


async def test_what_the_rule_ignores_is_shown_without_a_button(store: MemoryStore) -> None:
    rules = {"routes": {ROUTE: {"mode": "shadow", "ignore_fields": ["$.name"]}}}
    page = await route_page(Dashboard(store, lambda: Configuration.from_mapping(rules)))
    assert b"<code>$.name</code> is ignored by the rule" in page.body
    assert b'name="compare"' not in page.body
