"""The Pyramid notes under every server: pages, session, forms, uploads, streams, downloads, the gate around them."""

from __future__ import annotations

import hashlib
import io
import re
import threading
import zipfile
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.examples import live

EXAMPLE = "pyramid_notes"
NOTES = 12  # made by the first start
PLACES = 16  # of the gate
FILE = bytes(range(256)) * 300


def token(browser: httpx.Client) -> str:
    found = re.search(r'name="csrf_token" value="(\w+)"', browser.get("/login").text)
    assert found
    return found[1]


def log_in(browser: httpx.Client, password: str = "pencil") -> httpx.Response:
    return browser.post("/login", data={"name": "mara", "password": password, "csrf_token": token(browser)})


def write(browser: httpx.Client, title: str, body: str, tags: str = "") -> httpx.Response:
    form = {"title": title, "body": body, "tags": tags, "colour": "sky", "csrf_token": token(browser)}
    return browser.post("/notes/new", data=form)


def attach(browser: httpx.Client, note: str) -> str:
    page = browser.post(
        f"{note}/attachments", data={"csrf_token": token(browser)}, files={"file": ("map ü.bin", FILE)}
    )
    found = re.search(r'href="(/attachments/\d+/map[^"]*)"', page.text)
    assert found
    return found[1]


def test_front_page_shows_the_notes(browser: httpx.Client) -> None:
    page = browser.get("/")
    assert page.status_code == 200
    assert page.text.count('<article class="note') >= NOTES
    assert '<a href="/notes/3">The wobbly one</a>' in page.text


def test_static_file_is_sent_and_revalidated(browser: httpx.Client) -> None:
    sheet = browser.get("/static/notes.css")
    assert sheet.headers["content-type"].startswith("text/css")
    assert len(sheet.content) == int(sheet.headers["content-length"])
    head = {"If-Modified-Since": sheet.headers["last-modified"]}
    assert browser.get("/static/notes.css", headers=head).status_code == 304


def test_unknown_page_has_its_own_404(browser: httpx.Client) -> None:
    page = browser.get("/notes/9999")
    assert page.status_code == 404
    assert "Nobody has written this one yet." in page.text


def test_writing_asks_for_a_login_and_comes_back(browser: httpx.Client) -> None:
    asked = browser.get("/notes/new")
    assert (asked.url.path, asked.url.params["next"]) == ("/login", "/notes/new")
    form = {"name": "jonas", "password": "pencil", "csrf_token": token(browser)}
    assert browser.post(str(asked.url), data=form).url.path == "/notes/new"


def test_login_lasts_until_logout(browser: httpx.Client) -> None:
    assert "Hello, Mara." in log_in(browser).text
    browser.post("/logout", data={"csrf_token": token(browser)})
    assert "Log in" in browser.get("/").text


def test_wrong_password_is_refused(browser: httpx.Client) -> None:
    assert log_in(browser, "crayon").status_code == 401


def test_form_without_its_token_is_refused(member: httpx.Client) -> None:
    assert member.post("/notes/new", data={"title": "x"}).status_code == 400


def test_note_is_written_rendered_and_found(member: httpx.Client) -> None:
    page = write(member, "Größe", "**fett** & <script>\n\n- [x] done\n\n[[Welcome]]", "river new-tag")
    assert "<strong>fett</strong> &amp; &lt;script&gt;" in page.text
    assert '<li class="task done">' in page.text
    assert '<a href="/notes/1">Welcome</a>' in page.text
    assert "Größe" in member.get("/", params={"tag": "new-tag"}).text
    assert "1 note with" in member.get("/", params={"q": "größe"}).text


def test_note_without_a_title_is_not_lost(member: httpx.Client) -> None:
    page = write(member, "", "a long text")
    assert page.status_code == 422
    assert "A note needs a title." in page.text
    assert "a long text" in page.text


