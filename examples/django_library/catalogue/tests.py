"""The library under Django's own test client: `python manage.py test`."""

import io
import pathlib
import tempfile

from django.conf import settings
from django.contrib.auth.models import User
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import TestCase, override_settings
from lending.models import HistoryLine, Loan

from .models import Book, Copy, Suggestion


class LibraryTest(TestCase):
    @classmethod
    def setUpTestData(cls):
        call_command("seed_library", verbosity=0)

    def log_in(self, name="reader"):
        self.client.force_login(User.objects.get(username=name))

    def free_book(self):
        return next(book for book in Book.objects.all() if book.free_copies())

    def test_every_page_answers(self):
        book = Book.objects.get(title="Emma")
        pages = ["/", "/?q=dickens", "/?page=2", "/shelves/ghosts/", "/authors/", "/together/", "/suggest/"]
        pages += [book.get_absolute_url(), book.author.get_absolute_url(), "/accounts/login/"]
        pages += ["/books/%d/cover.svg" % book.pk, "/books/%d/elsewhere/" % book.pk]
        for page in pages:
            with self.subTest(page):
                self.assertEqual(self.client.get(page).status_code, 200)

    def test_unknown_page_is_404_with_the_librarys_own_words(self):
        self.assertContains(self.client.get("/nowhere/"), "not on our shelves", status_code=404)

    def test_borrow_renew_and_bring_back(self):
        self.log_in()
        book = self.free_book()
        self.assertContains(self.client.post("/books/%d/borrow/" % book.pk, follow=True), "Enjoy!")
        loan = Loan.objects.get(copy__book=book, returned=None, reader__username="reader")
        self.assertEqual(loan.changed_by, "reader")
        self.client.post("/loans/%d/renew/" % loan.pk)
        self.client.post("/loans/%d/return/" % loan.pk)
        texts = list(HistoryLine.objects.filter(loan=loan).order_by("pk").values_list("text", flat=True))
        self.assertEqual(texts, ["borrowed by reader", "renewed by reader", "returned by reader"])

    def test_borrowing_asks_for_a_login(self):
        self.assertRedirects(
            self.client.post("/books/1/borrow/"),
            "/accounts/login/?next=/books/1/borrow/",
            fetch_redirect_response=False,
        )

    def test_reading_list_is_a_download(self):
        self.log_in()
        response = self.client.get("/my/reading-list.txt")
        self.assertIn("attachment", response["Content-Disposition"])
        self.assertIn(b"(", b"".join(response.streaming_content))

    def test_catalogue_streams_every_book(self):
        text = b"".join(self.client.get("/catalogue.csv").streaming_content).decode()
        self.assertEqual(text.count("\r\n"), Book.objects.count() + 1)

    def test_async_view_counts(self):
        self.assertEqual(self.client.get("/today.json").json()["books"], Book.objects.count())

    def test_cover_is_revalidated(self):
        first = self.client.get("/books/1/cover.svg")
        self.assertEqual(
            self.client.get("/books/1/cover.svg", HTTP_IF_NONE_MATCH=first["ETag"]).status_code, 304
        )

    def test_suggestion_with_picture(self):
        with tempfile.TemporaryDirectory() as folder, override_settings(MEDIA_ROOT=folder):
            upload = SimpleUploadedFile("cover.png", b"not really a picture")
            form = {"title": "More bridges", "reason": "Because.", "picture": upload}
            self.assertRedirects(self.client.post("/suggest/", form), "/suggest/")
            stored = pathlib.Path(folder, Suggestion.objects.get().picture.name)
            self.assertEqual(stored.read_bytes(), b"not really a picture")

    def test_suggestion_refuses_other_files(self):
        form = {"title": "X", "reason": "Y", "picture": SimpleUploadedFile("run.html", b"<script>")}
        self.assertContains(self.client.post("/suggest/", form), "A picture is one of")

    def test_stocktake_is_for_staff_and_counts_barcodes(self):
        barcodes = "\n".join([*Copy.objects.values_list("barcode", flat=True)[:3], "RLxxxxxx"])
        self.assertEqual(self.client.put("/staff/stocktake/", barcodes).status_code, 302)
        self.log_in("librarian")
        answer = self.client.put("/staff/stocktake/", barcodes, content_type="text/plain").json()
        self.assertEqual(answer, {"seen": 3, "unknown": ["RLxxxxxx"]})

    def test_admin_lists_books(self):
        self.log_in("librarian")
        self.assertContains(self.client.get("/admin/catalogue/book/"), "Middlemarch")

    def test_closed_for_inventory(self):
        settings.CLOSED_FLAG.write_text("Back on Monday.")
        try:
            self.assertContains(self.client.get("/"), "Back on Monday.", status_code=503)
        finally:
            settings.CLOSED_FLAG.unlink()

    def test_overdue_notices_reach_late_readers(self):
        call_command("send_overdue_notices", stdout=io.StringIO())
        self.assertEqual(len(mail.outbox), len([loan for loan in Loan.objects.all() if loan.is_late]))
        self.assertTrue(mail.outbox)
