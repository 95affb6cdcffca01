"""The Django library under every server: pages, login, admin, forms, uploads, streams, downloads, the async view."""

from __future__ import annotations

import csv
import io
import re

import httpx
import pytest

from tests.examples import live

EXAMPLE = "django_library"
BOOKS = 42  # made by the library's first start
FREE_BOOK = "The Time Machine"  # not among the newest loans of the demonstration


def token(browser: httpx.Client, page: str = "/suggest/") -> str:
    found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', browser.get(page).text)
    assert found
    return found[1]


def log_in(browser: httpx.Client, name: str = "librarian", password: str = "library") -> httpx.Response:
    form = {"username": name, "password": password, "csrfmiddlewaretoken": token(browser, "/accounts/login/")}
    return browser.post("/accounts/login/", data=form)


def path_of(browser: httpx.Client, title: str) -> str:
    found = re.search(r'class="book" href="(/books/\d+/)"', browser.get("/", params={"q": title}).text)
    assert found
    return found[1]


def test_front_page_and_the_last_page(browser: httpx.Client) -> None:
    first, last = browser.get("/"), browser.get("/", params={"page": 4})
    assert first.status_code == 200
    assert f"{BOOKS} books" in first.text
    assert "Wuthering Heights" in last.text


def test_search_in_another_alphabet(browser: httpx.Client) -> None:
    page = browser.get("/", params={"q": "Misérables"})
    assert "“Misérables”" in page.text
    assert "1 book found" in page.text


@pytest.mark.parametrize("path", ["/static/library.css", "/static/admin/css/base.css"])
def test_static_file_is_sent_and_revalidated(browser: httpx.Client, path: str) -> None:
    sheet = browser.get(path)
    assert sheet.headers["content-type"].startswith("text/css")
    assert len(sheet.content) == int(sheet.headers["content-length"])
    again = browser.get(path, headers={"If-Modified-Since": sheet.headers["last-modified"]})
    assert (again.status_code, again.content) == (304, b"")


def test_cover_is_drawn_and_revalidated(browser: httpx.Client) -> None:
    cover = browser.get("/books/1/cover.svg")
    assert cover.headers["content-type"] == "image/svg+xml"
    assert "Middlemarch" in cover.text
    assert (
        browser.get("/books/1/cover.svg", headers={"If-None-Match": cover.headers["etag"]}).status_code == 304
    )


def test_unknown_page_has_the_librarys_own_404(browser: httpx.Client) -> None:
    page = browser.get("/books/9999/")
    assert page.status_code == 404
    assert "behind the radiator" in page.text


def test_login_lasts_until_logout(browser: httpx.Client) -> None:
    assert "My loans" in log_in(browser, "wren").text
    assert browser.get("/my/loans/").url.path == "/my/loans/"
    browser.post("/accounts/logout/", data={"csrfmiddlewaretoken": token(browser)})
    assert browser.get("/my/loans/").url.path == "/accounts/login/"


def test_wrong_password_is_refused(browser: httpx.Client) -> None:
    assert "No reader has that name and password." in log_in(browser, "wren", "tunnel").text


def test_form_without_its_token_is_refused(browser: httpx.Client) -> None:
    assert browser.post("/suggest/", data={"title": "X", "reason": "Y"}).status_code == 403


def test_borrow_and_bring_back(member: httpx.Client) -> None:
    book = path_of(member, FREE_BOOK)
    page = member.post(f"{book}borrow/", data={"csrfmiddlewaretoken": token(member)})
    assert "Enjoy! Please bring it back by" in page.text
    found = re.search(r'action="(/loans/\d+/return/)"', member.get("/my/loans/").text)
    assert found
    assert "Thank you." in member.post(found[1], data={"csrfmiddlewaretoken": token(member)}).text


def test_reading_list_is_a_download(member: httpx.Client) -> None:
    answer = member.get("/my/reading-list.txt")
    assert answer.headers["content-disposition"] == 'attachment; filename="reading-list.txt"'
    assert len(answer.content) == int(answer.headers["content-length"])
    assert all(re.match(r"\d{4}-\d\d-\d\d  .+ \(.+\)$", line) for line in answer.text.splitlines())


def test_multipart_upload_is_stored_and_served(browser: httpx.Client) -> None:
    picture = bytes(range(256)) * 12_000  # 3 MB: over the 2.5 MB that Django keeps in memory
    form = {"title": "Moby-Dock", "reason": "Größe", "csrfmiddlewaretoken": token(browser)}
    page = browser.post("/suggest/", data=form, files={"picture": ("dock.png", picture, "image/png")})
    assert "The committee meets on Thursdays." in page.text
    found = re.search(r'src="(/media/suggestions/dock[^"]*)"', page.text)
    assert found
    assert browser.get(found[1]).content == picture


def test_stocktake_reads_chunked_lines(member: httpx.Client) -> None:
    barcodes = [f"RL{number:06d}" for number in range(1000, 1010)]
    answer = member.put(
        "/staff/stocktake/",
        content=live.in_blocks("\n".join([*barcodes, "unknown"]).encode(), 13),
        headers={"X-CSRFToken": token(member), "Content-Type": "text/plain"},
    )
    assert answer.request.headers["transfer-encoding"] == "chunked"
    assert answer.json() == {"seen": 10, "unknown": ["unknown"]}


def test_streamed_catalogue_is_complete(browser: httpx.Client) -> None:
    answer = browser.get("/catalogue.csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert len(rows) == BOOKS
    assert {"Les Misérables", "Emma", "Dracula"} <= {row["title"] for row in rows}


def test_async_view_counts(browser: httpx.Client) -> None:
    answer = browser.get("/today.json").json()
    assert (answer["books"], answer["genres"]) == (BOOKS, 7)
    assert answer["newest"][0] == "The War of the Worlds"


def test_admin_after_login(browser: httpx.Client, member: httpx.Client) -> None:
    assert browser.get("/admin/").url.path == "/admin/login/"
    assert "Staff room" in member.get("/admin/").text
    assert f"{BOOKS} books" in member.get("/admin/catalogue/book/").text


def test_a_book_is_edited_in_the_admin(member: httpx.Client) -> None:
    author = member.get("/admin/catalogue/author/1/change/")
    fields = {
        "name": "George Eliot",
        "born": "1819",
        "died": "1880",
        "csrfmiddlewaretoken": token(member, author.url.path),
    }
    saved = member.post(author.url.path, data=fields)
    assert "was changed successfully" in saved.text


def test_missing_union_catalogue_is_said_so(browser: httpx.Client) -> None:
    assert "does not answer" in browser.get("/books/1/elsewhere/").text


def test_closed_while_the_flag_is_there(site: live.Running, browser: httpx.Client) -> None:
    flag = site.instance / "closed.txt"
    flag.write_text("Back on Monday.")
    try:
        page = browser.get("/")
        assert page.status_code == 503
        assert "Back on Monday." in page.text
    finally:
        flag.unlink()
    assert browser.get("/").status_code == 200