def test_pin_edit_and_delete(member: httpx.Client) -> None:
    note = write(member, "Short-lived", "x").url.path
    assert "Pinned." in member.post(f"{note}/pin", data={"csrf_token": token(member)}).text
    form = {"title": "Changed", "body": "y", "csrf_token": token(member)}
    assert "Changed" in member.post(f"{note}/edit", data=form).text
    assert "“Changed” is gone." in member.post(f"{note}/delete", data={"csrf_token": token(member)}).text
    assert member.get(note).status_code == 404


def test_preview_saves_nothing(member: httpx.Client) -> None:
    form = {"title": "Only looking", "body": "*so*", "csrf_token": token(member)}
    assert "<em>so</em>" in member.post("/preview", data=form).text
    assert "Only looking" not in member.get("/").text


def test_multipart_upload_is_downloaded_with_etag_and_ranges(member: httpx.Client) -> None:
    link = attach(member, "/notes/5")
    whole = member.get(link)
    assert whole.content == FILE
    assert whole.headers["content-disposition"] == "attachment"
    assert member.get(link, headers={"If-None-Match": whole.headers["etag"]}).status_code == 304
    part = member.get(link, headers={"Range": "bytes=100-65999"})
    assert (part.status_code, part.content) == (206, FILE[100:66000])
    assert part.headers["content-range"] == f"bytes 100-65999/{len(FILE)}"


@pytest.mark.parametrize("size", [0, 1, 300_000])
def test_chunked_upload_arrives_whole(member: httpx.Client, size: int) -> None:
    body = (FILE * 4)[:size]
    head = {"X-CSRF-Token": token(member)}
    answer = member.put(f"/notes/6/attachments/raw-{size}.bin", content=live.in_blocks(body), headers=head)
    assert answer.request.headers["transfer-encoding"] == "chunked"
    assert (answer.json()["size"], answer.json()["sha256"]) == (size, hashlib.sha256(body).hexdigest())
    assert member.get(f"/attachments/{answer.json()['attachment']}/raw-{size}.bin").content == body


def test_streamed_export_is_complete(browser: httpx.Client) -> None:
    answer = browser.get("/export.md")
    assert answer.text.startswith("# Field Notes\n")
    assert answer.text.count("\n## ") >= NOTES
    assert "find out what blocks first" in answer.text


def test_archive_is_a_whole_zip(browser: httpx.Client) -> None:
    answer = browser.get("/export.zip")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as bundle:
        assert bundle.testzip() is None
        assert "001.md" in bundle.namelist()
        assert "003/sketch.svg" in bundle.namelist()


def test_status_says_how_things_are(browser: httpx.Client) -> None:
    answer = browser.get("/status").json()
    assert answer["backup"] is False
    assert answer["notes"] >= NOTES
    assert answer["free"] > 0


def test_long_poll_hears_of_a_change(site: live.Running, member: httpx.Client) -> None:
    before = member.get("/changes").json()["change"]
    heard: list[int] = []

    def wait() -> None:
        with site.client() as waiting:
            heard.append(waiting.get("/changes", params={"since": before, "wait": 10}).json()["change"])

    waiter = threading.Thread(target=wait)
    waiter.start()
    write(member, "News", "something happened")
    waiter.join()
    assert heard[0] > before


def test_places_at_the_gate_are_given_back(site: live.Running) -> None:
    """Each response is closed exactly once, or the gate would jam (or overflow) after `PLACES` of them."""
    with site.client() as client, ThreadPoolExecutor(6) as visitors:
        for path in ("/", "/export.md", "/nowhere", "/static/notes.css"):
            statuses = list(
                visitors.map(lambda _, path=path: client.get(path).status_code, range(PLACES // 2 + 1))
            )
            assert set(statuses) == {404 if path == "/nowhere" else 200}


def test_places_of_visitors_who_went_away_are_given_back(site: live.Running) -> None:
    for _ in range(PLACES + 1):
        with site.client() as client, client.stream("GET", "/export.zip") as answer:
            assert answer.status_code == 200  # and gone, without reading the body
    with site.client() as client:
        assert client.get("/").status_code == 200
