"""The shop under Flask's own test client: `python -m unittest tests`, in this folder.

Give it a folder of its own with FLASK_SHOP_INSTANCE: it buys things.
"""

import io
import re
import threading
import unittest
from http.server import ThreadingHTTPServer

import slow_service
from shop import catalogue, create_app, invoices, mailer, money, passwords, settings, shipping
from shop.models import Order, Product, db

APP = create_app()


class ShopTest(unittest.TestCase):
    def setUp(self):
        self.client = APP.test_client()

    def token(self):
        return re.search(r'name="csrf-token" content="(\w+)"', self.client.get("/about").text)[1]

    def send(self, path, **form):
        data = {**form, "csrf_token": self.token()}
        return self.client.post(path, data=data, follow_redirects=True)

    def log_in(self, email="ada@bridge.example"):
        return self.send("/account/login", email=email, password="bridge")

    def test_every_public_page_answers(self):
        pages = [
            "/",
            "/category/timber",
            "/search?q=arch",
            "/search",
            "/product/packhorse",
            "/about",
            "/health",
        ]
        pages += ["/cart", "/account/login", "/account/register", "/pictures/packhorse.svg"]
        for page in pages:
            with self.subTest(page), self.client.get(page) as answer:
                self.assertEqual(answer.status_code, 200)

    def test_pages_for_members_and_staff_answer(self):
        self.log_in()
        mine = db_value(lambda: Order.query.filter_by(user_id=1).first().id)
        for page in ["/account/orders", "/account/orders/%d" % mine, "/admin/", "/admin/products/packhorse"]:
            with self.subTest(page):
                self.assertEqual(self.client.get(page).status_code, 200)

    def test_nobody_sees_other_peoples_orders(self):
        self.log_in("ben@bridge.example")
        theirs = db_value(lambda: Order.query.filter_by(user_id=3).first().id)
        self.assertEqual(self.client.get("/account/orders/%d" % theirs).status_code, 404)
        self.assertEqual(self.client.get("/admin/orders.csv").status_code, 403)

    def test_registering_logs_in_and_refuses_the_same_address_twice(self):
        form = {"name": "Dora", "email": "Dora@bridge.example", "password": "secret"}
        self.assertIn("Orders", self.send("/account/register", **form).text)
        self.assertEqual(self.send("/account/register", **form).status_code, 409)
        self.assertEqual(self.send("/account/register", name="", email="", password="").status_code, 422)

    def test_login_never_leads_to_another_host(self):
        for wanted, path in [("//evil.example/", "/"), ("https://evil.example/", "/"), ("/cart", "/cart")]:
            form = {"email": "ada@bridge.example", "password": "bridge", "csrf_token": self.token()}
            answer = self.client.post("/account/login", query_string={"next": wanted}, data=form)
            self.assertEqual(answer.location, path)

    def test_upload_over_the_limit_is_413(self):
        self.log_in()
        form = {
            "csrf_token": self.token(),
            "picture": (io.BytesIO(b"x" * (settings.MAX_UPLOAD + 1)), "big.png"),
        }
        self.assertEqual(self.client.post("/admin/products/packhorse", data=form).status_code, 413)

    def test_upload_of_something_else_than_a_picture_is_refused(self):
        self.log_in()
        form = {"csrf_token": self.token(), "picture": (io.BytesIO(b"<svg/>"), "x.svg")}
        self.assertEqual(self.client.post("/admin/products/packhorse", data=form).status_code, 403)

    def test_front_page_is_cached_until_a_product_changes(self):
        self.client.get("/")
        with APP.app_context():
            Product.query.filter_by(slug="packhorse").one().name = "Mule bridge"
            db.session.commit()
            self.assertNotIn("Mule bridge", self.client.get("/").text)
            catalogue.forget()
            self.assertIn("Mule bridge", self.client.get("/").text)

    def test_mail_that_nobody_takes_is_kept(self):
        with self.assertLogs("shop.mailer", "WARNING"):
            self.assertFalse(mailer.send("ada@bridge.example", "Hello", "There"))

    def test_invoice_is_made_once(self):
        with APP.app_context():
            order = db.session.get(Order, 1)
            path = invoices.invoice_path(order)
            with open(path, "rb") as first:
                content = first.read()
            self.assertIn(order.user.name.encode(), content)
            self.assertIn(money.money(order.total_cents).encode("cp1252"), content)
            self.assertEqual(invoices.invoice_path(order), path)

    def test_staff_commands(self):
        report = APP.test_cli_runner().invoke(args=["shop", "report"])
        self.assertRegex(report.output, r"2024-01 +€[\d,]+\.\d\d\n")
        low = APP.test_cli_runner().invoke(args=["shop", "low-stock", "--below", "1"])
        self.assertEqual(low.output.split(), ["Covered", "bridge,", "pond", "green", "0"])


class ShippingTest(unittest.TestCase):
    """The retries, against the slow service without its slowness."""

    def setUp(self):
        slow_service.RateHandler.delay = 0.0
        self.service = ThreadingHTTPServer(("127.0.0.1", 0), slow_service.RateHandler)
        threading.Thread(target=self.service.serve_forever, daemon=True).start()
        shipping.service["url"] = "http://127.0.0.1:%d" % self.service.server_address[1]

    def tearDown(self):
        shipping.service["url"] = None
        shipping.session.close()
        self.service.shutdown()
        self.service.server_close()

    def test_flaky_carrier_is_asked_again(self):
        answers = [shipping.ask("donkey", 1000, "BR1") for _ in range(4)]
        self.assertEqual(answers, [{"carrier": "donkey", "cents": 410, "days": 6}] * 4)

    def test_cheapest_carrier_wins(self):
        self.assertEqual(shipping.cheapest(10_000, "BR1")["carrier"], "steamboat")

    def test_unknown_carrier_gives_up_after_the_retries(self):
        shipping.PAUSE = 0.0
        self.assertIsNone(shipping.ask("dragon", 1, "BR1"))


class SmallThingsTest(unittest.TestCase):
    def test_money(self):
        self.assertEqual([money.money(c) for c in (0, 5, 123456)], ["€0.00", "€0.05", "€1,234.56"])

    def test_passwords(self):
        stored = passwords.hash_password("x")
        self.assertTrue(passwords.matches("x", stored))
        self.assertFalse(passwords.matches("y", stored))


def db_value(ask):
    with APP.app_context():
        return ask()
