"""The Flask shop under every server: pages, session, forms, uploads, streams, downloads, the async view."""

from __future__ import annotations

import csv
import hashlib
import io
import re
import threading

import httpx
import pytest

from tests.examples import live

EXAMPLE = "flask_shop"
ORDERS = 240  # made by the shop's first start
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40


def token(browser: httpx.Client) -> str:
    found = re.search(r'name="csrf-token" content="(\w+)"', browser.get("/about").text)
    assert found
    return found[1]


def log_in(browser: httpx.Client, who: str = "ada", password: str = "bridge") -> httpx.Response:
    form = {"email": f"{who}@bridge.example", "password": password, "csrf_token": token(browser)}
    return browser.post("/account/login", data=form)


def fill_cart(browser: httpx.Client, slug: str, quantity: int) -> httpx.Response:
    return browser.post("/cart/add", data={"slug": slug, "quantity": quantity, "csrf_token": token(browser)})


def test_front_page_shows_the_products(browser: httpx.Client) -> None:
    page = browser.get("/")
    assert page.status_code == 200
    assert "Drawbridge for small castles" in page.text
    assert page.text.count('class="card"') == 18


def test_static_file_is_sent_and_revalidated(browser: httpx.Client) -> None:
    sheet = browser.get("/static/shop.css")
    assert sheet.headers["content-type"].startswith("text/css")
    assert len(sheet.content) == int(sheet.headers["content-length"])
    again = browser.get("/static/shop.css", headers={"If-None-Match": sheet.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_product_picture_is_an_svg(browser: httpx.Client) -> None:
    picture = browser.get("/pictures/drawbridge.svg")
    assert picture.headers["content-type"].startswith("image/svg+xml")
    assert picture.text.endswith("</svg>")


def test_head_has_the_length_and_no_body(browser: httpx.Client) -> None:
    answer = browser.head("/pictures/drawbridge.svg")
    assert answer.content == b""
    assert int(answer.headers["content-length"]) == len(browser.get("/pictures/drawbridge.svg").content)


def test_unknown_product_has_the_shops_own_404(browser: httpx.Client) -> None:
    page = browser.get("/product/none")
    assert page.status_code == 404
    assert "We do not stock that bridge." in page.text


def test_broken_page_has_the_shops_own_500_and_the_shop_goes_on(browser: httpx.Client) -> None:
    page = browser.get("/broken")
    assert page.status_code == 500
    assert "Something broke on our side" in page.text
    assert browser.get("/broken", params={"divisor": 1}).json() == {"answer": 1}


def test_login_lasts_until_logout(browser: httpx.Client) -> None:
    assert "Welcome back, Ada Keystone." in log_in(browser).text
    assert "Back office" in browser.get("/").text
    assert "You are logged out." in browser.post("/account/logout", data={"csrf_token": token(browser)}).text
    assert "Back office" not in browser.get("/").text


def test_wrong_password_is_refused(browser: httpx.Client) -> None:
    assert log_in(browser, password="tunnel").status_code == 401


def test_form_without_its_token_is_refused(browser: httpx.Client) -> None:
    assert browser.post("/cart/add", data={"slug": "drawbridge"}).status_code == 403


def test_cart_lives_in_the_session(browser: httpx.Client) -> None:
    fill_cart(browser, "rope-classic", 2)
    assert "€79.80" in fill_cart(browser, "bridge-cards", 1).text
    assert "Cart <b>3</b>" in browser.get("/").text


def test_quote_comes_from_the_slow_service(browser: httpx.Client) -> None:
    fill_cart(browser, "rope-classic", 1)
    assert browser.get("/shipping/quote", params={"postcode": "BR1"}).json() == {
        "carrier": "steamboat",
        "cents": 350 + 60 * 1800 // 1000,
        "days": 14,
    }


def test_async_view_asks_all_carriers(browser: httpx.Client) -> None:
    fill_cart(browser, "rope-classic", 1)
    page = browser.get("/shipping/compare", params={"postcode": "BR7"})
    assert page.status_code == 200
    assert "Shipping to BR7" in page.text
    assert [name for name in ("Sparrow", "Donkey", "Steamboat") if name in page.text] == [
        "Sparrow",
        "Donkey",
        "Steamboat",
    ]


def place_order(browser: httpx.Client) -> httpx.Response:
    log_in(browser, "ben")
    fill_cart(browser, "bridge-cards", 2)
    form = {"address": "1 Toll Lane", "postcode": "BR3", "csrf_token": token(browser)}
    return browser.post("/checkout", data=form)


def test_order_has_an_invoice_with_etag_and_ranges(browser: httpx.Client) -> None:
    order = place_order(browser)
    assert "is on its way by" in order.text
    link = f"{order.url.path}/invoice.pdf"
    invoice = browser.get(link)
    assert invoice.headers["content-disposition"].startswith("attachment; filename=BR-")
    assert invoice.content.startswith(b"%PDF-1.4")
    assert invoice.content.endswith(b"%%EOF\n")
    assert browser.get(link, headers={"If-None-Match": invoice.headers["etag"]}).status_code == 304
    part = browser.get(link, headers={"Range": "bytes=5-14"})
    assert (part.status_code, part.content) == (206, invoice.content[5:15])
    assert part.headers["content-range"] == f"bytes 5-14/{len(invoice.content)}"


def test_checkout_wants_an_address(browser: httpx.Client) -> None:
    log_in(browser, "cleo")
    fill_cart(browser, "bridge-cards", 1)
    page = browser.post("/checkout", data={"address": "", "postcode": "", "csrf_token": token(browser)})
    assert page.status_code == 422
    assert "We need an address" in page.text


def test_review_is_published(member: httpx.Client) -> None:
    form = {"stars": "5", "text": "Größer als gedacht: <b>wow</b>", "csrf_token": token(member)}
    page = member.post("/product/packhorse/review", data=form)
    assert "Größer als gedacht: &lt;b&gt;wow&lt;/b&gt;" in page.text


def test_multipart_upload_becomes_the_picture(member: httpx.Client) -> None:
    form = {"name": "Moon bridge for ponds", "price": "64.50", "stock": "19", "csrf_token": token(member)}
    page = member.post(
        "/admin/products/garden-moon", data=form, files={"picture": ("full moon.png", PNG, "image/png")}
    )
    assert "Moon bridge for ponds is saved." in page.text
    assert member.get("/pictures/garden-moon-full_moon.png").content == PNG
    assert "€64.50" in member.get("/product/garden-moon").text


@pytest.mark.parametrize("size", [0, 1, 300_000])
def test_chunked_upload_arrives_whole(member: httpx.Client, size: int) -> None:
    body = (PNG * 40)[:size]
    answer = member.put(
        "/admin/products/bailey-kit/picture",
        params={"name": f"new-{size}.png"},
        content=live.in_blocks(body),
        headers={"X-CSRF-Token": token(member)},
    )
    assert answer.request.headers["transfer-encoding"] == "chunked"
    assert answer.json() == {
        "picture": f"bailey-kit-new-{size}.png",
        "size": size,
        "sha256": hashlib.sha256(body).hexdigest(),
    }
    assert member.get(f"/pictures/bailey-kit-new-{size}.png").content == body


def test_stock_import_reads_chunked_lines(member: httpx.Client) -> None:
    head = {"X-CSRF-Token": token(member), "Content-Type": "text/csv"}
    answer = member.post(
        "/admin/stock-import",
        content=live.in_blocks(b"iron-truss,31\nnone,4\ncanopy-walk,x\n", 5),
        headers=head,
    )
    assert answer.json() == {"changed": 1, "unknown": ["none", "canopy-walk"]}
    assert member.get("/product/iron-truss/stock").json()["stock"] == 31


def test_streamed_csv_is_complete(member: httpx.Client) -> None:
    answer = member.get("/admin/orders.csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    numbers = {row["order"] for row in rows}
    assert {f"BR-{number:05d}" for number in range(1, ORDERS + 1)} <= numbers
    assert len(rows) > ORDERS
    assert all(row["cents"].isdigit() for row in rows)


def test_back_office_is_for_the_staff(browser: httpx.Client, member: httpx.Client) -> None:
    assert browser.get("/admin/").status_code == 403
    assert "Latest actions" in member.get("/admin/").text


def test_long_poll_ends_when_the_stock_arrives(site: live.Running, member: httpx.Client) -> None:
    head = {"X-CSRF-Token": token(member), "Content-Type": "text/csv"}
    found: list[int] = []

    def wait() -> None:
        with site.client() as waiting:
            found.append(waiting.get("/product/covered-green/stock", params={"wait": 5}).json()["stock"])

    waiter = threading.Thread(target=wait)
    waiter.start()
    member.post("/admin/stock-import", content=b"covered-green,7\n", headers=head)
    waiter.join()
    assert found == [7]
