"""The notes under WebOb's own test requests: `python -m unittest tests`, in this folder.

Give it a folder of its own with PYRAMID_NOTES_INSTANCE: it writes notes.
"""

import re
import threading
import unittest

from notes import main, markup, security, seed, store
from notes.middleware import BusyGate
from webob import Request

APP = main({})


class NotesTest(unittest.TestCase):
    def setUp(self):
        self.cookie = ""

    def ask(self, path, method="GET", **options):
        request = Request.blank(path, method=method, headers={"Cookie": self.cookie}, **options)
        answer = request.get_response(APP)
        if "Set-Cookie" in answer.headers:
            self.cookie = answer.headers["Set-Cookie"].partition(";")[0]
        return answer

    def token(self):
        return re.search(r'name="csrf_token" value="(\w+)"', self.ask("/login").text)[1]

    def send(self, path, **form):
        return self.ask(path, "POST", POST={**form, "csrf_token": self.token()})

    def log_in(self):
        return self.send("/login", name="mara", password=seed.PASSWORD)

    def test_every_public_page_answers(self):
        for page in [
            "/",
            "/?tag=stone",
            "/?q=dog",
            "/notes/1",
            "/login",
            "/changes",
            "/export.md",
            "/export.zip",
            "/status",
        ]:
            with self.subTest(page):
                self.assertEqual(self.ask(page).status_int, 200)

    def test_pages_that_write_ask_for_a_login(self):
        for page in ["/notes/new", "/notes/1/edit"]:
            with self.subTest(page):
                self.assertEqual(
                    self.ask(page).location, "http://localhost/login?next=" + page.replace("/", "%2F")
                )
        self.assertEqual(self.send("/notes/new", title="x").status_int, 403)

    def test_login_never_leads_to_another_host(self):
        form = {"name": "mara", "password": seed.PASSWORD, "csrf_token": self.token()}
        self.assertEqual(
            self.ask("/login?next=//evil.example/", "POST", POST=form).location, "http://localhost/"
        )

    def test_failed_request_is_rolled_back(self):
        self.log_in()
        announce, store.turn_pin = store.turn_pin, fail_after_writing
        try:
            with self.assertLogs("notes.account", "ERROR"):
                self.assertEqual(self.send("/notes/1/pin").status_int, 500)
        finally:
            store.turn_pin = announce
        self.assertEqual(store.maybe_note(1)["title"], "Welcome")

    def test_change_wakes_who_waits(self):
        self.log_in()
        since = self.ask("/changes").json["change"]
        heard = []
        waiter = threading.Thread(target=lambda: heard.append(store.wait_for_change(since, 10)))
        waiter.start()
        self.send("/notes/2/pin")
        waiter.join()
        self.assertGreater(heard[0], since)

    def test_attachment_keeps_only_the_last_part_of_its_name(self):
        self.log_in()
        form = {"csrf_token": self.token(), "file": ("../../etc/passwd", b"x")}
        self.assertEqual(self.ask("/notes/4/attachments", "POST", POST=form).status_int, 303)
        self.assertEqual(store.maybe_note(4)["attachments"][-1]["name"], "passwd")


def fail_after_writing(number):
    store.connection().execute("UPDATE notes SET title = 'Lost' WHERE id = ?", (number,))
    raise RuntimeError("after the write")


class MarkupTest(unittest.TestCase):
    def check(self, text, html):
        self.assertEqual(str(markup.render(text)), html)

    def test_inline(self):
        self.check("**a** *b* `c`", "<p><strong>a</strong> <em>b</em> <code>c</code></p>")

    def test_everything_else_is_escaped(self):
        self.check("<b onclick='x'>&", "<p>&lt;b onclick=&#x27;x&#x27;&gt;&amp;</p>")

    def test_links_only_to_the_web_and_to_this_notebook(self):
        self.check("[a](https://b.example/)", '<p><a href="https://b.example/" rel="noopener">a</a></p>')
        self.check("[a](javascript:alert(1))", "<p>[a](javascript:alert(1))</p>")
        self.check('[a](/"onclick=x)', '<p><a href="/&quot;onclick=x" rel="noopener">a</a></p>')

    def test_blocks(self):
        self.check("# A\n\n> b\n> c", "<h2>A</h2>\n<blockquote>b c</blockquote>")
        self.check("- a\n- b", "<ul><li>a</li><li>b</li></ul>")
        self.check("```\n<x>\n```", "\n<pre><code>&lt;x&gt;</code></pre>\n")

    def test_wiki_links(self):
        self.check(
            "[[welcome]] [[Nowhere]]",
            '<p><a href="/notes/1">welcome</a> <span class="missing">Nowhere</span></p>',
        )


class SecurityTest(unittest.TestCase):
    def test_passwords(self):
        stored = security.hash_password("x")
        self.assertTrue(security.matches("x", stored))
        self.assertFalse(security.matches("y", stored))


class BusyGateTest(unittest.TestCase):
    def test_place_is_given_back_on_close_and_after_an_error(self):
        gate = BusyGate(lambda environ, start_response: environ["blocks"], places=1)
        for _ in range(3):
            gate({"blocks": [b"x"]}, None).close()
            with self.assertRaises(KeyError):
                gate({}, None)
        self.assertTrue(gate.places.acquire(blocking=False))


def tearDownModule():
    store.close()
